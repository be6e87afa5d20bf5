"""The look-ahead over the histories the database has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from django.conf import settings
from django.db import connection

from console.prices.rules.lookahead import (
    REGULAR,
    UNOWNED,
    Fall,
    Histories,
    falls,
)
from console.prices.rules.lost import Loss, losses
from console.prices.rules.planned import Planned, all_skus, coming
from console.shell.arrays import array

_ROW = np.dtype(
    [
        ("sku", ">i8"),
        ("start", ">i8"),
        ("serial", ">i8"),
        ("amount", ">i8"),
        ("owner", ">i8"),
    ]
)
# Of each SKU: what came after the first window began, what was in force then, and, if
# that was a sale price, the regular price before it. One value of bytes instead of a
# tuple a row; timestamptz_send gives microseconds since 2000.
_COLUMNS = """
select string_agg(int8send(wanted.number - 1) || timestamptz_send(found.from_at)
    || int8send(found.id) || int8send((found.amount * 1000)::int8)
    || int8send(case when found.reason <> 'sale' then %(regular)s else
        coalesce(array_position(%(codes)s::text[], found.campaign::text) - 1,
            %(unowned)s) end), ''::bytea)
from unnest(%(skus)s::text[]) with ordinality as wanted(sku, number)
left join lateral (
    select from_at, id, amount, reason, campaign from prices_pricepoint
    where sku = wanted.sku and channel = %(channel)s and currency = %(currency)s
        and from_at <= %(floor)s
    order by from_at desc, id desc limit 1
) base on true
cross join lateral (
    select base.* where base.id is not null
    union all
    select from_at, id, amount, reason, campaign from prices_pricepoint
    where sku = wanted.sku and channel = %(channel)s and currency = %(currency)s
        and from_at > %(floor)s
    union all
    (select from_at, id, amount, reason, campaign from prices_pricepoint older
    where base.reason = 'sale' and reason <> 'sale' and sku = wanted.sku
        and channel = %(channel)s and currency = %(currency)s
        and from_at <= base.from_at and not exists (
            select from prices_pricepoint where sku = older.sku
                and channel = older.channel and currency = older.currency
                and from_at = older.from_at and id > older.id)
    order by from_at desc, id desc limit 1)
) found
"""


def look_ahead(
    planned: Sequence[Planned],
    proposed: Planned,
    *,
    now: datetime,
    instead_of: Planned | None = None,
    currency: str = "EUR",
    zone: str = "",
) -> list[Fall]:
    """The sales yet to open that may claim less once `proposed` is planned.

    planned: all other sales of this currency, live ones too. instead_of: the proposed
    one as it is planned until now, if it is moved. zone: of the days that count for
    sales that name none; the shop's own if empty. One query for each channel of the
    sales that may lose.
    """
    zone = zone or settings.SHOP_ZONE
    moved = [proposed, *([instead_of] if instead_of else [])]
    looked = coming(planned, moved, now=now)
    histories = _of_channels([*planned, *moved], looked, currency, zone)
    return falls(
        histories, planned, proposed, instead_of=instead_of, zone=zone, now=now
    )


def lost_claims(
    planned: Sequence[Planned],
    *,
    now: datetime,
    currency: str = "EUR",
    zone: str = "",
) -> list[Loss]:
    """What each sale yet to open loses to the others, by opening.

    planned: all sales of this currency, live ones too. zone: as above.
    """
    zone = zone or settings.SHOP_ZONE
    looked = [one for one in planned if one.opens_at > now and one.measured]
    histories = _of_channels(planned, looked, currency, zone)
    return losses(histories, planned, zone=zone, now=now)


def _of_channels(
    sales: Sequence[Planned], looked: Sequence[Planned], currency: str, zone: str
) -> dict[str, Histories]:
    """The histories of all sales, of the channels and days of those looked at."""
    if not looked:
        return {}
    floor = min(one.since(zone) for one in looked)
    channels = sorted({channel for one in looked for channel in one.channels})
    return {way: _histories(sales, floor, way, currency) for way in channels}


def _histories(
    sales: Sequence[Planned], floor: datetime, channel: str, currency: str
) -> Histories:
    skus = all_skus(sales)
    codes = sorted({sale.code for sale in sales})
    values: dict[str, str | int | datetime] = {
        "skus": array(skus),
        "codes": array(codes),
        "floor": floor,
        "channel": channel,
        "currency": currency,
        "regular": REGULAR,
        "unowned": UNOWNED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, values)
        (packed,) = cursor.fetchone()
    rows = np.frombuffer(packed or b"", dtype=_ROW)
    sku, start, serial, amount, owner = (
        rows[name].astype(np.int64)
        for name in ("sku", "start", "serial", "amount", "owner")
    )
    return Histories(skus, codes, sku, start, serial, amount, owner)
