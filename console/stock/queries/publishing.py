"""What shops show: how far each is behind, how long a change takes to get there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.db.models import Count, Min, Q

from console.stock.models import Shopfront, Shown
from console.stock.rules.publishing import (
    OLDEST,
    STALE,
    TICK,
    Publishing,
    stale_after,
)

HOUR = timedelta(hours=1)
BEHIND = [Publishing.WAITING, Publishing.FAILED]
LAGS = """
select s.connection, l.p50, l.p95 from stock_shopfront s cross join lateral (
    select percentile_disc(0.5) within group (order by lag_ms) as p50,
        percentile_disc(0.95) within group (order by lag_ms) as p95
    from stock_shown t
    where t.connection = s.connection and t.lag_ms is not null and t.shown_at > %s
) l where l.p95 is not null
"""


@dataclass(frozen=True)
class Shop:
    """One shop at one instant.

    lag, usual: within which 95, and 50, of 100 SKUs were shown after their last change
    in the last hour; None if none was. oldest_at: since when the longest waits.
    error: the shop's own, else of the SKU that is refused or shown wrongly.
    """

    connection: str
    shown: int
    waiting: int
    unknown: int
    failed: int
    repaired: int
    oldest_at: datetime | None
    lag: timedelta | None
    usual: timedelta | None
    error: str
    stopped_at: datetime | None
    held_until: datetime | None
    looked_at: datetime | None

    @property
    def needs_somebody(self) -> bool:
        """True if nothing helps but a person."""
        return bool(self.stopped_at or self.failed)

    @property
    def can_send_again(self) -> bool:
        """True if there is something a person may have tried at once."""
        return bool(self.needs_somebody or self.held_until)

    def late(self, now: datetime) -> bool:
        """True if a change waits for longer than it should."""
        return self.oldest_at is not None and now - self.oldest_at > OLDEST


@dataclass(frozen=True)
class Stale:
    """A SKU that a shop shows as sold out though there are units to sell."""

    connection: str
    sku_code: str
    units: int
    since: datetime


def shops(*, now: datetime, behind: bool = False) -> list[Shop]:
    """Every shop that is told its stock, by name.

    behind: only what waits and what was refused is counted, which costs little; who
    looks often asks so.
    """
    fronts = list(Shopfront.objects.order_by("connection"))
    if not fronts:
        return []
    counted = {row["connection"]: row for row in _counted(behind)}
    lags = {} if behind else _lags(now)
    return [
        _shop(one, counted.get(one.connection, {}), lags.get(one.connection))
        for one in fronts
    ]


def told(*, now: datetime) -> list[tuple[Shop, bool]]:
    """The shops, each with whether it is behind."""
    return [(shop, shop.late(now)) for shop in shops(now=now)]


def _counted(behind: bool) -> list[dict[str, Any]]:
    of = {state.value: Count("pk", filter=Q(state=state.value)) for state in Publishing}
    waits = Min("changed_at", filter=Q(state=Publishing.WAITING))
    found = Shown.objects.filter(state__in=BEHIND) if behind else Shown.objects.all()
    rows = found.values("connection").annotate(**of, oldest=waits)
    return [{**row} for row in rows.order_by()]


def _lags(now: datetime) -> dict[str, tuple[int, int]]:
    with database.cursor() as cursor:
        cursor.execute(LAGS, [now - HOUR])
        return {name: (usual, most) for name, usual, most in cursor.fetchall()}


def _shop(
    one: Shopfront, counted: dict[str, Any], lags: tuple[int, int] | None
) -> Shop:
    units = {state.value: counted.get(state.value, 0) for state in Publishing}
    return Shop(
        connection=one.connection,
        repaired=one.repaired,
        oldest_at=counted.get("oldest"),
        usual=timedelta(milliseconds=lags[0]) if lags else None,
        lag=timedelta(milliseconds=lags[1]) if lags else None,
        error=one.error or _error(one.connection),
        stopped_at=one.stopped_at,
        held_until=one.held_until,
        looked_at=one.looked_at,
        **units,
    )


def _error(name: str) -> str:
    """What is wrong with the SKU that is refused, else shown wrongly for longest."""
    bad = Shown.objects.filter(connection=name, state__in=BEHIND).exclude(last_error="")
    first = bad.order_by("state", "changed_at").select_related("sku").first()
    return f"{first.sku.code}: {first.last_error}" if first else ""


def lag(*, now: datetime) -> timedelta | None:
    """How long the slowest shop takes to show a change; None if unknown.

    Within which 95 of 100 were shown in the last hour, or as long as one waits by now
    if that is longer. Of a shop that is stopped, or refuses a SKU, nobody knows.
    """
    found = shops(now=now)
    if any(shop.needs_somebody for shop in found):
        return None
    waits = [now - shop.oldest_at for shop in found if shop.oldest_at]
    told = [shop.lag for shop in found if shop.lag is not None]
    return max(told + waits) if told else None


def published_stale(*, now: datetime) -> list[Stale]:
    """SKUs a shop shows as sold out for longer than two looks though units are there.

    Where nobody knows yet what the shop shows, nothing is said.
    """
    looks = {
        one.connection: timedelta(milliseconds=one.look_ms)
        for one in Shopfront.objects.all()
    }
    found = Shown.objects.filter(
        state__in=BEHIND, shown=0, wanted__gt=0, changed_at__lte=now - STALE
    )
    rows = found.order_by("connection", "changed_at", "pk").select_related("sku")
    return [
        Stale(one.connection, one.sku.code, one.wanted, one.changed_at)
        for one in rows
        if one.changed_at <= now - stale_after(looks.get(one.connection, TICK))
    ]
