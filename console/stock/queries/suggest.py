"""How large a buffer should be, from what was measured; what is not known says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, Sum

from console.stock.models import Level, Movement
from console.stock.queries.feeds import Gauge, feeds_of, sold_by_feeds
from console.stock.queries.publishing import lag
from console.stock.rules import Account, Reason
from console.stock.rules.buffers import (
    FAR,
    FEW_COUNTS,
    STRICT,
    USUAL,
    accuracy,
    count_buffer,
    lag_buffer,
)
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
    counts: how many counts of what was known there are. most: units that can be held
    back in a sale, None outside of one.
    """

    on_hand: int
    per_minute: Decimal | None
    lag_s: Decimal | None
    accuracy: Decimal | None
    quantile: Decimal = USUAL
    lag_of: str = ""
    counts: int = 0
    most: int | None = None

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
    def asked(self) -> int | None:
        """The buffer both ask for; one that is not known asks for nothing."""
        known = [x for x in (self.against_lag, self.against_counts) if x is not None]
        return sum(known) if known else None

    @property
    def units(self) -> int | None:
        """What is asked for, as far as it can be held back."""
        if self.asked is None or self.most is None:
            return self.asked
        return min(self.asked, self.most)

    @property
    def cut(self) -> bool:
        """Whether more is asked for than can be held back."""
        return self.units != self.asked

    @property
    def enough(self) -> int:
        """So many counts tell how exact they are."""
        return FEW_COUNTS


def suggestion(
    sku_ids: Collection[int], *, now: datetime, most: int | None = None
) -> Suggestion:
    """What to hold back of these SKUs together.

    most: units that can be held back at all, where a sale has no more.
    """
    ids = list(sku_ids)
    levels = Level.objects.filter(sku__in=ids)
    feeds = feeds_of(ids, now=now)
    late, of = _lag(lag_s(now=now), feeds)
    counts = _counts(ids, now)
    return Suggestion(
        on_hand=levels.aggregate(n=Sum("on_hand"))["n"] or 0,
        per_minute=_per_minute(ids, now),
        lag_s=late,
        accuracy=accuracy(counts),
        quantile=_quantile(feeds),
        lag_of=of,
        counts=len(counts),
        most=most,
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


def _counts(ids: list[int], now: datetime) -> list[tuple[int, int]]:
    """Counts of what was known: units each was wrong by, and units on hand."""
    since = now - COUNTS
    levels = Level.objects.filter(sku__in=ids, last_count_at__gt=since)
    entries: dict[tuple[int, int | None], list[tuple[datetime, int, bool]]] = {}
    for sku, place, at, wrong, known in _entries(ids, since):
        entries.setdefault((sku, place), []).append((at, wrong, known))
    found: list[tuple[int, int]] = []
    for one in levels:
        mine = entries.get((one.sku_id, one.location_id), [])
        found += [(wrong, one.on_hand) for _, wrong, known in mine if known]
        newest = max((at for at, *_ in mine), default=since)
        if one.last_count_at is not None and newest < one.last_count_at:
            found.append((0, one.on_hand))  # the newest agreed with the books
    return found


def _entries(
    ids: list[int], since: datetime
) -> Iterable[tuple[int, int | None, datetime, int, bool]]:
    """Entries of counts: SKU, place, instant, units, and whether it was known before.

    The first entry that brings a level its units corrects nothing.
    """
    moved = Movement.objects.filter(
        Q(source=Account.OUTSIDE) | Q(target=Account.OUTSIDE), reservation=None
    )
    before = moved.filter(
        sku=OuterRef("sku"), location=OuterRef("location"), pk__lt=OuterRef("pk")
    )
    counts = moved.filter(
        Q(reason__startswith=Reason.COUNT)
        | Q(reason=Reason.IMPORT)
        | Q(reason__regex=FEED_COUNT),
        sku__in=ids,
        at__gt=since,
    )
    return counts.values_list("sku", "location", "at", "units", Exists(before))
