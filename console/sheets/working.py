"""What a worker does with a sheet: take it for a while, go on where another stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

import structlog
from django.db.models import F, Q, QuerySet

from console.audit.operations import operation
from console.errors import Refusal
from console.sheets.job import SheetJob
from console.shell import spreadsheets

J = TypeVar("J", bound=SheetJob)
R = TypeVar("R")
J_contra = TypeVar("J_contra", bound=SheetJob, contravariant=True)
R_contra = TypeVar("R_contra", contravariant=True)
State = SheetJob.State
LEASE = timedelta(seconds=30)
BATCH = 20_000
"""Rows taken over at once, so that a worker which dies loses no more."""
AT_ONCE = 100_000
"""Rows judged, or written, within one lease."""
WRITTEN_AT_ONCE = 20_000
BUSY = timedelta(seconds=5)
log = structlog.get_logger(__name__)


class ImportNotReady(Refusal):
    """The import is not at the point where this can be done."""

    code = "import_not_ready"


class RowsFailed(Refusal):
    """Some rows are bad, so nothing was written."""

    code = "rows_failed"


class Takes(Protocol[J_contra, R_contra]):
    """Takes over some more rows of the file. total: about how many there are."""

    def __call__(
        self, job: J_contra, rows: Sequence[R_contra], /, *, total: int, now: datetime
    ) -> None:
        """Keep them with how far the file is read."""


def claim(jobs: QuerySet[J], job_id: int, *, now: datetime) -> J | None:
    """Take a job for a while; None if it is done, or another worker has it."""
    if not _at_work(jobs, now).filter(pk=job_id).update(lease_until=now + LEASE):
        return None
    job = jobs.get(pk=job_id)
    if job.state == State.APPLYING:
        job.lease_until = now + LEASE * (1 + job.total // WRITTEN_AT_ONCE)
        job.save(update_fields=["lease_until"])
    return job


def waiting(jobs: QuerySet[J], *, now: datetime) -> list[int]:
    """Jobs nobody works on though somebody should: their worker died, or gave way."""
    return list(_at_work(jobs, now).order_by("pk").values_list("pk", flat=True))


def _at_work(jobs: QuerySet[J], now: datetime) -> QuerySet[J]:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return jobs.filter(free, state__in=[State.CHECKING, State.APPLYING])


def length(job: SheetJob) -> int:
    """About how many rows the job's file has."""
    return spreadsheets.length(Path(job.file.path))


def run(
    job: J,
    work: Callable[[J], None],
    *,
    now: Callable[[], datetime],
    busy: tuple[type[Refusal], ...] = (),
) -> None:
    """Bring a claimed job as far as it goes without a person.

    busy: refusals after which it is tried again in a moment.
    """
    try:
        _work(job, work, now, busy)
    except ImportNotReady as lost_it:
        log.info("import left", job=job.pk, why=lost_it.message)


def _work(
    job: J,
    work: Callable[[J], None],
    now: Callable[[], datetime],
    busy: tuple[type[Refusal], ...],
) -> None:
    try:
        work(job)
    except ImportNotReady:
        raise
    except busy:
        give_way(job, now=now())
    except Refusal as refused:
        fail(job, refused.message, now=now())


def bring(
    job: J,
    rows: Iterator[R],
    *,
    take: Takes[J, R],
    judge: Callable[..., None],
    apply: Callable[..., None],
    now: Callable[[], datetime],
) -> None:
    """Take over what was not read yet and judge it, or write what was judged.

    judge, apply: `judge(job, now=…)` and `apply(job, rows, now=…)`, an operation each.

    Raises:
        What the rows of a file that is bad as a whole raise, and what these two do.
    """
    if job.state == State.APPLYING:
        apply(job, rows, now=now())
        return
    if lost(job):
        start_over(job, now=now())
    total = length(job)
    left = islice(rows, job.checked, None)
    while batch := list(islice(left, BATCH)):
        take(job, batch, total=total, now=now())
    judge(job, now=now())


def go_on(job: SheetJob, *, now: datetime, **fields: int) -> None:
    """Keep the job for as long as its rows may take; it must still be ours.

    By the rows that were read: how many the file seems to have may be far too many.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    until = now + LEASE * (1 + fields.get("checked", job.checked) // AT_ONCE)
    _ours(job, lease_until=until, **fields)
    job.leases = (*job.leases, job.lease_until)
    for name, value in {"lease_until": until, **fields}.items():
        setattr(job, name, value)


def _ours(job: SheetJob, **fields: Any) -> None:
    """Change the job, if it still stands as this worker knows it.

    Raises:
        ImportNotReady: it does not.
    """
    ours = _row(job).filter(
        state=State.CHECKING, checked=job.checked, lease_until=job.lease_until
    )
    if not ours.update(**fields):
        raise ImportNotReady("Another worker took over this import.")


def _row(job: J) -> QuerySet[J]:
    return QuerySet(type(job)).filter(pk=job.pk)


def taken(job: SheetJob, count: int, *, total: int, now: datetime, **more: int) -> None:
    """So many more rows of the file are known; killed, it goes on behind them.

    total: about how many rows there are, for the bar of progress only.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    checked = job.checked + count
    go_on(job, now=now, checked=checked, total=max(total, checked), **more)


def lost(job: SheetJob) -> bool:
    """True if the staging table has not what the job took over.

    Such tables are unlogged: after a crash of the database they are empty.
    """
    return int(job.staged.count()) != job.checked


@operation()
def start_over(job: SheetJob, *, now: datetime) -> None:
    """Forget what was staged: the table lost rows when the database crashed."""
    go_on(job, now=now, checked=0)
    forget(job)


def forget(job: SheetJob) -> None:
    """Empty the table of what this job read."""
    job.staged.all().delete()


def judged(job: SheetJob, *, nothing: bool, now: datetime, **counts: int) -> None:
    """Note what the rows would do, and wait for a person.

    nothing: neither news nor errors, so that it is done.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    _ours(
        job,
        state=State.DONE if nothing else State.CHECKED,
        total=job.checked,
        lease_until=None,
        finished_at=now if nothing else None,
        **counts,
    )
    if nothing:
        forget(job)


def still_wanted(job: SheetJob) -> bool:
    """Lock a job that shall be written; False if it is over."""
    return _row(job).select_for_update().get().state == State.APPLYING


def over(job: SheetJob, *, now: datetime, **counts: int) -> None:
    """Note that a job was written, and what it did."""
    _row(job).update(state=State.DONE, lease_until=None, finished_at=now, **counts)
    forget(job)


def gone_bad(job: SheetJob, number: int, sentence: str) -> RowsFailed:
    """The refusal where a row that was good is not any more."""
    return RowsFailed(
        f"Row {number} changed since it was tried: {sentence} "
        f"Nothing was {job.words.done}; upload the sheet again."
    )


def _at_it(job: J) -> QuerySet[J]:
    """The job, while no other worker took it and nobody cancelled it."""
    held = [lease for lease in (*job.leases, job.lease_until) if lease]
    return _row(job).filter(
        state__in=[State.CHECKING, State.APPLYING], lease_until__in=held
    )


@operation()
def fail(job: SheetJob, why: str, *, now: datetime) -> None:
    """End a job whose file is bad as a whole; nothing was written.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    ended = _at_it(job).update(
        state=State.FAILED,
        error=why,
        total=F("checked"),
        lease_until=None,
        finished_at=now,
    )
    if not ended:
        raise ImportNotReady("Another worker took over this import.")
    forget(job)


@operation()
def give_way(job: SheetJob, *, now: datetime) -> None:
    """Try again in a moment: somebody else moves what it would write.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    if not _at_it(job).filter(state=State.APPLYING).update(lease_until=now + BUSY):
        raise ImportNotReady("Another worker took over this import.")
