"""Writing a judged sheet: levels locked in order, counted by one statement."""

from __future__ import annotations

from datetime import datetime

from django.db import connection

from console.stock.operations.judging import FRESH
from console.stock.operations.ledger import Why

ONE_SHEET = 5717
"""The advisory lock of who writes a sheet: two at once would wait for each other."""
MAKE = """
with new as materialized (
    select distinct k.id as sku, p.id as place from stock_stagedlevel s
    join stock_sku k on k.code = s.sku join stock_location p on p.name = s.location
    where s.job_id = %(job)s and s.problem = ''
        and not exists (select from stock_badlevel b
            where b.job_id = s.job_id and b.number = s.number)
        and not exists (select from stock_level l
            where l.sku_id = k.id and l.location_id = p.id)
), held as materialized (
    select pg_advisory_xact_lock_shared(5718, 0) from new limit 1
), made as (
    insert into stock_level (sku_id, location_id, on_hand, committed, allocated, buffer,
        version)
    select sku, place, 0, 0, 0, 0, 1 from new cross join (select count(*) from held) h
    order by sku, place
    on conflict (sku_id, location_id) do nothing returning id
) insert into fresh select id from made
"""
"""No fence rises while levels are new (5718), as where feeds make them."""
LOCK = """
select from stock_level where id in (
    select l.id from stock_stagedlevel s
    join stock_sku k on k.code = s.sku join stock_location p on p.name = s.location
    join stock_level l on l.sku_id = k.id and l.location_id = p.id
    where s.job_id = %(job)s)
order by sku_id, location_id for update
"""
UPDATE = """
update stock_level l set on_hand = j.on_hand, committed = j.committed,
    buffer = j.buffer, version = l.version + (j.outcome <> 'unchanged')::int,
    counted_at = case j.outcome when 'unchanged' then l.counted_at else %(now)s end,
    last_count_at = greatest(l.last_count_at, %(now)s)
from judged j where l.id = j.level_id
    and j.outcome in ('created', 'updated', 'unchanged')
"""
"""A row that agrees with the books is a count too."""
AGREED = """
with same as materialized (
    select l.id from judged j join stock_level l on l.id = j.level_id
    where j.outcome = 'unchanged'
        and (l.on_hand, l.committed, l.buffer) = (j.on_hand, j.committed, j.buffer)
    order by l.sku_id, l.location_id for no key update of l
)
update stock_level l set last_count_at = greatest(l.last_count_at, %s)
from same where l.id = same.id
"""
POST = """
insert into stock_movement (at, sku_id, location_id, source, target, units, actor_id,
    reason)
select %(now)s, j.sku_id, j.location_id, case when m.units > 0 then m.a else m.b end,
    case when m.units > 0 then m.b else m.a end, abs(m.units), %(actor)s, %(reason)s
from judged j cross join lateral (values
    ('outside', 'free', j.on_hand - j.old_on_hand),
    ('free', 'committed', j.committed - j.old_committed),
    ('free', 'held', j.buffer - j.old_buffer)) m (a, b, units)
where j.outcome in ('created', 'updated') and m.units <> 0
order by j.number
"""
PUT_OFF = """
insert into stock_pendingcount (level_id, version, on_hand, committed, buffer,
    was_on_hand, was_committed, was_buffer, reason, by_id, at)
select level_id, now_version, on_hand, committed, buffer, old_on_hand, old_committed,
    old_buffer, %(reason)s, %(actor)s, %(now)s
from judged where outcome = 'pending' order by level_id
"""
UNMADE = """
delete from stock_level where id in (
    select f.id from fresh f
    where not exists (
        select from judged j where j.level_id = f.id and j.outcome = 'created'))
"""


def hold(job_id: int) -> None:
    """Make the levels that are new, empty, and lock all of the sheet in one order."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ONE_SHEET])
        cursor.execute(FRESH)
        cursor.execute(MAKE, {"job": job_id})
        cursor.execute(LOCK, {"job": job_id})


def agreed(now: datetime) -> None:
    """Note that a judged sheet which changes nothing counted its levels."""
    with connection.cursor() as cursor:
        cursor.execute(AGREED, [now])


def write(why: Why) -> None:
    """Set the levels as judged, with their entries; keep what needs a second person."""
    values = {
        "now": why.now,
        "actor": why.actor.pk if why.actor else None,
        "reason": why.reason,
    }
    with connection.cursor() as cursor:
        cursor.execute(POST, values)
        cursor.execute(UPDATE, values)
        cursor.execute(PUT_OFF, values)
        cursor.execute(UNMADE)
