"""What stands above the lanes of a calendar: occasions, and days without sales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from console.campaigns.models import Freeze, Occasion
from console.campaigns.queries.spans import Span
from console.fatigue.models import Policy

NEAR = {"month": 5, "quarter": 8, "year": 40}
"""Columns before the end in which a name stands to the left of its flag."""


@dataclass(frozen=True)
class Mark:
    """An occasion, or the name of a quiet period, on the calendar."""

    name: str
    on: date
    column: int
    row: int
    quiet: bool
    flip: bool


@dataclass(frozen=True)
class Quiet:
    """Days on which no sale may run, as far as they are shown."""

    name: str
    on: date
    column: int
    days: int


def quiet_spans(span: Span, policies: Iterable[Policy]) -> list[Quiet]:
    """The quiet periods of these policies within the days shown."""
    periods = [days for policy in policies for days in policy.limits().quiet]
    inside = [d for d in periods if d.first <= span.last and d.last >= span.first]
    return [
        Quiet(
            days.name,
            max(days.first, span.first),
            span.column(max(days.first, span.first)),
            (min(days.last, span.last) - max(days.first, span.first)).days + 1,
        )
        for days in inside
    ]


def frozen_spans(span: Span) -> list[Quiet]:
    """The freezes within the days shown; those of some sales only say which."""
    found = Freeze.objects.during(*span.instants).named()
    spans = []
    for one in found:
        first = max(span.local(one.starts_at), span.first)
        last = min(span.local(one.ends_at - timedelta(microseconds=1)), span.last)
        days = (last - first).days + 1
        spans.append(Quiet(one.label, first, span.column(first), days))
    return spans


def marks(span: Span, quiet: Sequence[Quiet] = ()) -> list[Mark]:
    """Occasions and quiet periods, each in the first row that has room for it."""
    found = Occasion.objects.filter(on__range=(span.first, span.last))
    named = [(one.on, one.name, False) for one in found.order_by("on", "pk")]
    named += [(one.on, one.name, True) for one in quiet]
    placed: list[Mark] = []
    taken: list[tuple[int, float, float]] = []
    for on, name, is_quiet in sorted(named, key=lambda one: one[0]):
        column = span.column(on)
        flip = column > span.days - NEAR[span.kind]
        row, left, right = _room(name, column, flip, span, taken)
        taken.append((row, left, right))
        placed.append(Mark(name, on, column, row, is_quiet, flip))
    return placed


def _room(
    name: str,
    column: int,
    flip: bool,
    span: Span,
    taken: Sequence[tuple[int, float, float]],
) -> tuple[int, float, float]:
    """The first row where a name does not run into another.

    A letter takes about 0.75 % of the grid's width, the flag about four letters.
    """
    width = (len(name) + 4) * span.days * 0.0075
    left, right = (
        (column + 1 - width, column + 1.0) if flip else (column, column + width)
    )
    busy = {row for row, start, end in taken if start < right and left < end}
    return next(row for row in count(1) if row not in busy), left, right
