"""How the Stock tab says what it foretells."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf

import pytest

from console.shell import formats
from console.stock.rules.pace import Eta
from console.stock.templatetags.stock import instant, sells_out


@pytest.mark.parametrize(
    ("eta", "told"),
    [
        (Eta(8.0, 9.0, 11.0), "~9 min 8 min to 11 min"),
        (Eta(0.0104, 0.0132, 0.05), "~1 s 1 s to 3 s"),
        (Eta(0.001, 0.001, 0.001), "~1 s"),
        (Eta(1.0, 2.0, inf), "~2 min 1 min to no end"),
    ],
)
def test_when_the_rest_is_gone_is_told_with_its_interval(eta: Eta, told: str) -> None:
    plain = sells_out(eta).replace('<small class="faint">', "").replace("</small>", "")
    assert plain == told


def test_what_nobody_can_foretell_is_unknown() -> None:
    assert sells_out(None) == formats.UNKNOWN
    assert sells_out(Eta(0.0, None, inf)) == formats.UNKNOWN


def test_an_instant_is_told_to_the_second() -> None:
    at = datetime(2024, 11, 28, 20, 17, 5, tzinfo=UTC)
    told = "Thu 28 Nov 2024, 21:17:05"
    assert instant(at) == (f'<time datetime="2024-11-28T21:17:05+01:00">{told}</time>')
