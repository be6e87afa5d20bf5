"""The calendar: its lanes and sales, its feeds, and periods that are frozen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Schema
from pydantic import AwareDatetime, Field

from console.campaigns import operations
from console.campaigns.api.base import FREEZE, routes
from console.campaigns.models import Freeze
from console.campaigns.queries.calendar import calendar as grid
from console.campaigns.queries.lanes import Bar, Lane
from console.campaigns.queries.lost import Lost, lost
from console.campaigns.queries.spans import Span
from console.campaigns.rules import check_year
from console.campaigns.views import calendar as pages
from console.campaigns.views.asked import actor
from console.fatigue.rules import Kind
from console.shell.rest.shapes import Given

By = Literal["audience", "category", "brand", "market"]
NONE: list[str] = []


class SaleOut(Schema):
    """A sale in a lane. days, rest: dates it touches, and with its rest.

    lost: what planned sales take from its claim, in few words; null if not asked for,
    or too much to look at.
    """

    code: str
    name: str
    state: str
    first: date
    days: int
    rest: int
    blocked: bool
    movable: bool
    lost: str | None


class HeatOut(Schema):
    """A score: of one day, or the highest of `days`. bucket: 0 to 4."""

    on: date
    days: int
    score: int
    bucket: int


class LaneOut(Schema):
    """A scope. score: how tired it is today; free_from: a usual sale would pass."""

    scope: str
    title: str
    score: int
    scored: bool
    free_from: datetime | None
    sales: list[SaleOut]
    heat: list[HeatOut]


class MarkOut(Schema):
    """Dates without sales, or an occasion (of one day)."""

    name: str
    first: date
    days: int


class LossOut(Schema):
    """A sale that claims less than it could. before, after: per cent, its headline.

    by: names of the sales that take it. skus: how many of its SKUs lose, of `of`.
    """

    code: str
    text: str
    before: int
    after: int
    skus: int
    of: int
    by: list[str]


class CalendarOut(Schema):
    """A span of the calendar. undated: drafts without a date, by code.

    lost: claims lost to planned sales; null if not asked for, or too much to look at.
    """

    first: date
    days: int
    zone: str
    lanes: list[LaneOut]
    hidden: int
    occasions: list[MarkOut]
    quiet: list[MarkOut]
    undated: list[str]
    lost: list[LossOut] | None


@routes.reads("/calendar", CalendarOut)
def calendar(
    request: HttpRequest,
    zoom: Literal["month", "quarter", "year"] = "month",
    at: date | None = None,
    by: By = "audience",
    claims: bool = False,
    lane: Query[list[str]] = NONE,
) -> CalendarOut:
    """A month, a quarter or a year of sales in lanes, with occasions and freezes.

    claims: tell as well which claims planned sales take from each other. lane: only
    these, by `scope`; the first forty if none is there. hidden: lanes not told.
    """
    now = timezone.now()
    day = at or timezone.localdate(now)
    check_year(day, "at")
    cal = grid(zoom, day, by=Kind(by), zone=settings.SHOP_ZONE, now=now, only=lane)
    taken = lost(cal.span, now=now) if claims else None
    short = taken.short if taken and not taken.too_many else None
    return CalendarOut(
        first=cal.span.first,
        days=cal.span.days,
        zone=cal.span.zone,
        lanes=[_lane(cal.span, one, short) for one in cal.lanes],
        hidden=cal.hidden,
        occasions=[MarkOut(name=m.name, first=m.on, days=1) for m in cal.marks],
        quiet=[MarkOut(name=q.name, first=q.on, days=q.days) for q in cal.quiet],
        undated=[one.campaign.code for one in cal.drafts],
        lost=_lost(taken),
    )


def _lost(taken: Lost | None) -> list[LossOut] | None:
    if taken is None or taken.too_many:
        return None
    return [
        LossOut(
            text=one.text,
            by=list(one.by),
            **{n: getattr(one.fall, n) for n in _FALL},
        )
        for one in taken.losses
    ]


_FALL = ("code", "before", "after", "skus", "of")


def _lane(span: Span, lane: Lane, short: Mapping[str, str] | None) -> LaneOut:
    return LaneOut(
        scope=lane.key,
        title=lane.title,
        score=lane.score,
        scored=lane.scored,
        free_from=lane.free_from,
        sales=[_sale(span, bar, short) for bar in lane.events],
        heat=[
            HeatOut(on=one.on, days=one.span, score=one.score, bucket=one.bucket)
            for one in lane.heat
        ],
    )


def _sale(span: Span, bar: Bar, short: Mapping[str, str] | None) -> SaleOut:
    first = span.first + timedelta(days=bar.column - 1)
    told = None if short is None else short.get(bar.code, "")
    own = ("first", "lost")
    same = {n: getattr(bar, n) for n in SaleOut.model_fields if n not in own}
    return SaleOut(first=first, lost=told, **same)


class FeedOut(Schema):
    """A lane as a feed for other calendars; the address is the caller's own secret."""

    title: str
    url: str


@routes.reads("/calendar/feeds", list[FeedOut])
def feeds(request: HttpRequest, by: By = "audience") -> list[FeedOut]:
    """The address of each lane's feed."""
    rows = pages.addresses(request, Kind(by))
    return [FeedOut(title=title, url=url) for title, url in rows]


class FreezeOut(Schema):
    """A period in which nothing is armed, or runs. lifted_at: ended early.

    category, markets: of the sales it concerns; all if empty.
    """

    id: int
    name: str
    category: str
    markets: list[str]
    starts_at: datetime
    ends_at: datetime
    by: str
    lifted_at: datetime | None


def _freeze(one: Freeze) -> FreezeOut:
    same = ("name", "category", "markets", "starts_at", "ends_at", "lifted_at")
    said = {name: getattr(one, name) for name in same}
    return FreezeOut(id=one.pk, by=one.by.get_username(), **said)


@routes.reads("/freezes", list[FreezeOut])
def freezes(request: HttpRequest) -> list[FreezeOut]:
    """The newest hundred freezes, the latest first."""
    found = Freeze.objects.select_related("by").order_by("-starts_at", "-pk")[:100]
    return [_freeze(one) for one in found]


class FreezeGiven(Given):
    """A period `[starts_at, ends_at)`.

    category, markets: only sales of it, and in one of them by code; all if empty.
    """

    name: str = Field(max_length=80)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    category: str = Field("", max_length=100)
    markets: list[str] = []


@routes.acts("/freezes", FREEZE, FreezeOut, status=201)
def freeze(request: HttpRequest, body: FreezeGiven) -> FreezeOut:
    """Freeze a period."""
    made = operations.freeze(
        **body.model_dump(), actor=actor(request), now=timezone.now()
    )
    return _freeze(made)


@routes.acts("/freezes/{int:pk}/lift", FREEZE, FreezeOut)
def lift(request: HttpRequest, pk: int) -> FreezeOut:
    """End a freeze early; lifted twice is lifted once."""
    get_object_or_404(Freeze, pk=pk)
    return _freeze(operations.lift(pk, actor=actor(request), now=timezone.now()))
