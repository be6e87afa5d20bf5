"""What a worker does with a sheet of levels: read it, judge it, write it at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection
from django.db.models import F, Q, QuerySet
from pydantic_core import to_json

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.shell import spreadsheets
from console.stock import sheets
from console.stock.models import BadLevel, LevelImport, StagedLevel
from console.stock.operations import counting, goods, judging
from console.stock.operations.imports import ImportNotReady, RowsFailed
from console.stock.operations.ledger import Why, briefly
from console.stock.rules import Reason
from console.stock.sheets import Row

BATCH = 20_000
AT_ONCE = 100_000
"""Rows judged, or written, within one lease."""
LEASE = timedelta(seconds=30)
WRITTEN_AT_ONCE = 20_000
BUSY = timedelta(seconds=5)
LONGEST_KEPT = 2000
State, Mode = LevelImport.State, LevelImport.Mode
COPY = """
copy stock_stagedlevel (job_id, number, sku, location, on_hand, committed, buffer,
    version, perishable, since, unknown, problem, raw) from stdin
"""


def claim(job_id: int, *, now: datetime) -> LevelImport | None:
    """Take a job for a while; None if it is done, or another worker has it."""
    jobs = _at_work(now).filter(pk=job_id)
    if not jobs.update(lease_until=now + LEASE):
        return None
    LevelImport.objects.filter(pk=job_id, began_at=None).update(began_at=now)
    job = LevelImport.objects.select_related("by").get(pk=job_id)
    if job.state == State.APPLYING:
        job.lease_until = now + LEASE * (1 + job.total // WRITTEN_AT_ONCE)
        job.save(update_fields=["lease_until"])
    return job


def waiting(*, now: datetime) -> list[int]:
    """Jobs nobody works on though somebody should: their worker died, or gave way."""
    return list(_at_work(now).order_by("pk").values_list("pk", flat=True))


def _at_work(now: datetime) -> QuerySet[LevelImport]:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return LevelImport.objects.filter(free, state__in=[State.CHECKING, State.APPLYING])


def stream(job: LevelImport) -> Iterator[Row]:
    """The rows of the job's file, one after the other.

    Raises:
        UnreadableSheet: what is wrong with the whole file.
    """
    return sheets.rows(Path(job.file.path))


def length(job: LevelImport) -> int:
    """About how many rows the job's file has."""
    return spreadsheets.length(Path(job.file.path))


@operation()
def fail(job: LevelImport, why: str, *, now: datetime) -> None:
    """End a job whose file is bad as a whole; nothing was written."""
    LevelImport.objects.filter(pk=job.pk).update(
        state=State.FAILED,
        error=why,
        total=F("checked"),
        lease_until=None,
        finished_at=now,
    )
    forget(job.pk)


@operation()
def give_way(job: LevelImport, *, now: datetime) -> None:
    """Try again in a moment: somebody else moves the same stock."""
    ours = LevelImport.objects.filter(pk=job.pk, state=State.APPLYING)
    ours.update(lease_until=now + BUSY)


@operation()
def stage(job: LevelImport, rows: Sequence[Row], *, total: int, now: datetime) -> None:
    """Take over some more rows of the file; killed, it goes on behind the last ones.

    total: about how many rows there are, for the bar of progress only.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    checked = job.checked + len(rows)
    _go_on(job, now, checked=checked, total=max(total, checked))
    _copy(job, rows)


def _copy(job: LevelImport, rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY) as out:
        for row in rows:
            out.write_row(_values(job.pk, row))


def _values(job_id: int, row: Row) -> tuple[object, ...]:
    units = (row.on_hand, row.committed, row.buffer, row.version)
    said = (row.perishable, row.since, row.unknown)
    problem = json.dumps(dict(row.problem)) if row.problem else ""
    kept = {name: text[:LONGEST_KEPT] for name, text in row.raw.items()}
    raw = to_json(kept).decode()
    return (job_id, row.number, row.sku, row.location, *units, *said, problem, raw)


def _go_on(job: LevelImport, now: datetime, **fields: int) -> None:
    """Keep the job for as long as its rows may take; it must still be ours."""
    until = now + LEASE * (1 + fields.get("checked", job.checked) // AT_ONCE)
    ours = LevelImport.objects.filter(pk=job.pk, state=State.CHECKING)
    kept = ours.filter(checked=job.checked, lease_until=job.lease_until)
    if not kept.update(lease_until=until, **fields):
        raise ImportNotReady("Another worker took over this import.")
    for name, value in {"lease_until": until, **fields}.items():
        setattr(job, name, value)


def lost(job: LevelImport) -> bool:
    """True if the staging table has not what the job took over: see `StagedLevel`."""
    return job.staged.count() != job.checked


@operation()
def start_over(job: LevelImport, *, now: datetime) -> None:
    """Forget what was staged: the table lost rows when the database crashed."""
    _go_on(job, now, checked=0)
    forget(job.pk)


def forget(job_id: int) -> None:
    """Empty the table of what this job read."""
    StagedLevel.objects.filter(job_id=job_id).delete()


@operation()
def judge(job: LevelImport, *, now: datetime) -> None:
    """Find out what each row would do, and keep the bad ones; changes no level.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
        OutOfScope: the person is limited to other categories than a SKU of it.
    """
    _go_on(job, now, total=job.checked)
    judging.judge(job.pk, alone=job.by_id is not None)
    check_within(job.by, Kind.SKU, judging.codes())
    job.bad.all().delete()
    _keep_bad(job)
    told = judging.outcomes()
    nothing = not (told.changing or told.failed or told.pending or told.described)
    LevelImport.objects.filter(pk=job.pk).update(
        state=State.DONE if nothing else State.CHECKED,
        finished_at=now if nothing else None,
        lease_until=None,
        **vars(told),
    )
    if nothing:
        forget(job.pk)


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
    held = LevelImport.objects.select_for_update().get(pk=job.pk)
    if held.state != State.APPLYING:
        return
    if job.staged.count() != job.total:
        forget(job.pk)
        _copy(job, rows)
    counting.hold(job.pk)
    judging.judge(job.pk, alone=job.by_id is not None, agreed=True)
    check_within(job.by, Kind.SKU, judging.codes())
    told = judging.outcomes()
    if told.failed and job.mode == Mode.ALL:
        raise _gone_bad()
    _keep_bad(job)
    why = Why(job.by, now, Reason.IMPORT)
    counting.write(why)
    goods.write(goods.compared(judging.described()).changed, why)
    _end(job, told, why)


def _gone_bad() -> RowsFailed:
    first = next(judging.bad())[0]
    return RowsFailed(
        f"Row {first.number} changed since it was tried: {first.message} "
        "Nothing was written; upload the sheet again."
    )


def _end(job: LevelImport, told: judging.Outcomes, why: Why) -> None:
    """Note what was done; rows that were bad when tried were left out."""
    good = told.changing + told.pending + told.unchanged
    done = vars(told) | {"failed": job.total - good}
    LevelImport.objects.filter(pk=job.pk).update(
        state=State.DONE, lease_until=None, finished_at=why.now, **done
    )
    forget(job.pk)
    after = {"file": job.name, **done}
    record(why.actor, "stock.import", "levels", now=why.now, after=after)
    if told.pending:
        after = {"file": job.name, "counts": told.pending}
        record(why.actor, "stock.propose_count", "levels", now=why.now, after=after)
