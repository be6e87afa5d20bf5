"""One lane of the calendar: a scope, its sales, their rests and its score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from math import ceil
from typing import NamedTuple

import numpy as np

from console.campaigns.queries.drawn import Drawn
from console.campaigns.queries.footprints import ASSUMED_DEPTH, Touch
from console.campaigns.queries.spans import Span
from console.campaigns.rules import OVER, State, zone_of
from console.fatigue import rules as fatigue
from console.fatigue.models import Policy
from console.fatigue.rules import (
    Book,
    Curve,
    Judge,
    Limits,
    Panel,
    Sale,
    Scope,
    Strain,
    strained,
)
from console.shell.states import Look, look

PROBE = timedelta(hours=2)
"""Length of the usual sale for which the next free date is told."""
LABEL = {"month": 6, "quarter": 18, "year": 74}
"""Columns that every name is given, where there is room, for the state below it."""
LEAST = {"month": 2, "quarter": 8, "year": 30}
"""Columns that show four letters of a name; with fewer none are drawn."""
LETTER = {"month": 0.23, "quarter": 0.63, "year": 2.5}
"""Columns a letter takes; the edges of a name take five, and inside a bar its icon and
edges six."""
STATED = 17
"""Letters of the line below a name, when it runs and its state."""


class Bar(NamedTuple):
    """One sale on a lane, as many columns wide as it touches days.

    rest: columns from its first day to the end of its rest; cut: it goes on past the
    end. gap: columns its name may take; flip: to the left of it. movable: a draft.
    named: its name has room. inside: it has it in the bar itself, in whole.
    """

    code: str
    name: str
    state: str
    when: str
    column: int
    days: int
    rest: int
    cut: bool
    over: bool
    blocked: bool
    movable: bool
    gap: int = 0
    flip: bool = False
    named: bool = True
    inside: bool = False

    @property
    def look(self) -> Look:
        """How its state is drawn."""
        return look(self.state)


class Heat(NamedTuple):
    """The score of one day, or the highest of one week. bucket: 0 to 4."""

    on: date
    score: int
    bucket: int
    span: int


@dataclass(frozen=True)
class Lane:
    """A scope. score: today; free_from: when the usual sale would pass.

    scored: its policy keeps a score. size: people, of an audience.
    """

    scope: Scope
    title: str
    events: Sequence[Bar]
    heat: Sequence[Heat]
    score: int
    scored: bool
    free_from: datetime | None

    @property
    def key(self) -> str:
        """How the page names it."""
        return str(self.scope)


@dataclass(frozen=True)
class Past:
    """What a lane is drawn from: its policy, its counted sales, its campaigns."""

    policy: Policy | None
    book: Book
    campaigns: Sequence[Drawn]
    touched: Mapping[int, Touch]
    strain: Strain | None = None


def lane(span: Span, scope: Scope, title: str, past: Past, now: datetime) -> Lane:
    """The lane of one scope; without a policy it has no scores."""
    none = replace(fatigue.FREE, zone=span.zone)
    limits = past.policy.limits() if past.policy else none
    shown = [one for one in past.campaigns if span.has(span.local(one.opens_at))]
    bars = [_bar(span, scope, one, limits, past, now) for one in shown]
    probe = Sale("", "", now, now + PROBE, ASSUMED_DEPTH, occasion="any")
    curve = fatigue.curve_of(limits, past.book)
    scores = fatigue.heat(limits, curve, span.today, 1)
    return Lane(
        scope=scope,
        title=title,
        events=_spaced(span, bars),
        heat=_heat(span, limits, curve),
        score=round(scores[0]),
        scored=bool(limits.red),
        free_from=Panel([Judge(limits, past.book, probe)]).earliest(now),
    )


def _bar(
    span: Span,
    scope: Scope,
    one: Drawn,
    limits: Limits,
    past: Past,
    now: datetime,
) -> Bar:
    opens = one.opens_at.astimezone(zone_of(span.zone))
    closes = one.closes_at.astimezone(zone_of(span.zone))
    last = (closes - timedelta(microseconds=1)).date()
    column, ends = span.column(opens.date()), span.column(last)
    wanted = (ends - column) + limits.min_gap_days
    blocked = _blocked(scope, one, limits, past, now)
    return Bar(
        code=one.code,
        name=one.name,
        state="blocked" if blocked else one.state,
        when=_when(opens, closes, last),
        column=column,
        days=max(1, min(ends, span.days) - column + 1),
        rest=0 if one.state == State.ABORTED
        else max(0, min(wanted, span.days - column)),
        cut=limits.min_gap_days > span.days - max(ends, 0),
        over=one.state in OVER,
        blocked=blocked,
        movable=one.state == State.DRAFT,
    )  # fmt: skip


def _when(opens: datetime, closes: datetime, last: date) -> str:
    """`20:00–22:00`; with the day of its end, where that is not its first."""
    day = "" if last == opens.date() else f"{closes.day} {closes:%b}, "
    return f"{_clock(opens)}–{day}{_clock(closes)}"


def _clock(at: datetime) -> str:
    """`09:05`; `strftime` takes three times as long."""
    return f"{at.hour:02}:{at.minute:02}"


def _blocked(
    scope: Scope, one: Drawn, limits: Limits, past: Past, now: datetime
) -> bool:
    """True for a plan to come that the policy of this lane stops."""
    if one.state not in (State.DRAFT, State.IN_REVIEW) or one.opens_at <= now:
        return False
    touch = past.touched[one.pk]
    reach = touch.reach.get(scope, 1.0)
    told = touch.messages(one.opens_at, one.closes_at)
    sale = Sale(
        one.code,
        one.name,
        one.opens_at,
        one.closes_at,
        touch.depth,
        reach,
        one.occasion or "",
        told,
    )
    judge = Judge(limits, past.book, strained(sale, past.strain))
    return not judge.passes(one.opens_at)


def _spaced(span: Span, bars: Sequence[Bar]) -> list[Bar]:
    """Each with its name on the side that has room for it.

    From left to right; a name to the left may not touch the one before.
    """
    edges = [*(bar.column for bar in bars), span.days + 1]
    placed, taken = [], 0
    for bar, following in zip(bars, edges[1:], strict=True):
        letter = LETTER[span.kind]
        needs = ceil((max(len(bar.name), STATED) + 5) * letter)
        right, left = following - bar.column - bar.days + 1, bar.column - taken
        flip = right < min(needs, LABEL[span.kind]) and left > right
        gap = max(0, left if flip else right)
        inside = bar.days >= (len(bar.name) + 6) * letter
        named, flip = inside or gap >= LEAST[span.kind], flip and not inside
        placed.append(bar._replace(gap=gap, flip=flip, named=named, inside=inside))
        beside = 0 if flip or inside else min(right, needs)
        taken = bar.column + beside + bar.days - 1
    return placed


def _heat(span: Span, limits: Limits, curve: Curve) -> list[Heat]:
    scores = np.array(fatigue.heat(limits, curve, span.first, span.days))
    columns = _columns(span.kind, span.first, span.days)
    tops = np.maximum.reduceat(scores, [n for n, _, _ in columns])
    buckets = fatigue.buckets(limits, tops).tolist()
    return [
        Heat(on, round(top), bucket, wide)
        for (_, on, wide), top, bucket in zip(
            columns, tops.tolist(), buckets, strict=True
        )
    ]


@lru_cache(maxsize=16)
def _columns(kind: str, first: date, days: int) -> tuple[tuple[int, date, int], ...]:
    """The first day of each cell, as a number and as a date, and its days."""
    step = 1 if kind == "month" else 7
    return tuple(
        (n, first + timedelta(days=n), min(step, days - n))
        for n in range(0, days, step)
    )
