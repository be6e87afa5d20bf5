"""What a sheet of levels does, in sum, to units promised elsewhere and held back."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from console.audit.models import Entry
from console.stock.models import LevelImport

MOVES = """
with said as (
    select s.number, l.id is null as new, k.cost,
        s.on_hand - coalesce(l.on_hand, 0) as on_hand,
        case when s.committed < 0 then 0
            else s.committed - coalesce(l.committed, 0) end as committed,
        case when s.buffer < 0 then 0
            else s.buffer - coalesce(l.buffer, 0) end as buffer
    from stock_stagedlevel s
    join stock_sku k on k.code = s.sku
    join stock_location p on p.name = s.location
    left join stock_level l on l.sku_id = k.id and l.location_id = p.id
    where s.job_id = %(job)s and s.problem = '' and not exists (
        select from stock_badlevel b where b.job_id = s.job_id and b.number = s.number)
), alone as (
    select said.* from said cross join lateral (
        select greatest(abs(on_hand), abs(committed), abs(buffer)) as change) c
    where new or not %(alone)s or not (change > %(most_units)s
        or coalesce(change * cost > %(most_value)s, false))
)
select coalesce(sum(greatest(committed, 0)), 0),
    coalesce(sum(greatest(-committed, 0)), 0),
    coalesce(sum(greatest(buffer, 0)), 0), coalesce(sum(greatest(-buffer, 0)), 0)
from alone
"""
"""Rows that would be written: neither bad nor too large for one person, as where they
are judged (`operations.judging`)."""


@dataclass(frozen=True)
class SheetMoves:
    """Units that come to, and go from, what is promised elsewhere and held back."""

    committed_more: int = 0
    committed_less: int = 0
    buffer_more: int = 0
    buffer_less: int = 0


def sheet_moves(job: LevelImport) -> SheetMoves | None:
    """What a sheet would do by now, or did; None where nobody knows any more."""
    if not job.changing:
        return SheetMoves()
    if job.state == LevelImport.State.DONE:
        return _written(job)
    return _tried(job) if job.staged.count() == job.total else None


def _tried(job: LevelImport) -> SheetMoves:
    values = {
        "job": job.pk,
        "alone": job.by_id is not None,
        "most_units": settings.ADJUST_ALONE_UNITS,
        "most_value": settings.ADJUST_ALONE_VALUE,
    }
    with connection.cursor() as cursor:
        cursor.execute(MOVES, values)
        return SheetMoves(*map(int, cursor.fetchone()))


def _written(job: LevelImport) -> SheetMoves | None:
    """As the trail kept it; sheets were written before it did."""
    written = Entry.objects.filter(verb="stock.import", after__file=job.name)
    kept = written.filter(at=job.finished_at).first() if job.finished_at else None
    told = (kept.after or {}).get("moves") if kept else None
    return SheetMoves(**told) if told else None
