"""What many histories say last: the regular price, and who sells below it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models.expressions import RawSQL

from console.prices.models import PricePoint, PricePointQuerySet
from console.prices.rules import Reason
from console.shell.arrays import array

Key = tuple[str, str, str]
"""SKU, channel and currency: what one history is of."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The last regular price of one history, and the sale that is on, if one is.

    since: from when the regular price is in force. sale_from: since when a sale price
    is in force instead; None where none is. campaign: of which sale, where known.
    """

    amount: Decimal | None = None
    net: Decimal | None = None
    since: datetime | None = None
    sale_from: datetime | None = None
    campaign: str = ""


def standing(sku_codes: Iterable[str]) -> dict[Key, Standing]:
    """What every history of these SKUs says last, in two queries.

    A SKU is told once for each channel and currency it has a history in. There is no
    upper bound: a sale that opens while somebody waits for a lock writes a row behind
    the clock that this one started with.
    """
    names = RawSQL("select unnest(%s::text[])", [array(sorted(set(sku_codes)))])
    rows = PricePoint.objects.filter(sku__in=names)
    regular = {_key(row): row for row in _last(rows.exclude(reason=Reason.SALE))}
    return {
        _key(row): _told(regular.get(_key(row)), row if row.point().sale else None)
        for row in _last(rows)
    }


def _last(rows: PricePointQuerySet) -> PricePointQuerySet:
    own = ("sku", "channel", "currency")
    return rows.order_by(*own, "-from_at", "-pk").distinct(*own)


def _key(row: PricePoint) -> Key:
    return (row.sku, row.channel, row.currency)


def _told(regular: PricePoint | None, sale: PricePoint | None) -> Standing:
    return Standing(
        amount=regular.amount if regular else None,
        net=regular.net if regular else None,
        since=regular.from_at if regular else None,
        sale_from=sale.from_at if sale else None,
        campaign=sale.campaign if sale else "",
    )
