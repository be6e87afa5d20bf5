"""The entrance of feeds: signed, bounded, each movement answered, never a 500."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import strategies as some

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Feed, FeedMovement
from tests.examples import examples
from tests.make import NOW
from tests.stock.feedkit import SECRET, feed, headers, line, mugs, on_hand, post

pytestmark = pytest.mark.django_db
ROOT = Path(settings.BASE_DIR)


@pytest.fixture
def till() -> Feed:
    mugs(100)
    return feed()


def test_each_movement_is_answered_on_its_own(till: Feed) -> None:
    first = line("a", "sold", 2)
    sent = [
        first,
        first,
        line("b", "sold", 0),
        line("c", "sold", 1, sku="NONE"),
        "nonsense",
        line("d", "counted", 50, at=(timezone.now() - timedelta(days=40)).isoformat()),
        line("e", "stolen", 1),
    ]
    reply = post({"movements": sent, "watermark": timezone.now().isoformat()})
    assert reply.status_code == 200
    told = [(one["result"], one["code"]) for one in reply.json()["movements"]]
    assert told == [
        ("accepted", ""),
        ("duplicate", ""),
        ("refused", "bad_movement"),
        ("refused", "unknown_sku"),
        ("refused", "bad_movement"),
        ("refused", "bad_time"),
        ("refused", "bad_movement"),
    ]
    assert all(one["message"] for one in reply.json()["movements"][2:])
    assert on_hand() == 98
    till.refresh_from_db()
    assert (till.watermark, till.unkept) == (None, 4)
    post({"watermark": timezone.now().isoformat()})
    till.refresh_from_db()
    assert till.watermark is not None


@pytest.mark.parametrize("kind,units,least", [
    ("sold", 0, 1), ("sold", -1, 1), ("sold", 1_000_001, 1), ("returned", "2", 1),
    ("counted", -1, 0),
])  # fmt: skip
@pytest.mark.usefixtures("till")
def test_units_out_of_range_are_told_the_range_of_their_kind(
    kind: str, units: Any, least: int
) -> None:
    sent = line("a", "sold", 1) | {"kind": kind, "units": units}
    (answer,) = post({"movements": [sent]}).json()["movements"]
    said = f"units must be a whole number, {least} to 1,000,000, for {kind}."
    assert answer["message"] == said


BAD: list[tuple[Any, int, str]] = [
    (b"", 422, "bad_feed"),
    (b"{", 422, "bad_feed"),
    (b"[]", 422, "bad_feed"),
    (b"\xff\xfe", 422, "bad_feed"),
    (b"[" * 100_000, 422, "bad_feed"),
    ({}, 422, "bad_feed"),
    ({"movements": "many"}, 422, "bad_feed"),
    ({"watermark": "yesterday"}, 422, "bad_feed"),
    ({"watermark": "2026-11-27T19:00:00"}, 422, "bad_feed"),
    ({"watermark": "2100-01-01T00:00:00Z"}, 422, "bad_time"),
    ({"watermark": "9999-12-31T23:59:59-14:00"}, 422, "bad_time"),
    ({"watermark": "0001-01-01T00:00:00+14:00"}, 422, "bad_time"),
    ({"watermark": "2001-01-01T00:00:00Z"}, 422, "bad_time"),
    ({"movements": [{}] * 1_001}, 422, "too_many_movements"),
    (b" " * (512 * 1024 + 1), 413, "body_too_large"),
]


@pytest.mark.parametrize("body,status,code", BAD)
def test_a_message_that_cannot_be_is_refused_in_words(
    till: Feed, body: Any, status: int, code: str
) -> None:
    reply = post(body)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert reply.json()["message"]
    assert not FeedMovement.objects.exists()


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_an_instant_no_calendar_has_is_refused_and_breaks_no_page(
    till: Feed, at: str
) -> None:
    post({"watermark": at})
    reply = post({"movements": [line("a", "sold", 1, at=at)]})
    (told,) = reply.json()["movements"]
    assert (told["result"], told["code"]) == ("refused", "bad_time")
    (one,) = queries.feeds(now=timezone.now())
    assert one.feed.watermark is None


VALUES = some.one_of(
    some.none(), some.booleans(), some.integers(), some.floats(), some.text(max_size=9),
    some.sampled_from(["\x00", "é", "9" * 200, "2026-11-27T19:00:00Z", -1, 2**40,
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]),
)  # fmt: skip


@examples(80, [HealthCheck.function_scoped_fixture])
@given(
    name=some.sampled_from(["id", "kind", "sku", "location", "units", "at"]),
    value=VALUES,
)
def test_no_value_of_a_movement_breaks_it(till: Feed, name: str, value: Any) -> None:
    sent = line("a", "sold", 1) | {"id": f"x{FeedMovement.objects.count()}"}
    reply = post({"movements": [sent | {name: value}]})
    assert reply.status_code == 200
    (told,) = reply.json()["movements"]
    assert told["result"] in {"accepted", "duplicate", "refused"}


def test_forged_stale_and_unsigned_are_refused(till: Feed) -> None:
    body = json.dumps({"movements": [line("a", "sold", 1)]}).encode()
    late = timezone.now() - timedelta(minutes=6)
    for signed, code in (
        (headers(body, secret="another secret"), "forged_signature"),
        (headers(body + b" "), "forged_signature"),
        (headers(body, at=late), "stale_signature"),
        ({}, "unsigned"),
    ):
        reply = Client().post(
            "/api/stock/feeds/till/", body, content_type="application/json",
            headers=signed,
        )  # fmt: skip
        assert (reply.status_code, reply.json()["code"]) == (401, code)
    assert not FeedMovement.objects.exists()


def test_a_feed_nobody_knows_or_that_is_off_is_not_believed(till: Feed) -> None:
    forged = post({"movements": []}, name="other")
    assert (forged.status_code, forged.json()["code"]) == (401, "forged_signature")
    off = stock.FeedTerms(till.kind, active=False)
    stock.change_feed("till", off, actor=None, now=NOW)
    reply = post({"movements": [line("a", "sold", 1)]})
    assert (reply.status_code, reply.json()["code"]) == (404, "unknown_feed")
    assert reply.json()["field"] == "name"
    for name in ("till", "other"):
        unsigned = Client().post(f"/api/stock/feeds/{name}/", "{}", "application/json")
        assert (unsigned.status_code, unsigned.json()["code"]) == (401, "unsigned")
    assert Client().get("/api/stock/feeds/till/").status_code == 405


def test_both_secrets_hold_while_one_is_changed(till: Feed) -> None:
    new = "another-secret-that-is-long-enough"
    both = stock.FeedTerms(till.kind, secret=f"{new} {SECRET}")
    stock.change_feed("till", both, actor=None, now=NOW)
    for number, secret in enumerate(both.secret.split()):
        sent = {"movements": [line(f"a{number}", "sold", 1)]}
        assert post(sent, secret=secret).status_code == 200
    assert post({"movements": []}, secret="no").status_code == 401


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language,command", [("sh", "bash"), ("python", "python3")])
def test_the_examples_of_the_documentation_send_a_movement(
    live_server: Any, tmp_path: Path, language: str, command: str
) -> None:
    """Run as written, by another process over HTTP."""
    mugs(100)
    feed("till-berlin")
    page = (ROOT / "docs/feeds.md").read_text()
    found = re.search(rf"```{language}\n(.*?)```", page, re.DOTALL)
    assert found
    env = {
        "URL": live_server.url,
        "SECRET": SECRET,
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    done = subprocess.run(
        [command, "-c", found[1]], env=env, cwd=tmp_path, capture_output=True, text=True
    )
    assert '"result": "accepted"' in done.stdout, done.stderr + done.stdout
    assert on_hand() == 98
