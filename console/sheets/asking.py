"""What a person asks of a sheet: keep and try it, write it, give it up.

Each is part of an operation of the room, which says who may, and records it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet

from console import words
from console.sheets.job import SheetJob
from console.sheets.working import ImportNotReady, RowsFailed, forget

J = TypeVar("J", bound=SheetJob)
State, Mode = SheetJob.State, SheetJob.Mode
Ring = Callable[[int], None]
"""Calls a worker of the room; where nobody hears it, the next look finds the job."""
CONFIRMED = ("mode", "state", "by", "lease_until")


def digest(file: UploadedFile[Any], *said: object) -> str:
    """What tells one upload from another: the file, and how it is to be read."""
    found = hashlib.sha256()
    for part in file.chunks():
        found.update(part)
    for one in said:
        found.update(repr(one).encode())
    file.seek(0)
    return found.hexdigest()


def under_way(jobs: QuerySet[J], sha256: str) -> QuerySet[J]:
    """The job of the very same upload that is not over yet."""
    states = [State.CHECKING, State.CHECKED, State.APPLYING]
    return jobs.filter(state__in=states, sha256=sha256)


def keep(
    jobs: type[J],
    file: UploadedFile[Any],
    *,
    sha256: str,
    ring: Ring,
    now: datetime,
    **said: Any,
) -> J:
    """Keep an upload, and have it tried once this is committed."""
    job = jobs._default_manager.create(
        file=file,
        name=str(file.name or "sheet")[:200],
        size=file.size or 0,
        sha256=sha256,
        created_at=now,
        **said,
    )
    transaction.on_commit(lambda: ring(job.pk))
    return job


def confirm(job: SheetJob, *, mode: str, ring: Ring) -> None:
    """Have a locked job that was tried written; whose it is now is saved with it.

    mode: `all` or `valid`; the first refuses where any row is bad.

    Raises:
        ImportNotReady: it was not tried to the end, is done already, or would change
            nothing.
        RowsFailed: all or nothing was asked for, and some rows are bad.
    """
    if job.state != State.CHECKED:
        raise ImportNotReady(f"This import is {job.state}. Reload the page.")
    if not job.has_news:
        raise ImportNotReady(f"Nothing in this sheet would change {job.words.target}.")
    if job.failed and mode == Mode.ALL:
        have = words.count(job.failed, "row has", "rows have")
        raise RowsFailed(
            f"{have} errors. Correct them, or {job.words.do} the valid rows only.",
            field="mode",
        )
    job.mode, job.state, job.lease_until = mode, State.APPLYING, None
    job.save(update_fields=CONFIRMED)
    transaction.on_commit(lambda: ring(job.pk))


def cancel(job: SheetJob, *, now: datetime) -> None:
    """Give a locked job up before it is written.

    Raises:
        ImportNotReady: it is being written, or over.
    """
    if job.state not in (State.CHECKING, State.CHECKED):
        raise ImportNotReady(f"This import is {job.state} already.")
    job.state, job.lease_until, job.finished_at = State.CANCELLED, None, now
    job.total = job.checked  # of rows nobody will read there was but a guess
    job.save(update_fields=["state", "total", "lease_until", "finished_at"])
    forget(job)
