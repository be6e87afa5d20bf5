"""What a person asks of a sheet of levels: keep and try it, write it, give it up."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from console.audit.operations import operation
from console.errors import Refusal
from console.runbook import bell
from console.stock.models import LevelImport, StagedLevel

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TASK = "stock.import"
State, Mode = LevelImport.State, LevelImport.Mode
UNDER_WAY = [State.CHECKING, State.CHECKED, State.APPLYING]


class ImportNotReady(Refusal):
    """The import is not at the point where this can be done."""

    code = "import_not_ready"


class RowsFailed(Refusal):
    """Some rows are bad, so nothing was written."""

    code = "rows_failed"


def ring(job_id: int) -> None:
    """Call a worker; where nobody hears it, the next look finds the job."""
    bell.ring(TASK, job_id, expires=None)


@operation()
def start(file: UploadedFile[Any], *, actor: User | None, now: datetime) -> LevelImport:
    """Keep a sheet and have it tried; the same file under way is the same job.

    One that was tried and waits for a person is tried anew: levels move meanwhile.
    """
    digest = hashlib.sha256()
    for part in file.chunks():
        digest.update(part)
    same = LevelImport.objects.filter(state__in=UNDER_WAY, sha256=digest.hexdigest())
    known = same.select_for_update().first()
    if known is not None:
        return _again(known, actor)
    file.seek(0)
    job = LevelImport.objects.create(
        by=actor,
        file=file,
        name=str(file.name or "sheet")[:200],
        size=file.size or 0,
        sha256=digest.hexdigest(),
        created_at=now,
    )
    transaction.on_commit(lambda: ring(job.pk))
    return job


def _again(job: LevelImport, actor: User | None) -> LevelImport:
    if job.state == State.CHECKED:
        job.state, job.by = State.CHECKING, actor
        job.save(update_fields=["state", "by"])
        job.bad.all().delete()
        transaction.on_commit(lambda: ring(job.pk))
    return job


@operation()
def confirm(job_id: int, *, mode: str, actor: User | None) -> LevelImport:
    """Have a tried sheet written.

    mode: `all` or `valid`; the first refuses where any row is bad.

    Raises:
        ImportNotReady: it was not tried to the end, is done already, or would change
            nothing.
        RowsFailed: all or nothing was asked for, and some rows are bad.
    """
    job = LevelImport.objects.select_for_update().get(pk=job_id)
    if job.state != State.CHECKED:
        raise ImportNotReady(f"This import is {job.state}. Reload the page.")
    if not (job.changing or job.pending or job.described):
        raise ImportNotReady("Nothing in this sheet would change a level.")
    if job.failed and mode == Mode.ALL:
        have = "row has" if job.failed == 1 else "rows have"
        raise RowsFailed(
            f"{job.failed:,} {have} errors. Correct them, or write the valid rows "
            "only.",
            field="mode",
        )
    job.mode, job.state, job.by, job.lease_until = mode, State.APPLYING, actor, None
    job.save(update_fields=["mode", "state", "by", "lease_until"])
    transaction.on_commit(lambda: ring(job.pk))
    return job


@operation()
def cancel(job_id: int, *, now: datetime) -> LevelImport:
    """Give an import up before it is written.

    Raises:
        ImportNotReady: it is being written, or over.
    """
    job = LevelImport.objects.select_for_update().get(pk=job_id)
    if job.state not in (State.CHECKING, State.CHECKED):
        raise ImportNotReady(f"This import is {job.state} already.")
    job.state, job.lease_until, job.finished_at = State.CANCELLED, None, now
    job.total = job.checked  # of rows nobody will read there was but a guess
    job.save(update_fields=["state", "total", "lease_until", "finished_at"])
    StagedLevel.objects.filter(job_id=job.pk).delete()
    return job
