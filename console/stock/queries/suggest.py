"""How large a buffer should be, from what was measured; what is not known says so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q, Sum

from console.stock.models import Level, Movement
from console.stock.queries.feeds import Gauge, feeds_of, sold_by_feeds
from console.stock.queries.publishing import lag
from console.stock.rules import Account, Reason
from console.stock.rules.buffers import FAR, STRICT, USUAL, count_buffer, lag_buffer
from console.stock.rules.feeds import FeedKind

SPAN = timedelta(days=1)
"""Orders elsewhere are counted over so long."""
FEED_COUNT = r"^feed [-\w]+: counted "
"""How the entry of a feed's count begins."""
COUNTS = timedelta(days=90)
"""Counts older than this say little of how exact they are today."""


def lag_s(*, now: datetime) -> Decimal | None:
    """Seconds until the slowest shop shows a change; None while nobody measured it."""
    told = lag(now=now)
    return None if told is None else _seconds(told)


def _seconds(told: timedelta) -> Decimal:
    return Decimal(told // timedelta(milliseconds=1)) / 1000


@dataclass(frozen=True)
class Suggestion:
    """What is known of some SKUs, and the buffer that follows from it.

    per_minute: units others take; lag_s: how old what we know, or stores show, may be;
    accuracy: 1 is a count that was never wrong. None is not known, never 0.
    lag_of: which feed drives the lag; blank where it is the slowest shop.
    """

    on_hand: int
    per_minute: Decimal | None
    lag_s: Decimal | None
    accuracy: Decimal | None
    quantile: Decimal = USUAL
    lag_of: str = ""

    @property
    def against_lag(self) -> int | None:
        """Units another channel may sell before we, or stores, hear of it.

        All there is, where far more may be gone.
        """
        if self.per_minute is None or self.lag_s is None:
            return None
        mean = self.per_minute * self.lag_s / 60
        if mean > max(self.on_hand, FAR):
            return self.on_hand
        return lag_buffer(self.per_minute, self.lag_s, self.quantile)

    @property
    def against_counts(self) -> int | None:
        """Units that may not be there although counted."""
        if self.accuracy is None:
            return None
        return count_buffer(self.on_hand, self.accuracy)

    @property
    def units(self) -> int | None:
        """The buffer both ask for; one that is not known asks for nothing."""
        known = [x for x in (self.against_lag, self.against_counts) if x is not None]
        return sum(known) if known else None


def suggestion(sku_ids: Collection[int], *, now: datetime) -> Suggestion:
    """What to hold back of these SKUs together."""
    ids = list(sku_ids)
    levels = Level.objects.filter(sku__in=ids)
    feeds = feeds_of(ids, now=now)
    late, of = _lag(lag_s(now=now), feeds)
    return Suggestion(
        on_hand=levels.aggregate(n=Sum("on_hand"))["n"] or 0,
        per_minute=_per_minute(ids, now),
        lag_s=late,
        accuracy=_accuracy(ids, now),
        quantile=_quantile(feeds),
        lag_of=of,
    )


def _lag(shops: Decimal | None, feeds: Sequence[Gauge]) -> tuple[Decimal | None, str]:
    """The longest lag there is, and the feed it comes from.

    A feed that never spoke may be as late as it likes: then nobody knows.
    """
    silent = next((one for one in feeds if one.lag is None), None)
    if silent is not None:
        return None, silent.feed.name
    told = [(_seconds(one.lag), one.feed.name) for one in feeds if one.lag is not None]
    if shops is not None:
        told.append((shops, ""))
    return max(told, default=(None, ""))


def _quantile(feeds: Sequence[Gauge]) -> Decimal:
    """Marketplaces fine whoever cannot send: there one in a thousand is to be short."""
    kinds = {one.feed.kind for one in feeds}
    return STRICT if FeedKind.MARKETPLACE in kinds else USUAL


def _per_minute(ids: list[int], now: datetime) -> Decimal | None:
    """Units a minute that others sold; None where none ever was told of."""
    known = [x for x in (_committed(ids, now), _sold(ids, now)) if x is not None]
    if not known:
        return None
    return Decimal(sum(known)) / Decimal(SPAN.total_seconds() / 60)


def _sold(ids: list[int], now: datetime) -> int | None:
    return sold_by_feeds(ids, since=now - SPAN)


def _committed(ids: list[int], now: datetime) -> int | None:
    """Units that orders elsewhere committed."""
    entries = Movement.objects.filter(
        sku__in=ids,
        reservation=None,
        source=Account.FREE,
        target=Account.COMMITTED,
        at__gt=now - SPAN,
    )
    units: int | None = entries.aggregate(n=Sum("units"))["n"]
    return units


def _accuracy(ids: list[int], now: datetime) -> Decimal | None:
    """The share of counted units that counts left as they were; None without counts."""
    since = now - COUNTS
    outside = Q(source=Account.OUTSIDE) | Q(target=Account.OUTSIDE)
    counts = Movement.objects.filter(
        outside,
        sku__in=ids,
        reservation=None,
        at__gt=since,
    ).filter(
        Q(reason__startswith=Reason.COUNT)
        | Q(reason=Reason.IMPORT)
        | Q(reason__regex=FEED_COUNT)
    )
    wrong = counts.aggregate(n=Sum("units"))["n"]
    levels = Level.objects.filter(sku__in=ids, counted_at__gt=since)
    there: int | None = levels.aggregate(n=Sum("on_hand"))["n"]
    if wrong is None or not there:
        return None
    return max(Decimal(0), 1 - Decimal(wrong) / there)
