"""What each staged row of a sheet of levels would do, found by one statement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection

from console.errors import Refusal
from console.stock.operations import second
from console.stock.operations.goods import Goods
from console.stock.operations.levels import check_size, stale_text
from console.stock.operations.sizing import LevelSize
from console.stock.queries.sheet_moves import SheetMoves

BATCH = 2000
FRESH = """
drop table if exists fresh; create temporary table fresh (id bigint) on commit drop
"""
SAID = """
drop table if exists judged;
create temporary table judged on commit drop as
with said as (
    select s.job_id, s.number, s.sku, s.location, s.on_hand, s.version, s.perishable,
        s.since, s.unknown, s.problem, s.raw,
        case when s.committed < 0 then coalesce(l.committed, 0) else s.committed end
            as committed,
        case when s.buffer < 0 then coalesce(l.buffer, 0) else s.buffer end as buffer,
        k.id as sku_id, p.id as location_id, l.id as level_id,
        coalesce(l.on_hand, 0) as old_on_hand,
        coalesce(l.committed, 0) as old_committed,
        coalesce(l.buffer, 0) as old_buffer, coalesce(l.allocated, 0) as allocated,
        l.version as now_version, k.cost,
        exists (select from stock_pendingcount w
            where w.level_id = l.id and w.approved is null) as waits,
        l.id is null or exists (select from fresh f where f.id = l.id) as new,
        s.problem = '' and row_number() over (
            partition by s.problem = '', s.sku, s.location order by s.number) > 1
            as twice,
        s.perishable is not null or s.since is not null or s.unknown as says,
        concat_ws(' ', s.perishable, s.since, s.unknown) as saying,
        s.perishable <> k.perishable or s.since <> k.on_market_since
            or (s.since is not null and k.on_market_since is null)
            or (s.unknown and k.on_market_since is not null) as describes,
        exists (select from stock_fence b join stock_allocation a
            on a.campaign = b.campaign where b.dropped_at is null and a.sku_id = k.id
            and a.returned_at is null) as fenced
    from stock_stagedlevel s
    left join stock_sku k on k.code = s.sku
    left join stock_location p on p.name = s.location
    left join stock_level l on l.sku_id = k.id and l.location_id = p.id
    where s.job_id = %(job)s {left_out}
), compared as (
    select *, says and saying <> first_value(saying) over (
            partition by sku, says, problem = '' order by number) as otherwise,
        not new and (on_hand, committed, buffer)
            = (old_on_hand, old_committed, old_buffer) as same,
        %(alone)s and not new and (
            change > %(most_units)s or change * cost > %(most_value)s) as large
    from said cross join lateral (select greatest(abs(on_hand - old_on_hand),
        abs(committed - old_committed), abs(buffer - old_buffer)) as change) c
), decided as (
    select *, case
        when problem <> '' then 'cells' when sku_id is null then 'sku'
        when location_id is null then 'location' when twice then 'twice'
        when waits and large then 'waits'
        when not same and version <> now_version then 'stale'
        when on_hand < committed + allocated then 'promised'
        when fenced and (on_hand, committed) <> (old_on_hand, old_committed)
            then 'fenced'
        when otherwise then 'otherwise' end as wrong
    from compared
)
select *, case when wrong is not null then 'failed' when new then 'created'
    when same then 'unchanged'
    when large then 'pending' else 'updated' end as outcome
from decided
"""
"""Staged units below 0 (`sheets.KEEP`) leave what the level has, or 0 of a new one."""
LEFT_OUT = """
and not exists (
    select from stock_badlevel b where b.job_id = s.job_id and b.number = s.number)
"""
"""Rows that were bad when a person said yes without them."""
COUNT = """
select count(*), count(*) filter (where outcome = 'created'),
    count(*) filter (where outcome = 'updated'),
    count(*) filter (where outcome = 'unchanged'),
    count(*) filter (where outcome = 'failed'),
    count(*) filter (where outcome = 'pending'),
    count(distinct sku_id) filter (where wrong is null and describes),
    coalesce(sum(greatest(on_hand - old_on_hand, 0)) filter (where counts), 0),
    coalesce(sum(greatest(old_on_hand - on_hand, 0)) filter (where counts), 0)
from judged cross join lateral (select outcome in ('created', 'updated') as counts) c
"""
MOVES = """
select coalesce(sum(greatest(committed - old_committed, 0)), 0),
    coalesce(sum(greatest(old_committed - committed, 0)), 0),
    coalesce(sum(greatest(buffer - old_buffer, 0)), 0),
    coalesce(sum(greatest(old_buffer - buffer, 0)), 0)
from judged where outcome in ('created', 'updated')
"""
BAD = """
select number, sku, location, wrong, problem, raw, on_hand, committed, buffer,
    old_on_hand, old_committed, old_buffer, allocated
from judged where wrong is not null and number > %s order by number limit %s
"""


@dataclass(frozen=True)
class Outcomes:
    """How many rows do what, SKUs are described anew, units come and go.

    pending: counts too large for one person; they wait for another.
    """

    created: int
    updated: int
    unchanged: int
    failed: int
    pending: int
    described: int
    more: int
    less: int

    @property
    def changing(self) -> int:
        """Rows that change a level."""
        return self.created + self.updated


@dataclass(frozen=True)
class Bad:
    """One row that is not written. raw: its cells as given."""

    number: int
    sku: str
    location: str
    field: str
    message: str
    raw: dict[str, str]


def judge(job_id: int, *, alone: bool, agreed: bool = False) -> None:
    """Fill `judged`, which the transaction drops.

    alone: the counts are of one person, and large ones wait for a second; a level that
    is new has no count to differ from. agreed: leave out the rows that were bad when a
    person said yes.
    """
    values = {
        "job": job_id,
        "alone": alone,
        "most_units": settings.ADJUST_ALONE_UNITS,
        "most_value": settings.ADJUST_ALONE_VALUE,
    }
    statement = SAID.format(left_out=LEFT_OUT if agreed else "")
    with connection.cursor() as cursor:
        cursor.execute("set local work_mem = '64MB'")  # the sort stays in memory
        cursor.execute("analyze stock_stagedlevel (job_id, number, sku, location)")
        if not agreed:
            cursor.execute(FRESH)
        for part in statement.split(";"):
            cursor.execute(part, values)
        cursor.execute("analyze judged (number, level_id, outcome, wrong)")


def outcomes() -> Outcomes:
    """What the rows do."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT)
        _, *counts = cursor.fetchone()
        return Outcomes(*map(int, counts))


def moves() -> SheetMoves:
    """What the rows do to units promised elsewhere and held back."""
    with connection.cursor() as cursor:
        cursor.execute(MOVES)
        return SheetMoves(*map(int, cursor.fetchone()))


def codes() -> list[str]:
    """The SKUs of the rows that can be written."""
    with connection.cursor() as cursor:
        cursor.execute("select distinct sku from judged where wrong is null")
        return [code for (code,) in cursor.fetchall()]


def described() -> list[tuple[int, str, Goods]]:
    """Rows that say something new of their SKU: number, code, what."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, sku, perishable, since, unknown from judged"
            " where wrong is null and describes order by number"
        )
        return [_described(*row) for row in cursor.fetchall()]


def _described(
    number: int, sku: str, perishable: bool | None, since: date | None, unknown: bool
) -> tuple[int, str, Goods]:
    return number, sku, Goods(perishable, since, unknown)


def bad() -> Iterator[list[Bad]]:
    """The rows that cannot be written, in order, a batch at a time."""
    last = 0
    while found := _bad(last):
        last = found[-1].number
        yield found


def _bad(after: int) -> list[Bad]:
    with connection.cursor() as cursor:
        cursor.execute(BAD, [after, BATCH])
        return [_named(*row) for row in cursor.fetchall()]


def _named(
    number: int,
    sku: str,
    location: str,
    wrong: str,
    problem: str,
    raw: str,
    *units: int,
) -> Bad:
    field, message = _said(sku, location, wrong, problem, units)
    return Bad(number, sku, location, field, message, json.loads(raw))


def _said(
    sku: str, location: str, wrong: str, problem: str, units: tuple[int, ...]
) -> tuple[str, str]:
    """Which column is wrong, and one sentence about it."""
    asked, now, allocated = LevelSize(*units[:3]), LevelSize(*units[3:6]), units[6]
    told = {
        "sku": ("sku", f"There is no SKU {sku[:64]}."),
        "location": ("location", f"There is no location {location[:60]}."),
        "twice": ("sku", "This SKU and location came before."),
        "waits": ("on_hand", second.already().message),
        "stale": ("version", stale_text(now)),
        "fenced": ("on_hand", f"{sku[:64]} is fenced for a sale: count it after."),
        "otherwise": ("sku", f"{sku[:64]} is described in another way above."),
    }
    if wrong == "cells":
        (told_of,) = json.loads(problem).items()
        return str(told_of[0]), str(told_of[1])
    if wrong == "promised":
        return _promised(allocated, asked)
    return told[wrong]


def _promised(allocated: int, asked: LevelSize) -> tuple[str, str]:
    try:
        check_size(allocated, asked)
    except Refusal as refused:
        return refused.field, refused.message
    raise AssertionError("the statement refused what the rule allows")
