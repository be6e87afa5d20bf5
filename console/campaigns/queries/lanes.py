"""One lane of the calendar: an audience, its sales, their rests and its score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from console.campaigns.models import Campaign
from console.campaigns.queries.readiness.fatigue import ASSUMED_DEPTH
from console.campaigns.queries.spans import Span
from console.campaigns.rules import OVER, State, zone_of
from console.fatigue import rules as fatigue
from console.fatigue.models import Audience, Policy
from console.fatigue.rules import Limits, Sale
from console.shell.states import Look, look

PROBE = timedelta(hours=2)
"""Length of the usual sale for which the next free date is told."""
LABEL = {"month": 6, "quarter": 18}
"""Columns a name needs to be readable."""


@dataclass(frozen=True)
class Bar:
    """One sale on a lane. rest: days its audience rests; cut: it goes on past the end.

    gap: columns its name may take; flip: to the left of it.
    """

    code: str
    name: str
    state: str
    when: str
    column: int
    rest: int
    cut: bool
    over: bool
    blocked: bool
    gap: int = 0
    flip: bool = False

    @property
    def look(self) -> Look:
        """How its state is drawn."""
        return look(self.state)


@dataclass(frozen=True)
class Heat:
    """The score of one day, or the highest of one week. bucket: 0 to 4."""

    on: date
    score: int
    bucket: int
    span: int


@dataclass(frozen=True)
class Lane:
    """An audience. score: today; free_from: when the usual sale would pass."""

    audience: Audience
    events: Sequence[Bar]
    heat: Sequence[Heat]
    score: int
    free_from: datetime | None


def lane(
    span: Span,
    audience: Audience,
    policy: Policy | None,
    sales: Sequence[Sale],
    campaigns: Sequence[Campaign],
    now: datetime,
) -> Lane:
    """The lane of one audience; without a policy it has no scores."""
    limits = policy.limits() if policy else Limits(zone=span.zone)
    bars = [_bar(span, one, limits, sales, now) for one in campaigns]
    inside = [bar for bar in bars if bar.column + bar.rest > 0]
    probe = Sale("", "", now, now + PROBE, ASSUMED_DEPTH)
    return Lane(
        audience=audience,
        events=_spaced(span, inside),
        heat=_heat(span, limits, sales),
        score=round(fatigue.score(sales, now, limits.half_life_days)),
        free_from=fatigue.verdict(limits, sales, probe).earliest,
    )


def _bar(
    span: Span, one: Campaign, limits: Limits, sales: Sequence[Sale], now: datetime
) -> Bar:
    assert one.opens_at and one.closes_at
    opens = one.opens_at.astimezone(zone_of(span.zone))
    closes = one.closes_at.astimezone(zone_of(span.zone))
    column = span.column(opens.date())
    ends = span.column(closes.date())
    room = span.days - max(ends, 0)
    wanted = (ends - column) + limits.min_gap_days
    rest = max(0, min(wanted, span.days - column))
    blocked = _blocked(one, limits, sales, now)
    return Bar(
        code=one.code,
        name=one.name,
        state="blocked" if blocked else one.state,
        when=f"{opens:%H:%M}–{closes:%H:%M}",
        column=column,
        rest=0 if one.state == State.ABORTED else rest,
        cut=limits.min_gap_days > room,
        over=one.state in OVER,
        blocked=blocked,
    )


def _blocked(
    one: Campaign, limits: Limits, sales: Sequence[Sale], now: datetime
) -> bool:
    """True for a plan to come that the policy stops."""
    assert one.opens_at and one.closes_at
    if one.state not in (State.DRAFT, State.IN_REVIEW) or one.opens_at <= now:
        return False
    depth: Decimal | None = getattr(one, "depth", None)
    sale = Sale(
        one.code,
        one.name,
        one.opens_at,
        one.closes_at,
        ASSUMED_DEPTH if depth is None else depth,
        one.reach,
    )
    return fatigue.verdict(limits, sales, sale).blocked


def _spaced(span: Span, bars: Sequence[Bar]) -> list[Bar]:
    """Bars that fit, each with its name on the side that has room for it.

    From left to right; a name to the left may not touch the one before.
    """
    shown = [bar for bar in bars if 0 < bar.column <= span.days]
    edges = [*(bar.column for bar in shown), span.days + 1]
    placed, taken, least = [], 0, LABEL[span.kind]
    for bar, following in zip(shown, edges[1:], strict=True):
        right, left = following - bar.column, bar.column - taken
        flip = right < least and left > right
        placed.append(replace(bar, gap=left if flip else right, flip=flip))
        taken = bar.column + (0 if flip else min(right, least))
    return placed


def _heat(span: Span, limits: Limits, sales: Sequence[Sale]) -> list[Heat]:
    scores = fatigue.heat(limits, sales, span.first, span.days)
    step = 1 if span.kind == "month" else 7
    return [
        Heat(
            on=span.first + timedelta(days=n),
            score=round(top),
            bucket=fatigue.bucket(limits, top),
            span=step,
        )
        for n in range(0, span.days, step)
        for top in [max(scores[n : n + step])]
    ]
