"""The bells of this room: imports of sheets, and a second look at armed plans."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from celery import shared_task
from django.utils import timezone

from console.campaigns import operations
from console.campaigns.models import ImportJob
from console.campaigns.operations import bulk, import_work, imports
from console.campaigns.sheets import Row
from console.sheets.working import bring, run


@shared_task(name=imports.TASK)
def run_import(job_id: int) -> None:
    """Bring one import as far as it goes without a person."""
    job = import_work.claim(job_id, now=timezone.now())
    if job is None:
        return
    run(job, work, now=timezone.now)


def work(job: ImportJob) -> None:
    """Try the rows that were not tried yet, chunk by chunk, or apply the good ones.

    Raises:
        UnreadableSheet, WrongColumns: the file is bad as a whole.
        RowsFailed: a row that was good is bad by now.
    """
    rows = import_work.stream(job)
    # Of one known to be large nothing is read before it is wanted: it may be staged.
    first = [] if job.bulk else list(islice(rows, import_work.SMALL + 1))
    if job.bulk or len(first) > import_work.SMALL:
        _large(job, chain(first, rows))
    elif job.state == ImportJob.State.APPLYING:
        import_work.apply(job, first, now=timezone.now())
    else:
        _small(job, first)


def _small(job: ImportJob, rows: Sequence[Row]) -> None:
    while chunk := rows[job.checked : job.checked + import_work.CHUNK]:
        import_work.check(job, chunk, total=len(rows), now=timezone.now())
    import_work.finish_check(job, now=timezone.now())


def _large(job: ImportJob, rows: Iterator[Row]) -> None:
    bring(
        job,
        rows,
        take=bulk.stage,
        judge=bulk.judge,
        apply=bulk.apply,
        now=timezone.now,
    )


@shared_task(name="campaigns.imports")
def take_up() -> None:
    """Ring for every import whose worker died."""
    for job_id in import_work.waiting(now=timezone.now()):
        imports.ring(job_id)


@shared_task(name="campaigns.recheck")
def recheck() -> None:
    """Look whether what armed plans depend on has changed."""
    operations.recheck_some(now=timezone.now())
