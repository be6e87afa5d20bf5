"""The calendar: a month, a quarter or a year of sales, and how tired each lane is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from console.campaigns.models import Campaign, Market
from console.campaigns.queries.drawn import Drawn, drawn, touches_of
from console.campaigns.queries.footprints import Touch, known
from console.campaigns.queries.lanes import Lane, Past, lane
from console.campaigns.queries.marks import (
    Mark,
    Quiet,
    frozen_spans,
    marks,
    quiet_spans,
)
from console.campaigns.queries.sales import books
from console.campaigns.queries.spans import Span
from console.campaigns.queries.undated import Undated, undated
from console.campaigns.rules import zone_of
from console.fatigue import queries as fatigue
from console.fatigue import saturating
from console.fatigue.models import Audience, Policy
from console.fatigue.rules import EVERYTHING, Kind, Scope

MOST_LANES = 40
"""Lanes of one page, unless some are chosen, and then as well."""


@dataclass(frozen=True)
class Day:
    """One column of a month, or the head of one week or month of a longer span."""

    on: date
    column: int
    span: int
    css: str

    @property
    def week(self) -> int:
        """The number of its week."""
        return self.on.isocalendar().week


@dataclass(frozen=True)
class Calendar:
    """Everything the grid draws. over, ahead, blocked: sales in the span.

    quiet: periods without sales. titles: every lane there is, shown or not.
    chosen: whoever looks asked for these lanes.
    """

    span: Span
    by: Kind
    days: Sequence[Day]
    today: int
    marks: Sequence[Mark]
    quiet: Sequence[Quiet]
    lanes: Sequence[Lane]
    drafts: Sequence[Undated]
    over: int
    ahead: int
    blocked: int
    titles: Mapping[Scope, str]
    chosen: bool

    @property
    def hidden(self) -> int:
        """How many lanes are not shown."""
        return len(self.titles) - len(self.lanes)

    @property
    def others(self) -> list[tuple[str, str]]:
        """Key and title of each lane that is not shown."""
        shown = {lane.scope for lane in self.lanes}
        return [(str(s), title) for s, title in self.titles.items() if s not in shown]

    @property
    def picked(self) -> list[str]:
        """The keys of the lanes that were asked for."""
        return [lane.key for lane in self.lanes] if self.chosen else []

    @property
    def rows(self) -> int:
        """How many rows the names of its occasions take."""
        return max((mark.row for mark in self.marks), default=1)


def calendar(
    kind: str,
    at: date,
    *,
    zone: str,
    now: datetime,
    by: Kind = Kind.AUDIENCE,
    only: Collection[str] = (),
) -> Calendar:
    """The sales of a span, in lanes by audience, category, brand or market.

    only: keys of the lanes to show; all, up to 40, if none of them is there.
    """
    span = Span.of(kind, at, zone=zone, today=now.astimezone(zone_of(zone)).date())
    rows = drawn(span)
    touched = touches_of(rows)
    named = titles(by, touched)
    chosen = [scope for scope in named if str(scope) in only]
    shown = (chosen or list(named))[:MOST_LANES]
    policies = fatigue.applicable([*shown, EVERYTHING], now)
    pasts = _pasts(shown, rows, touched, policies, now)
    lanes = [lane(span, one, named[one], past, now) for one, past in pasts.items()]
    bars = {event.code: event for one in lanes for event in one.events}
    blocked = {e.code for one in lanes for e in one.events if e.blocked}
    over = sum(event.over for event in bars.values())
    everywhere = [policies[EVERYTHING]] if EVERYTHING in policies else []
    quiet = quiet_spans(span, everywhere) + frozen_spans(span)
    return Calendar(
        span=span,
        by=by,
        days=_days(span),
        today=span.column(span.today) if span.has(span.today) else 0,
        marks=marks(span, quiet),
        quiet=quiet,
        lanes=lanes,
        drafts=undated(by, shown, named),
        over=over,
        ahead=len(bars) - over - len(blocked),
        blocked=len(blocked),
        titles=named,
        chosen=bool(chosen),
    )


def titles(by: Kind, touched: Mapping[int, Touch] | None = None) -> dict[Scope, str]:
    """The lanes there are: every audience, or what these campaigns touch.

    touched: by default, what any campaign with a date touches.
    """
    if by is Kind.AUDIENCE:
        people = Audience.objects.order_by("-size", "name")
        return {fatigue.scope_of(one): one.name for one in people}
    if by is Kind.MARKET:
        found = Market.objects.order_by("name", "pk").values_list("code", "name")
        return {Scope(Kind.MARKET, code): name for code, name in found}
    if touched is None:
        dated = Campaign.objects.filter(opens_at__isnull=False)
        dated = dated.select_related("audience", "footprint").defer("footprint__skus")
        touched = known(list(dated))
    met = {scope for touch in touched.values() for scope in touch.reach}
    own = {row.value for row in fatigue.scopes()}
    named = {s for s in met | own if s.kind is by and s.name and not s.each}
    return {scope: scope.name for scope in sorted(named)}


def _pasts(
    scopes: Sequence[Scope],
    campaigns: Sequence[Drawn],
    touched: Mapping[int, Touch],
    policies: Mapping[Scope, Policy],
    now: datetime,
) -> dict[Scope, Past]:
    """What each lane is drawn from."""
    counted, strains = books(scopes), saturating.strains(scopes, now)
    there: dict[Scope, list[Drawn]] = {scope: [] for scope in scopes}
    for one in campaigns:
        for scope in there.keys() & touched[one.pk].reach.keys():
            there[scope].append(one)
    return {
        scope: Past(
            policies.get(scope),
            counted[scope],
            there[scope],
            touched,
            strains.get(scope),
        )
        for scope in scopes
    }


def _days(span: Span) -> list[Day]:
    if span.kind == "year":
        return list(_months(span))
    step = 1 if span.kind == "month" else 7
    return [
        Day(on, n + 1, step, _css(span, on))
        for n in range(0, span.days, step)
        for on in [span.first + timedelta(days=n)]
    ]


def _months(span: Span) -> Iterator[Day]:
    """Heads of months; days of the neighbouring years belong to the nearest."""
    year = span.month.year
    firsts = [date(year, month, 1) for month in range(1, 13)]
    columns = [1, *(span.column(first) for first in firsts[1:]), span.days + 1]
    for first, column, after in zip(firsts, columns, columns[1:], strict=False):
        past = "wk past" if span.first + timedelta(days=after - 2) < span.today else ""
        yield Day(first, column, after - column, past or "wk")


def _css(span: Span, on: date) -> str:
    if span.kind == "quarter":
        return "wk past" if on + timedelta(days=6) < span.today else "wk"
    if on == span.today:
        return "is-today"
    return "is-we" if on.weekday() > 4 else ""
