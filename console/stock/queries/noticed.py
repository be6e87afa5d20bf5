"""What each page should do while its SKU is sold out, and what shops can do at all."""

from __future__ import annotations

from console.providers.models import Connection
from console.providers.ports import SoldOutDisplay
from console.providers.registry import drivers

NOTICES = """
gone as (
    select a.id, a.sku_id, a.campaign, k.code, g.shops
    from stock_soldout o
    join stock_allocation a on a.id = o.allocation_id and a.returned_at is null
    join stock_sku k on k.id = a.sku_id
    join stock_salegate g on g.campaign = a.campaign and g.state <> 'closed'
        and (g.holds_until is null or g.holds_until > %(now)s)
    where o.out_at is not null
), notices as (
    select distinct on (s.connection, x.sku_id) s.connection, x.sku_id,
        case
            when p.way = any (s.ways) and not (p.way = 'redirect' and exists (
                select from gone o where p."to" = 'sku:' || o.code))
                then concat_ws(' ', p.way, x.campaign, nullif(p."to", ''))
            when 'badge' = any (s.ways) then concat_ws(' ', 'badge', x.campaign)
            else '' end as notice
    from gone x
    join stock_shopfront s on x.shops is null or s.connection = any (x.shops)
    join lateral (
        select p.way, p."to" from stock_soldoutpolicy p
        where p.campaign = x.campaign and (p.sku_id = x.sku_id or p.sku_id is null)
        order by p.sku_id nulls last limit 1
    ) p on true
    order by s.connection, x.sku_id, x.id desc
)
"""
"""A way a shop does not have is a badge, if it has that; so is a redirect to a SKU that
is sold out itself, which may lead back. Of two sales of a SKU the later lock counts."""


def ways_of(connection: Connection) -> frozenset[str]:
    """What the pages of a shop can do while a SKU is sold out, as its driver says."""
    kind = drivers().get(connection.driver)
    if kind is None or not issubclass(kind, SoldOutDisplay):
        return frozenset()
    return frozenset(getattr(kind, "sold_out_ways", ()))
