"""The score, the caps and the search, on worked examples."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from console.fatigue import rules
from console.fatigue.rules import (
    BadPolicy,
    Counts,
    Enforcement,
    Level,
    Limits,
    Reason,
    Rule,
    Sale,
    Tone,
)

DAY = timedelta(days=1)
T = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
FREE = Limits(min_gap_days=0, max_sales=0, min_depth_percent=0)


def sale(
    at: datetime = T,
    *,
    hours: float = 24,
    depth: float = 0.30,
    code: str = "",
    reach: float = 1,
) -> Sale:
    code = code or f"FS-{at:%m%d%H%M}"
    closes = at + timedelta(hours=hours)
    return Sale(code, f"Sale {code}", at, closes, depth, reach)


@pytest.mark.parametrize(
    "depth,hours,points",
    [(0.30, 24, 40), (0.50, 4, 27.217), (0.20, 48, 37.712), (0.70, 24, 93.333)],
)
def test_load_has_the_golden_values(depth: float, hours: float, points: float) -> None:
    assert rules.load(depth, hours) == pytest.approx(points, abs=5e-4)


@pytest.mark.parametrize(
    "gap,points", [(7, 71.75), (14, 65.20), (21, 60.00), (28, 55.87), (42, 50.00)]
)
def test_score_after_two_sales(gap: int, points: float) -> None:
    sales = [sale(T), sale(T + gap * DAY)]
    assert rules.score(sales, T + (gap + 1) * DAY) == pytest.approx(points, abs=5e-3)


@pytest.mark.parametrize(
    "gap,points", [(7, 193.89), (14, 108.10), (21, 80.00), (28, 66.32), (42, 53.33)]
)
def test_score_settles_where_sales_repeat(gap: int, points: float) -> None:
    sales = [sale(T + n * gap * DAY) for n in range(100)]
    end = sales[-1].closes_at
    assert rules.score(sales, end) == pytest.approx(points, abs=5e-3)


def test_spaced_wider_than_33_days_it_stays_below_amber_for_ever() -> None:
    gap = 21 * math.log2(3)
    assert gap == pytest.approx(33.3, abs=0.05)
    for gap_days, stays in ((gap + 0.1, True), (gap - 0.1, False)):
        sales = [sale(T + n * gap_days * DAY) for n in range(100)]
        assert (rules.score(sales, sales[-1].closes_at) < 60) is stays


@pytest.mark.parametrize("red,days", [(60, 21.0), (75, 4.046), (100, 0)])
def test_earliest_has_the_golden_values(red: int, days: float) -> None:
    first = sale(T)
    limits = Limits(red=red, amber=50, min_gap_days=0, max_sales=0, min_depth_percent=0)
    asked = sale(first.closes_at, code="NEW")
    found = rules.verdict(limits, [first], asked).earliest
    assert found is not None
    assert (found - first.closes_at) / DAY == pytest.approx(days, abs=1e-3)


def test_earliest_is_none_where_the_load_alone_is_too_high() -> None:
    verdict = rules.verdict(FREE, [], sale(depth=0.90))
    assert verdict.blocked
    assert verdict.earliest is None


def test_a_sale_counts_in_full_while_it_runs_and_not_before() -> None:
    running = sale(T, hours=48, depth=0.20)
    assert rules.score([running], T - timedelta(seconds=1)) == 0
    assert rules.score([running], T) == pytest.approx(37.712, abs=5e-4)
    assert rules.score([running], T + 2 * DAY) == pytest.approx(37.712, abs=5e-4)


def test_gap_in_calendar_days_passes_at_midnight_of_the_zone() -> None:
    limits = Limits(min_gap_days=14, max_sales=0)
    last = sale(datetime(2026, 11, 4, 19, tzinfo=UTC), hours=2)
    asked = sale(datetime(2026, 11, 10, 9, tzinfo=UTC), hours=2, code="NEW")
    verdict = rules.verdict(limits, [last], asked)
    assert verdict.earliest == datetime(2026, 11, 17, 23, tzinfo=UTC)
    (gap,) = [r for r in verdict.reasons if r.rule is Rule.MIN_GAP]
    assert (gap.tone, gap.cause, gap.value, gap.limit) == (
        Tone.BLOCK,
        last.code,
        "6 d",
        "14 d",
    )
    assert "calendar days in Europe/Berlin" in gap.text


def test_gap_in_rolling_hours_passes_to_the_second() -> None:
    limits = Limits(min_gap_days=14, gap_counts=Counts.ROLLING, max_sales=0)
    last = sale(T, hours=2)
    edge = last.closes_at + 14 * DAY
    judge = rules.Judge(limits, [last], sale(T + DAY, hours=2, code="NEW"))
    assert judge.passes(edge)
    assert not judge.passes(edge - timedelta(seconds=1))


def test_gap_holds_before_a_planned_sale_too() -> None:
    limits = Limits(min_gap_days=14, gap_counts=Counts.ROLLING, max_sales=0)
    planned = sale(T + 20 * DAY)
    asked = sale(T, hours=2, code="NEW")
    judge = rules.Judge(limits, [planned], asked)
    edge = planned.opens_at - 14 * DAY - timedelta(hours=2)
    assert judge.passes(edge)
    assert not judge.passes(edge + timedelta(seconds=1))
    assert rules.Panel([judge]).earliest(edge + DAY) == planned.closes_at + 14 * DAY


def test_a_sale_that_closes_at_midnight_counts_for_the_day_that_ends() -> None:
    limits = Limits(min_gap_days=1, max_sales=0)
    midnight = datetime(2026, 11, 4, 23, tzinfo=UTC)
    last = sale(midnight - timedelta(hours=4), hours=4)
    assert not rules.verdict(limits, [last], sale(midnight, code="NEW")).blocked


@pytest.mark.parametrize("counts", Counts)
def test_window_counts_openings_half_open(counts: Counts) -> None:
    limits = Limits(min_gap_days=0, max_sales=2, window_days=30, window_counts=counts)
    others = [sale(T, hours=1), sale(T + 10 * DAY, hours=1)]
    judge = rules.Judge(limits, others, sale(T + 11 * DAY, hours=1, code="NEW"))
    edge = T + 30 * DAY
    if counts is Counts.CALENDAR:
        edge = datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert judge.passes(edge)
    assert not judge.passes(edge - timedelta(seconds=1))
    assert rules.Panel([judge]).earliest(T + 11 * DAY) == edge


def test_window_reason_counts_x_of_y() -> None:
    limits = Limits(min_gap_days=0, max_sales=2, window_days=30)
    others = [sale(T, hours=1), sale(T + 10 * DAY, hours=1)]
    asked = sale(T + 11 * DAY, hours=1, code="NEW")
    reasons = rules.verdict(limits, others, asked).reasons
    (window,) = [r for r in reasons if r.rule is Rule.MAX_SALES]
    assert window.text.startswith(
        "3 sales in 30 days (calendar days in Europe/Berlin; at most 2), with "
    )
    assert (window.value, window.limit, window.tone) == ("3", "2", Tone.BLOCK)
    assert set(window.causes) == {other.code for other in others}


def test_a_later_sale_must_still_fit() -> None:
    planned = sale(T + 10 * DAY, depth=0.70, code="BF")
    asked = sale(T, code="NEW")
    limits = Limits(min_gap_days=0, max_sales=0)
    verdict = rules.verdict(limits, [planned], asked)
    (later,) = [r for r in verdict.reasons if r.rule is Rule.LATER_SALE]
    assert later.cause == "BF"
    assert verdict.earliest is not None
    assert verdict.earliest > planned.opens_at


def test_min_depth_names_no_date() -> None:
    verdict = rules.verdict(Limits(), [], sale(depth=0.19))
    assert [r.rule for r in verdict.reasons if not r.ok] == [Rule.MIN_DEPTH]
    assert verdict.earliest is None
    assert not rules.verdict(Limits(), [], sale(depth=0.20)).blocked


def test_the_sale_itself_is_not_its_own_rival() -> None:
    moved = sale(T, code="FS-1")
    assert not rules.verdict(Limits(), [sale(T + DAY, code="FS-1")], moved).blocked


def test_levels_and_the_hint_follow_the_score() -> None:
    limits = Limits(min_gap_days=0, max_sales=0)
    fresh = rules.verdict(limits, [], sale(code="NEW"))
    assert (fresh.level, fresh.hint, fresh.tone) == (Level.FRESH, "", Tone.OK)
    busy = rules.verdict(limits, [sale(T - 2 * DAY)], sale(code="NEW"))
    assert (busy.level, busy.tone) == (Level.ON_TARGET, Tone.WARN)
    assert busy.hint == rules.HINT
    tired = [sale(T - 2 * DAY), sale(T - 4 * DAY)]
    full = rules.verdict(limits, tired, sale(code="NEW"))
    assert (full.level, full.hint) == (Level.SATURATED, rules.HINT)
    assert full.blocked and full.overridable


def test_warn_only_never_blocks_but_still_names_the_date() -> None:
    limits = Limits(min_gap_days=14, enforcement=Enforcement.WARN)
    verdict = rules.verdict(limits, [sale(T)], sale(T + 3 * DAY, code="NEW"))
    assert not verdict.blocked
    assert verdict.tone is Tone.WARN
    assert verdict.earliest is not None
    assert verdict.earliest > T + 3 * DAY


def test_heat_shows_the_peak_of_each_day() -> None:
    scores = rules.heat(Limits(), [sale(T)], date(2026, 11, 1), 5)
    assert scores[0] == 0
    assert scores[1] == scores[2] == 40
    assert 38 < scores[3] < 40
    found = rules.buckets(Limits(), np.array([0.0, 39, 60, 100, 180]))
    assert found.tolist() == [0, 1, 2, 4, 4]
    assert rules.buckets(Limits(red=0), np.array([39.0])).tolist() == [0]


@pytest.mark.parametrize(
    "wrong,field",
    [
        ({"half_life_days": Decimal(0)}, "half_life_days"),
        ({"amber": 101}, "amber"),
        ({"min_gap_days": -1}, "min_gap_days"),
        ({"window_days": 0}, "window_days"),
        ({"min_depth_percent": 100}, "min_depth_percent"),
        ({"zone": "Europe/Atlantis"}, "zone"),
    ],
)
def test_check_limits_names_the_field(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(BadPolicy) as refused:
        rules.check_limits(Limits(**wrong))  # type: ignore[arg-type]
    assert refused.value.field == field


NOTHING = {"red": 0, "amber": 0, "min_gap_days": 0, "max_sales": 0}


@pytest.mark.parametrize(
    "limit",
    ["red", "min_gap_days", "max_sales", "max_share_percent", "max_messages",
     "email_gap_h", "push_gap_h"],
)  # fmt: skip
def test_one_limit_on_other_sales_is_enough_to_look_at_them(limit: str) -> None:
    assert not Limits(**NOTHING, occasion_required=True).compares
    assert Limits(**(NOTHING | {limit: 1})).compares


@pytest.mark.parametrize("rule", Rule)
def test_a_limit_is_the_least_or_the_most_that_passes(rule: Rule) -> None:
    least = {Rule.MIN_GAP, Rule.MIN_DEPTH, Rule.OCCASION, Rule.MESSAGE_GAP}
    assert Reason(rule, Tone.OK, "", "3", "5").least is (rule in least)
