"""Signatures agree with the reference package, and nothing else passes."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from standardwebhooks import Webhook

from console.errors import Refusal
from console.providers.signing import (
    ForgedSignature,
    StaleSignature,
    Unsigned,
    verify,
)
from tests.orders.conftest import SECRET

NOW = datetime.now(UTC)
OTHER = "whsec_" + base64.b64encode(b"another secret of 24 byte").decode()


def _signed(body: str, secret: str = SECRET, at: datetime = NOW) -> dict[str, str]:
    stamp = at.replace(tzinfo=None)
    return {
        "webhook-id": "evt-1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt-1", stamp, body),
    }


@given(body=some.text(max_size=300))
def test_what_the_reference_package_signs_is_accepted(body: str) -> None:
    assert (
        verify(_signed(body), body.encode(), secrets=[OTHER, SECRET], now=NOW)
        == "evt-1"
    )


def test_a_secret_in_plain_text_signs_with_its_bytes() -> None:
    headers = _signed("x", "whsec_" + base64.b64encode(b"plain words").decode())
    assert verify(headers, b"x", secrets=["plain words"], now=NOW) == "evt-1"


def test_one_of_several_signatures_is_enough() -> None:
    headers = _signed("x")
    headers["webhook-signature"] = f"v1a,zzz v1,AAAA {headers['webhook-signature']}"
    assert verify(headers, b"x", secrets=[SECRET], now=NOW) == "evt-1"


@pytest.mark.parametrize(
    "change,error",
    [
        ({"webhook-id": "evt-2"}, ForgedSignature),
        ({"webhook-signature": "v1,AAAA"}, ForgedSignature),
        ({"webhook-signature": "v1,not base64!"}, ForgedSignature),
        ({"webhook-signature": "v2,AAAA"}, ForgedSignature),
        ({"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, ForgedSignature),
        ({"webhook-timestamp": "soon"}, Unsigned),
        ({"webhook-timestamp": "٣"}, Unsigned),
        ({"webhook-timestamp": ""}, Unsigned),
        ({"webhook-id": ""}, Unsigned),
        ({"webhook-signature": ""}, Unsigned),
    ],
)
def test_a_changed_header_is_refused(
    change: dict[str, str], error: type[Refusal]
) -> None:
    with pytest.raises(error):
        verify(_signed("x") | change, b"x", secrets=[SECRET], now=NOW)


def test_a_changed_body_or_another_secret_is_refused() -> None:
    for body, secrets in ((b"y", [SECRET]), (b"x", [OTHER]), (b"x", [])):
        with pytest.raises(ForgedSignature):
            verify(_signed("x"), body, secrets=secrets, now=NOW)


@pytest.mark.parametrize(
    "minutes,good", [(-5, True), (5, True), (-6, False), (6, False)]
)
def test_five_minutes_either_way(minutes: int, good: bool) -> None:
    headers = _signed("x", at=NOW + timedelta(minutes=minutes))
    now = NOW.replace(microsecond=0)
    if good:
        assert verify(headers, b"x", secrets=[SECRET], now=now)
    else:
        with pytest.raises(StaleSignature):
            verify(headers, b"x", secrets=[SECRET], now=now)
