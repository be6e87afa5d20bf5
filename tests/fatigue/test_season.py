"""Quiet periods and occasions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from console.fatigue.rules import (
    FREE,
    BadPolicy,
    Judge,
    Limits,
    Panel,
    Quiet,
    Rule,
    Sale,
    Verdict,
    check_limits,
)

HOUR = timedelta(hours=1)
TOTENSONNTAG = Quiet("Totensonntag", date(2026, 11, 22), date(2026, 11, 22))
MIDNIGHT = datetime(2026, 11, 21, 23, tzinfo=UTC)
"""When 22 November begins in Berlin."""


def judged(limits: Limits, at: datetime, hours: float = 2, **said: str) -> Verdict:
    sale = Sale("NEW", "New", at, at + hours * HOUR, 0.3, **said)  # type: ignore[arg-type]
    return Panel([Judge(limits, [], sale)]).verdict(at)


@pytest.mark.parametrize(
    ("at", "hours", "blocked"),
    [
        (MIDNIGHT - 2 * HOUR, 2, False),
        (MIDNIGHT - 2 * HOUR, 2.1, True),
        (MIDNIGHT + 23 * HOUR, 2, True),
        (MIDNIGHT + 24 * HOUR, 2, False),
    ],
)
def test_no_sale_runs_on_a_quiet_day_not_even_for_a_minute(
    at: datetime, hours: float, blocked: bool
) -> None:
    found = judged(replace(FREE, quiet=(TOTENSONNTAG,)), at, hours)
    assert found.blocked is blocked
    if blocked:
        assert found.earliest == MIDNIGHT + 24 * HOUR
        assert found.reasons[0].text == (
            "Totensonntag is a quiet period: no sale may run on Sun 22 Nov 2026"
        )


def test_quiet_periods_that_meet_are_passed_over_together() -> None:
    days = (
        Quiet("Christmas", date(2026, 12, 24), date(2026, 12, 26)),
        Quiet("Between the years", date(2026, 12, 27), date(2026, 12, 31)),
    )
    found = judged(replace(FREE, quiet=days), datetime(2026, 12, 24, 9, tzinfo=UTC))
    assert found.earliest == datetime(2026, 12, 31, 23, tzinfo=UTC)


def test_a_quiet_day_over_a_change_of_clocks_lasts_until_midnight() -> None:
    easter = Quiet("Easter", date(2027, 3, 28), date(2027, 3, 28))
    found = judged(replace(FREE, quiet=(easter,)), datetime(2027, 3, 28, 9, tzinfo=UTC))
    assert found.earliest == datetime(2027, 3, 28, 22, tzinfo=UTC)


def test_a_sale_needs_an_occasion_and_no_date_helps() -> None:
    limits = replace(FREE, occasion_required=True)
    without = judged(limits, MIDNIGHT)
    assert (without.blocked, without.earliest) == (True, None)
    assert without.reasons[0].rule is Rule.OCCASION
    assert not judged(limits, MIDNIGHT, occasion="Black Friday").blocked


@pytest.mark.parametrize(
    ("quiet", "said"),
    [
        (replace(TOTENSONNTAG, last=date(2026, 11, 21)), "ends before it begins"),
        (replace(TOTENSONNTAG, name=" "), "a name"),
    ],
)
def test_a_quiet_period_that_cannot_be_is_refused(quiet: Quiet, said: str) -> None:
    with pytest.raises(BadPolicy, match=said) as refused:
        check_limits(replace(FREE, quiet=(quiet,)))
    assert refused.value.field == "quiet"


def test_a_quiet_period_is_told_and_read_back() -> None:
    assert Quiet.read(TOTENSONNTAG.told()) == TOTENSONNTAG
