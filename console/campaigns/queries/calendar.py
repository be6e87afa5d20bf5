"""The calendar: a month or a quarter of sales, and how tired each audience is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from django.db.models import Q

from console.campaigns.models import Campaign, Occasion
from console.campaigns.queries.lanes import Lane, lane
from console.campaigns.queries.sales import sales_by_audience
from console.campaigns.queries.spans import Span
from console.campaigns.rules import State, zone_of
from console.fatigue.models import Audience, Policy


@dataclass(frozen=True)
class Day:
    """One column of a month, or the head of one week of a quarter."""

    on: date
    column: int
    span: int
    css: str

    @property
    def week(self) -> int:
        """The number of its week."""
        return self.on.isocalendar().week


@dataclass(frozen=True)
class Mark:
    """An occasion on the calendar."""

    name: str
    on: date
    column: int
    row: int
    quiet: bool
    flip: bool


@dataclass(frozen=True)
class Calendar:
    """Everything the grid draws. over, ahead, blocked: sales in the span."""

    span: Span
    days: Sequence[Day]
    today: int
    marks: Sequence[Mark]
    lanes: Sequence[Lane]
    drafts: Sequence[Campaign]
    over: int
    ahead: int
    blocked: int

    @property
    def rows(self) -> int:
        """How many rows the names of its occasions take."""
        return max((mark.row for mark in self.marks), default=1)


def calendar(
    kind: str, at: date, *, audience: str, zone: str, now: datetime
) -> Calendar:
    """The sales of a month or quarter, for one audience or all."""
    span = Span.of(kind, at, zone=zone, today=now.astimezone(zone_of(zone)).date())
    audiences = list(Audience.objects.order_by("-size", "name"))
    shown = [one for one in audiences if audience in ("", one.slug)]
    lanes = _lanes(span, shown, now)
    events = [event for one in lanes for event in one.events]
    return Calendar(
        span=span,
        days=_days(span),
        today=span.column(span.today) if span.has(span.today) else 0,
        marks=_marks(span),
        lanes=lanes,
        drafts=_dateless(shown),
        over=sum(event.over for event in events),
        ahead=sum(not event.over and not event.blocked for event in events),
        blocked=sum(event.blocked for event in events),
    )


def _lanes(span: Span, audiences: Sequence[Audience], now: datetime) -> list[Lane]:
    ids = [one.pk for one in audiences]
    sales, policies = sales_by_audience(ids), _policies(ids, now)
    rows = _campaigns(span, ids)
    return [
        lane(span, one, policies.get(one.pk), sales[one.pk], rows.get(one.pk, []), now)
        for one in audiences
    ]


def _policies(audience_ids: Iterable[int], now: datetime) -> dict[int, Policy]:
    """The policy in force of each audience, in one query."""
    found = Policy.objects.filter(audience__in=audience_ids, since__lte=now)
    newest = found.order_by("audience", "-version").distinct("audience")
    return {policy.audience_id: policy for policy in newest}


def _campaigns(span: Span, audience_ids: Sequence[int]) -> dict[int, list[Campaign]]:
    """Campaigns by audience, from a rest before the first day to the last."""
    edge = datetime.combine(span.first, datetime.min.time(), zone_of(span.zone))
    found = Campaign.objects.filter(
        Q(closes_at__gte=edge - timedelta(days=60)),
        opens_at__lt=edge + timedelta(days=span.days),
        audience__in=audience_ids,
    ).exclude(state=State.ABORTED, opened_at=None)
    rows: dict[int, list[Campaign]] = {}
    for one in found.with_sums().order_by("opens_at", "pk"):
        rows.setdefault(one.audience_id, []).append(one)
    return rows


def _dateless(audiences: Sequence[Audience]) -> list[Campaign]:
    found = Campaign.objects.filter(
        state=State.DRAFT, opens_at=None, audience__in=[one.pk for one in audiences]
    )
    return list(found.select_related("audience").order_by("-updated_at", "-pk")[:12])


def _days(span: Span) -> list[Day]:
    step = 1 if span.kind == "month" else 7
    return [
        Day(on, n + 1, step, _css(span, on))
        for n in range(0, span.days, step)
        for on in [span.first + timedelta(days=n)]
    ]


def _css(span: Span, on: date) -> str:
    if span.kind == "quarter":
        return "wk past" if on + timedelta(days=6) < span.today else "wk"
    if on == span.today:
        return "is-today"
    return "is-we" if on.weekday() > 4 else ""


def _marks(span: Span) -> list[Mark]:
    found = Occasion.objects.filter(on__range=(span.first, span.last))
    near = 5 if span.kind == "month" else 8
    marks: list[Mark] = []
    taken: list[tuple[int, float, float]] = []
    for one in found.order_by("on", "pk"):
        column = span.column(one.on)
        flip = column > span.days - near
        row, left, right = _room(one.name, column, flip, span, taken)
        taken.append((row, left, right))
        marks.append(Mark(one.name, one.on, column, row, one.quiet, flip))
    return marks


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
