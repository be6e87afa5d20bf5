"""Which SKUs of running sales are sold out: seen every second, damped, kept as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection as database
from django.db import transaction

from console.stock.operations.soldout_prices import follow
from console.stock.rules.soldout import BACK_AFTER

ONE_WATCH = 5720
"""The advisory lock of who watches: two at once would wait for each other's rows."""
LOCK_WAIT = "500ms"
"""What somebody else changes for longer is seen at the next look: units wait for it."""
FOUND = """
with found as (
    select a.id, make_interval(secs => g.hold_ttl_s) as ttl,
        a.sellable + coalesce(late.units, 0)
            - case when b.id is null then 0 else least(a.waiting, greatest(
                a.sellable + coalesce(late.units, 0) - a.backorder, 0)) end as units,
        exists (select from stock_reservationline l where l.allocation_id = a.id
            and l.held and l.expires_at > %(now)s) as held
    from stock_allocation a
    join stock_salegate g on g.campaign = a.campaign and g.state <> 'closed'
        and (g.holds_until is null or g.holds_until > %(now)s)
    left join stock_offerbell b on b.at > %(now)s - interval '10 s'
    left join lateral (
        select sum(r.units) as units from stock_reservationline r
        where r.allocation_id = a.id and r.held and r.expires_at <= %(now)s
    ) late on true
    where a.returned_at is null and (a.sellable <= a.waiting
        or exists (select from stock_soldout o where o.allocation_id = a.id))
)
"""
"""What the public can still have of each SKU that may be sold out, or was."""
EMPTY = """
insert into stock_soldout (allocation_id, empty_at)
select id, %(now)s from found where units <= 0
on conflict (allocation_id) do nothing
"""
TURN = """
, seen as (
    select f.*, coalesce(o.empty_at, %(now)s) as since,
        coalesce(o.back_at, %(now)s) as back
    from found f join stock_soldout o on o.allocation_id = f.id
)
update stock_soldout t set
    empty_at = case when f.units <= 0 then f.since end,
    out_at = case
        when f.units <= 0 then coalesce(t.out_at, case
            when not f.held or f.since + f.ttl <= %(now)s then %(now)s::timestamptz end)
        when f.back + %(patience)s > %(now)s then t.out_at end,
    back_at = case when f.units > 0 and t.out_at is not null
        and f.back + %(patience)s > %(now)s then f.back end
from seen f where f.id = t.allocation_id
"""
"""Sold out: nothing is left and nobody holds any, or nothing was left for as long as a
hold lives. Back: units were there for a while, at every look."""
GONE = """
delete from stock_soldout t
where (t.empty_at is null and t.out_at is null and not t.withdrawn) or not exists (
    select from stock_allocation a
    join stock_salegate g on g.campaign = a.campaign and g.state <> 'closed'
    where a.id = t.allocation_id and a.returned_at is null)
"""


def watch(*, now: datetime) -> bool:
    """Note what is sold out and what is back, and have prices follow.

    False: another worker is at it.

    Raises:
        OperationalError: somebody else kept a row for long; the next look has it.
    """
    with transaction.atomic(), database.cursor() as cursor:
        cursor.execute("select set_config('lock_timeout', %s, true)", [LOCK_WAIT])
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [ONE_WATCH])
        if not cursor.fetchone()[0]:
            return False
        values: dict[str, Any] = {"now": now, "patience": BACK_AFTER}
        cursor.execute(FOUND + EMPTY, values)
        cursor.execute(FOUND + TURN, values)
    follow(now=now)
    with database.cursor() as cursor:
        cursor.execute(GONE)
    return True
