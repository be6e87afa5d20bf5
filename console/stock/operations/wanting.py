"""What every shop should show: compared with what it was told, in one statement."""

from __future__ import annotations

import secrets
import time
from datetime import datetime

from django.db import connection as database
from django.db import transaction

from console.providers.models import Connection
from console.providers.ports import Storefront
from console.providers.registry import drivers
from console.stock.models import Shopfront, Shown
from console.stock.operations.noticed import know_ways
from console.stock.queries import CHANNEL_BUFFERS, NOTICES
from console.stock.rules.publishing import look_due

ONE_LOOK = 5716
"""The advisory lock of who compares: an older snapshot must not overwrite a newer."""
WANTED = """
free as (
    select sku_id, sum(free) as units from stock_level group by sku_id
), sale as (
    select a.sku_id, g.shops, greatest(a.sellable + coalesce(late.units, 0)
            - case when b.id is null then 0 else least(a.waiting, greatest(
                a.sellable + coalesce(late.units, 0) - a.backorder, 0)) end, 0)
            as units, a.backorder, o.out_at is not null as out
    from stock_allocation a
    join stock_salegate g on g.campaign = a.campaign and g.state = 'open'
        and (g.holds_until is null or g.holds_until > %(now)s)
    left join stock_soldout o on o.allocation_id = a.id
    left join stock_offerbell b on b.at > %(now)s - interval '10 s'
    left join lateral (
        select sum(r.units) as units from stock_reservationline r
        where r.allocation_id = a.id and r.held and r.expires_at <= %(now)s
    ) late on true
    where a.returned_at is null
        and a.state = 'open'
), told as (
    select s.connection, sale.sku_id, sum(case when s.early then sale.units
        else greatest(sale.units - sale.backorder, 0) end) as units,
        coalesce(sum(sale.units) filter (where not sale.out), 0) as others
    from sale join stock_shopfront s
        on sale.shops is null or s.connection = any (sale.shops)
    group by s.connection, sale.sku_id
), listed as (
    select sku_id from free union select sku_id from sale
    union select sku_id from stock_shown where notice <> ''
), buffers as ({buffers}), {notices}, wanted as (
    select s.connection, s.looked_at, l.sku_id,
        least(greatest(n.free + coalesce(t.units, 0), 0), 2147483647)::integer as units,
        case when n.free + coalesce(t.others, 0) > 0 then ''
            else coalesce(p.notice, '') end as notice
    from stock_shopfront s cross join listed l
    left join free f on f.sku_id = l.sku_id
    left join told t on t.connection = s.connection and t.sku_id = l.sku_id
    left join buffers b on b.connection = s.connection and b.sku_id = l.sku_id
    left join notices p on p.connection = s.connection and p.sku_id = l.sku_id
    cross join lateral (
        select coalesce(f.units, 0) - coalesce(b.units, 0) as free) n
)
"""
"""Units each shop may show: what is free, and what open sales have left that are told
there; those that are not there yet only where a shop wants to know of them. A page
does something only where nothing is left beside what is sold out, or was just now."""
COMPARE = """
with {wanted}
insert into stock_shown as t (connection, sku_id, wanted, notice, state, changed_at,
    moved_at, ready_at, tries, last_error)
select w.connection, w.sku_id, w.units, w.notice, 'waiting',
    coalesce(w.looked_at, %(now)s), %(now)s, %(now)s, 0, ''
from wanted w
left join stock_shown o on o.connection = w.connection and o.sku_id = w.sku_id
where o.wanted is distinct from w.units or o.notice is distinct from w.notice
on conflict (connection, sku_id) do update set
    wanted = excluded.wanted,
    notice = excluded.notice,
    moved_at = excluded.moved_at,
    changed_at = case when t.state = 'waiting' then t.changed_at
        else excluded.changed_at end,
    ready_at = case when t.state = 'waiting' and t.shown is distinct from t.wanted
        then t.ready_at else excluded.ready_at end,
    state = case when t.state = 'shown'
        or (t.state = 'failed' and t.shown = t.wanted and t.notice <> t.notice_shown)
        then 'waiting' else t.state end
"""
"""A page that waits or was refused, though its units are shown, delays no units."""


def shops() -> list[str]:
    """Connections whose shop is told its stock: able to, on, and not told to be left.

    The option `publish_stock` of a connection, set to false, leaves its shop alone.
    """
    able = [name for name, kind in drivers().items() if issubclass(kind, Storefront)]
    found = Connection.objects.filter(enabled=True, driver__in=able).order_by("name")
    return [one.name for one in found if one.options.get("publish_stock") is not False]


@transaction.atomic
def compare(*, now: datetime) -> int | None:
    """Note where a shop should show something else than it was told; how many.

    What changes again before it was sent is still one thing to send. None: it is not
    time yet, another worker compares, or no shop wants to know.
    """
    names = shops()
    _know(names)
    know_ways()
    if not names or not _alone() or not _due(now):
        return None
    began = time.perf_counter()
    wanted = WANTED.format(buffers=CHANNEL_BUFFERS, notices=NOTICES)
    with database.cursor() as cursor:
        cursor.execute(COMPARE.format(wanted=wanted), {"now": now})
        changed = int(cursor.rowcount)
    ms = round((time.perf_counter() - began) * 1000)
    Shopfront.objects.update(looked_at=now, look_ms=ms)
    return changed


def _know(names: list[str]) -> None:
    """One row for each shop; what was kept of others is forgotten."""
    known = set(Shopfront.objects.values_list("connection", flat=True))
    if gone := known - set(names):
        list(Shopfront.objects.select_for_update().filter(connection__in=gone))
        Shown.objects.filter(connection__in=gone).delete()
        Shopfront.objects.filter(connection__in=gone).delete()
    if new := set(names) - known:
        rows = [Shopfront(connection=name, fence=_fence()) for name in sorted(new)]
        Shopfront.objects.bulk_create(rows, ignore_conflicts=True)


def _fence() -> int:
    """Where the rounds of a shop begin: not where they began when it was here before.

    Keys of calls are made of it, and a shop may remember those of last time.
    """
    return secrets.randbelow(2**30)


def _alone() -> bool:
    with database.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [ONE_LOOK])
        return bool(cursor.fetchone()[0])


def _due(now: datetime) -> bool:
    """Lock the shops, before their SKUs as everybody does, and ask if it is time."""
    fronts = list(Shopfront.objects.select_for_update().order_by("pk"))
    return any(look_due(one.looked_at, one.look_ms, now) for one in fronts)
