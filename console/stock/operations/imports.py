"""What a person asks of a sheet of levels: keep and try it, write it, give it up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from console.audit.operations import operation
from console.runbook import bell
from console.sheets import asking
from console.sheets.working import ImportNotReady, RowsFailed
from console.stock.models import LevelImport

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = ["ImportNotReady", "RowsFailed", "cancel", "confirm", "ring", "start"]

TASK = "stock.import"
State = LevelImport.State


def ring(job_id: int) -> None:
    """Call a worker; where nobody hears it, the next look finds the job."""
    bell.ring(TASK, job_id, expires=None)


@operation()
def start(file: UploadedFile[Any], *, actor: User | None, now: datetime) -> LevelImport:
    """Keep a sheet and have it tried; the same file under way is the same job.

    One that was tried and waits for a person is tried anew: levels move meanwhile.
    """
    sha256 = asking.digest(file)
    same = asking.under_way(LevelImport.objects.select_for_update(), sha256).first()
    if same is not None:
        return _again(same, actor)
    return asking.keep(LevelImport, file, sha256=sha256, ring=ring, now=now, by=actor)


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

    Raises:
        ImportNotReady, RowsFailed: see `asking.confirm`.
    """
    job = LevelImport.objects.select_for_update().get(pk=job_id)
    job.by = actor
    asking.confirm(job, mode=mode, ring=ring)
    return job


@operation()
def cancel(job_id: int, *, now: datetime) -> LevelImport:
    """Give an import up before it is written.

    Raises:
        ImportNotReady: it is being written, or over.
    """
    job = LevelImport.objects.select_for_update().get(pk=job_id)
    asking.cancel(job, now=now)
    return job
