"""Statements that keep and book what feeds told."""

from __future__ import annotations

TAKE_IN = """
insert into stock_feedmovement (feed_id, external_id, sku_code, place, sku_id,
    location_id, kind, units, occurred_at, received_at, state, code, reason)
select %(feed)s, u.name, u.sku, u.place, k.id, p.id, u.kind, u.units, u.at, %(now)s,
    case when w.code = '' then 'waiting' else 'refused' end, w.code,
    case w.code when 'unknown_sku' then 'There is no SKU ' || u.sku || '.'
        when 'unknown_location' then 'There is no location ' || u.place || '.'
        when 'other_location' then 'This feed tells of another location.'
        else '' end
from unnest(%(names)s::text[], %(skus)s::text[], %(places)s::text[], %(kinds)s::text[],
    %(units)s::int[], %(ats)s::timestamptz[])
    u (name, sku, place, kind, units, at)
left join stock_sku k on k.code = u.sku
left join stock_location p on (p.name = u.place
        or u.place = '' and p.id = %(place)s::bigint)
    and (%(place)s::bigint is null or p.id = %(place)s)
cross join lateral (select case when k.id is null then 'unknown_sku'
    when p.id is null and %(place)s::bigint is not null then 'other_location'
    when p.id is null then 'unknown_location' else '' end as code) w
order by u.name
on conflict (feed_id, external_id) do update set sku_id = excluded.sku_id,
    location_id = excluded.location_id, state = excluded.state, code = excluded.code,
    reason = excluded.reason
where stock_feedmovement.state = 'refused' and excluded.state = 'waiting'
    and (stock_feedmovement.sku_code, stock_feedmovement.place,
        stock_feedmovement.kind, stock_feedmovement.units,
        stock_feedmovement.occurred_at)
    = (excluded.sku_code, excluded.place, excluded.kind, excluded.units,
        excluded.occurred_at)
returning external_id
"""
"""Keeps each movement once; a refused one is tried anew when it is sent again. Rows are
locked by name, as who decides on them locks them."""
FIND = """
update stock_feedmovement m set state = 'waiting', code = '', reason = '',
    sku_id = k.id, location_id = p.id
from stock_sku k, stock_location p, stock_feed f
where m.id = any(%s) and m.state = 'refused' and k.code = m.sku_code
    and (p.name = m.place or m.place = '' and p.id = f.location_id)
    and f.id = m.feed_id
    and (f.location_id is null or f.location_id = p.id)
"""
"""What was refused since it named what was not there, and names what is."""
THESE = """
select id from stock_feedmovement where id in (
    select id from stock_feedmovement where id = any(%(ids)s)
    union
    select m.id from (select distinct sku_id, location_id from stock_feedmovement
        where id = any(%(ids)s) and state = 'waiting') n
    join stock_feedmovement m on m.sku_id = n.sku_id
        and m.location_id = n.location_id and m.state = 'short')
    and state in ('waiting', 'parked', 'short')
order by occurred_at, id for update skip locked
"""
DUE = """
with waiting as materialized (
    select id from stock_feedmovement
    where state = 'waiting' and received_at < %(settled)s
    order by occurred_at, id limit %(most)s for update skip locked
), short as materialized (
    select id from stock_feedmovement
    where state = 'short' and tried_at < %(tried)s
    order by occurred_at, id
    limit %(most)s - (select count(*) from waiting) for update skip locked
), free as materialized (
    select id from stock_feedmovement
    where state = 'parked' and fence_id = any(array(
        select id from stock_fence where dropped_at is not null))
    union all
    select m.id from stock_feedmovement m
    where state = 'parked' and fence_id = any(array(
            select id from stock_fence where dropped_at is null))
        and sku_id = any(array(select a.sku_id from stock_fence f
            join stock_allocation a on a.campaign = f.campaign
            where f.dropped_at is null and a.returned_at is not null))
        and exists (select from stock_fence f
            join stock_allocation a on a.campaign = f.campaign
            where f.id = m.fence_id and a.sku_id = m.sku_id
                and a.returned_at is not null)
), parked as materialized (
    select id from stock_feedmovement
    where state = 'parked' and id = any(array(select id from free))
    order by occurred_at, id
    limit %(most)s - (select count(*) from waiting) - (select count(*) from short)
    for update skip locked
)
select id from waiting union all select id from short union all select id from parked
"""
"""What waits, did not fit a while ago, or was parked by a fence that is down or no
longer about its SKU; each by an index of its own, in the order it happened."""
MAKE = """
with new as materialized (
    select s, p from unnest(%s::bigint[], %s::bigint[]) u (s, p)
    where not exists (select from stock_level where sku_id = s and location_id = p)
), held as materialized (
    select pg_advisory_xact_lock_shared(5718, 0) from new limit 1
)
insert into stock_level (sku_id, location_id, on_hand, committed, allocated, buffer,
    version)
select s, p, 0, 0, 0, 0, 1 from new cross join (select count(*) from held) h
order by s, p on conflict (sku_id, location_id) do nothing
"""
"""New levels no fence could lock: whoever makes one keeps fences from rising (5718)."""
LOCK = """
select id, sku_id, location_id, on_hand, committed + allocated from stock_level
where (sku_id, location_id) in (select * from unnest(%s::bigint[], %s::bigint[]))
order by sku_id, location_id for update
"""
LOCK_FREE = f"{LOCK} skip locked"
COUNTED = """
select l.sku_id, l.location_id, l.last_count_at, coalesce((
    select max(f.external_id) from stock_feedmovement f
    where f.sku_id = l.sku_id and f.location_id = l.location_id
        and f.state = 'applied' and f.kind = 'counted'
        and f.occurred_at = l.last_count_at), '')
from stock_level l
where (l.sku_id, l.location_id) in (select * from unnest(%s::bigint[], %s::bigint[]))
    and l.last_count_at is not null
"""
"""The newest count of each level, and what a feed that told of it calls it."""
SINCE = """
select u.s, u.p, (
    coalesce((select sum(case when f.kind in ('returned', 'received') then f.units
            else -f.units end) from stock_feedmovement f
        where f.sku_id = u.s and f.location_id = u.p and f.state = 'applied'
            and f.kind <> 'counted' and f.occurred_at > u.at), 0)
    + coalesce((select sum(case when m.target = 'free' then m.units else -m.units end)
        from stock_movement m where m.sku_id = u.s and m.location_id = u.p
            and m.reservation is null and m.at > u.at
            and m.reason !~ '^(feed |count|import)'
            and (m.source = 'outside' and m.target = 'free'
                or m.source = 'free' and m.target = 'outside')), 0)
    + coalesce((select sum(case when t.kind = 'shipped' then -t.units
            when t.kind = 'returned' and not t.damaged then t.units end)
        from stock_settlement t join stock_allocation a on a.id = t.allocation_id
        where a.sku_id = u.s and t.location_id = u.p and t.at > u.at), 0))::int
from unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) u (s, p, at)
"""
CHANGE = """
update stock_level l set on_hand = l.on_hand + u.units, version = l.version + 1,
    counted_at = greatest(l.counted_at, u.counted),
    last_count_at = greatest(l.last_count_at, u.counted)
from unnest(%s::bigint[], %s::int[], %s::timestamptz[]) u (id, units, counted)
where l.id = u.id
"""
SETTLE = """
update stock_feedmovement m set state = u.state, expected = u.expected,
    reason = u.reason, code = case when u.reason = '' then '' else u.state end,
    fence_id = coalesce(u.fence, m.fence_id), tried_at = %s
from unnest(%s::bigint[], %s::text[], %s::int[], %s::text[], %s::bigint[])
    u (id, state, expected, reason, fence)
where m.id = u.id
"""
