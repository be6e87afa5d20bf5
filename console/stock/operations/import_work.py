"""What a worker does with a sheet of levels: read it, judge it, write it at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.db import connection

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.sheets import working
from console.sheets.cells import kept
from console.stock import sheets
from console.stock.models import BadLevel, LevelImport
from console.stock.operations import counting, goods, judging
from console.stock.operations.ledger import Why, briefly
from console.stock.rules import Reason
from console.stock.sheets import Row

Mode = LevelImport.Mode
COPY = """
copy stock_stagedlevel (job_id, number, sku, location, on_hand, committed, buffer,
    version, perishable, since, unknown, problem, raw) from stdin
"""


def claim(job_id: int, *, now: datetime) -> LevelImport | None:
    """Take a job for a while; None if it is done, or another worker has it."""
    jobs = LevelImport.objects.select_related("by")
    job = working.claim(jobs, job_id, now=now)
    if job is not None and job.began_at is None:
        job.began_at = now
        job.save(update_fields=["began_at"])
    return job


def waiting(*, now: datetime) -> list[int]:
    """Jobs nobody works on though somebody should."""
    return working.waiting(LevelImport.objects.all(), now=now)


def stream(job: LevelImport) -> Iterator[Row]:
    """The rows of the job's file, one after the other.

    Raises:
        UnreadableSheet: what is wrong with the whole file.
    """
    return sheets.rows(Path(job.file.path))


@operation()
def stage(job: LevelImport, rows: Sequence[Row], *, total: int, now: datetime) -> None:
    """Take over some more rows of the file; killed, it goes on behind the last ones.

    total: about how many rows there are, for the bar of progress only.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    working.taken(job, len(rows), total=total, now=now)
    _copy(job, rows)


def _copy(job: LevelImport, rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY) as out:
        for row in rows:
            out.write_row(_values(job.pk, row))


def _values(job_id: int, row: Row) -> tuple[object, ...]:
    units = (row.on_hand, row.committed, row.buffer, row.version)
    said = (row.perishable, row.since, row.unknown)
    problem = json.dumps(dict(row.problem)) if row.problem else ""
    named = (job_id, row.number, row.sku, row.location)
    return (*named, *units, *said, problem, kept(row.raw))


@operation()
def judge(job: LevelImport, *, now: datetime) -> None:
    """Find out what each row would do, and keep the bad ones; changes no level.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
        OutOfScope: the person is limited to other categories than a SKU of it.
    """
    working.go_on(job, now=now, total=job.checked)
    judging.judge(job.pk, alone=job.by_id is not None)
    check_within(job.by, Kind.SKU, judging.codes())
    job.bad.all().delete()
    _keep_bad(job)
    told = judging.outcomes()
    nothing = not (told.changing or told.failed or told.pending or told.described)
    if nothing:
        counting.agreed(now)
    working.judged(job, nothing=nothing, now=now, **vars(told))


def _keep_bad(job: LevelImport) -> None:
    for bad in judging.bad():
        BadLevel.objects.bulk_create(
            BadLevel(
                job=job,
                number=one.number,
                sku=one.sku[:200],
                location=one.location[:200],
                field=one.field[:40],
                message=one.message,
                raw=one.raw,
            )
            for one in bad
        )


@operation()
@briefly()
def apply(job: LevelImport, rows: Iterable[Row], *, now: datetime) -> None:
    """Write the rows that are good, all in this one transaction.

    Killed before its end it did nothing, and is done again from the start.

    rows: the file, read again only where the staging table lost it.

    Raises:
        RowsFailed: all or nothing was asked for, and a row is bad by now.
        StockBusy: somebody else moves the same stock; nothing was written.
    """
    if not working.still_wanted(job):
        return
    if job.staged.count() != job.total:
        working.forget(job)
        _copy(job, rows)
    counting.hold(job.pk)
    judging.judge(job.pk, alone=job.by_id is not None, agreed=True)
    check_within(job.by, Kind.SKU, judging.codes())
    told = judging.outcomes()
    if told.failed and job.mode == Mode.ALL:
        first = next(judging.bad())[0]
        raise working.gone_bad(job, first.number, first.message)
    _keep_bad(job)
    why = Why(job.by, now, Reason.IMPORT)
    counting.write(why)
    goods.write(goods.compared(judging.described()).changed, why)
    _end(job, told, why)


def _end(job: LevelImport, told: judging.Outcomes, why: Why) -> None:
    """Note what was done; rows that were bad when tried were left out."""
    good = told.changing + told.pending + told.unchanged
    done = vars(told) | {"failed": job.total - good}
    working.over(job, now=why.now, **done)
    after = {"file": job.name, **done, "moves": asdict(judging.moves())}
    record(why.actor, "stock.import", "levels", now=why.now, after=after)
    if told.pending:
        after = {"file": job.name, "counts": told.pending}
        record(why.actor, "stock.propose_count", "levels", now=why.now, after=after)
