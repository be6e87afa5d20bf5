"""How late what feeds tell is, and what of it is not in the books."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Count, Q

from console.stock.models import Feed, FeedMovement, Level
from console.stock.rules.feeds import HELD, PENDING, MovementState

HOUR = timedelta(hours=1)
ROWS = 50
_LATE = """
select f.id, l.late from stock_feed f cross join lateral (
    select percentile_disc(0.95) within group (order by received_at - occurred_at)
        as late
    from stock_feedmovement where feed_id = f.id and received_at > %s
) l where l.late is not null
"""


@dataclass(frozen=True)
class Gauge:
    """One feed at one instant.

    late: within which 95 of 100 movements of the last hour arrived after they happened;
    None if none arrived. behind: how long ago what it told ends: its watermark, or its
    last word where it has none; None if it never spoke.
    """

    feed: Feed
    late: timedelta | None
    behind: timedelta | None
    waiting: int = 0
    parked: int = 0
    short: int = 0
    refused: int = 0

    @property
    def told_until(self) -> datetime | None:
        """The instant what it told ends."""
        return self.feed.watermark or self.feed.last_at

    @property
    def held(self) -> int:
        """Movements a person has to look at."""
        return self.short + self.refused

    @property
    def lag(self) -> timedelta | None:
        """How old the truth of this source may be; None is not known, never 0."""
        if self.behind is None:
            return None
        return max(self.behind, self.late or timedelta())

    @property
    def alarming(self) -> bool:
        """True if an active feed is later than it may be, or never spoke."""
        return self.feed.active and (
            self.lag is None or self.lag > self.feed.late_after
        )


def feeds(
    *, now: datetime, of: Collection[int] | None = None, brief: bool = False
) -> list[Gauge]:
    """Every feed by name. of: only these, by their keys.

    brief: how late single movements arrive is as measured each minute, which costs
    little; who looks often asks so.
    """
    found = Feed.objects.select_related("location").order_by("name")
    rows = list(found if of is None else found.filter(pk__in=of))
    if not rows:
        return []
    late = {one.pk: one.late for one in rows} if brief else measured(now=now)
    counted = _counted()
    return [_gauge(one, late.get(one.pk), counted.get(one.pk, {}), now) for one in rows]


def measured(*, now: datetime) -> Mapping[int, timedelta | None]:
    """Within which time 95 of 100 movements of the last hour arrived, feed by feed."""
    with connection.cursor() as cursor:
        cursor.execute(_LATE, [now - HOUR])
        return {feed: max(told, timedelta()) for feed, told in cursor.fetchall()}


def _counted() -> dict[int, dict[str, Any]]:
    states = sorted({*PENDING, *HELD})
    of = {state.value: Count("pk", filter=Q(state=state)) for state in states}
    rows = FeedMovement.objects.filter(state__in=states)
    found = rows.values("feed").annotate(**of).order_by()
    return {row["feed"]: {**row} for row in found}


def _gauge(
    feed: Feed, late: timedelta | None, counted: dict[str, Any], now: datetime
) -> Gauge:
    spoke = feed.watermark or feed.last_at
    return Gauge(
        feed,
        late,
        None if spoke is None else max(now - spoke, timedelta()),
        waiting=counted.get(MovementState.WAITING, 0),
        parked=counted.get(MovementState.PARKED, 0),
        short=counted.get(MovementState.SHORT, 0),
        refused=counted.get(MovementState.REFUSED, 0),
    )


def feeds_of(sku_ids: Collection[int], *, now: datetime) -> list[Gauge]:
    """The active feeds that may tell of these SKUs: of their locations, or of any."""
    places = Level.objects.filter(sku__in=sku_ids).values("location")
    here = Q(location=None) | Q(location__in=places)
    ids = Feed.objects.filter(here, active=True).values_list("pk", flat=True)
    return feeds(now=now, of=list(ids))


def sold_by_feeds(sku_ids: Collection[int], *, since: datetime) -> int | None:
    """Units that others sold of these SKUs; None where none was told of.

    A sale counts whether a later count knows it, or it does not fit: it happened.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select sum(units)::bigint from stock_feedmovement"
            " where sku_id = any(%s) and kind = 'sold' and occurred_at > %s"
            " and state in ('applied', 'covered', 'short', 'waiting')",
            [list(sku_ids), since],
        )
        (units,) = cursor.fetchone()
        return None if units is None else int(units)


def held_movements(name: str, page: str = "1") -> Any:
    """A page of what a person has to look at, the oldest first."""
    found = FeedMovement.objects.filter(feed__name=name, state__in=sorted(HELD))
    named = found.select_related("sku", "location")
    return Paginator(named.order_by("occurred_at", "pk"), ROWS).get_page(page)
