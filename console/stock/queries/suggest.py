"""How large a buffer should be, from what was measured; what is not known says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q, Sum

from console.stock.models import Level, Movement
from console.stock.queries.publishing import lag
from console.stock.rules import Account, Reason
from console.stock.rules.buffers import USUAL, count_buffer, lag_buffer

SPAN = timedelta(days=1)
"""Orders elsewhere are counted over so long."""
COUNTS = timedelta(days=90)
"""Counts older than this say little of how exact they are today."""


def lag_s(*, now: datetime) -> Decimal | None:
    """Seconds until the slowest shop shows a change; None while nobody measured it."""
    told = lag(now=now)
    return None if told is None else Decimal(told // timedelta(milliseconds=1)) / 1000


@dataclass(frozen=True)
class Suggestion:
    """What is known of some SKUs, and the buffer that follows from it.

    per_minute: units orders elsewhere take; lag_s: how long stores take to hear of a
    change; accuracy: 1 is a count that was never wrong. None is not known, never 0.
    """

    on_hand: int
    per_minute: Decimal | None
    lag_s: Decimal | None
    accuracy: Decimal | None
    quantile: Decimal = USUAL

    @property
    def against_lag(self) -> int | None:
        """Units another channel may sell before stores hear of it."""
        if self.per_minute is None or self.lag_s is None:
            return None
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
    return Suggestion(
        on_hand=levels.aggregate(n=Sum("on_hand"))["n"] or 0,
        per_minute=_per_minute(ids, now),
        lag_s=lag_s(now=now),
        accuracy=_accuracy(ids, now),
    )


def _per_minute(ids: list[int], now: datetime) -> Decimal | None:
    """Units a minute that orders elsewhere committed; None where none ever was."""
    entries = Movement.objects.filter(
        sku__in=ids,
        reservation=None,
        source=Account.FREE,
        target=Account.COMMITTED,
        at__gt=now - SPAN,
    )
    units: int | None = entries.aggregate(n=Sum("units"))["n"]
    if units is None:
        return None
    return Decimal(units) / Decimal(SPAN.total_seconds() / 60)


def _accuracy(ids: list[int], now: datetime) -> Decimal | None:
    """The share of counted units that counts left as they were; None without counts."""
    since = now - COUNTS
    outside = Q(source=Account.OUTSIDE) | Q(target=Account.OUTSIDE)
    counts = Movement.objects.filter(
        outside,
        sku__in=ids,
        reservation=None,
        at__gt=since,
    ).filter(Q(reason__startswith=Reason.COUNT) | Q(reason=Reason.IMPORT))
    wrong = counts.aggregate(n=Sum("units"))["n"]
    levels = Level.objects.filter(sku__in=ids, counted_at__gt=since)
    there: int | None = levels.aggregate(n=Sum("on_hand"))["n"]
    if wrong is None or not there:
        return None
    return max(Decimal(0), 1 - Decimal(wrong) / there)
