"""What a person asks of a sheet: keep and try it, apply it, give it up."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from console.audit.operations import operation
from console.campaigns.bulk.staging import forget
from console.campaigns.models import ImportJob
from console.campaigns.operations.changes import check_scope, locked
from console.campaigns.rules import Event, after
from console.campaigns.sheets import Options
from console.errors import Refusal
from console.runbook import bell

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TASK = "campaigns.import"
State = ImportJob.State


class ImportNotReady(Refusal):
    """The import is not at the point where this can be done."""

    code = "import_not_ready"


class RowsFailed(Refusal):
    """Some rows are bad, so nothing was imported."""

    code = "rows_failed"


def ring(job_id: int) -> None:
    """Call a worker; where nobody hears it, the next look finds the job."""
    bell.ring(TASK, job_id, expires=None)


@operation()
def start(
    code: str, file: UploadedFile[Any], *, options: Options, actor: User, now: datetime
) -> ImportJob:
    """Keep a sheet and have it tried; the same file under way is the same job.

    Raises:
        WrongState: the plan is at work, so its lines are fixed.
    """
    campaign = locked(code, actor)
    after(campaign.state, Event.EDIT)
    digest = hashlib.sha256()
    for part in file.chunks():
        digest.update(part)
    digest.update(repr(options).encode())
    under_way = Q(state__in=[State.CHECKING, State.CHECKED, State.APPLYING])
    same = campaign.imports.filter(under_way, sha256=digest.hexdigest()).first()
    if same is not None:
        return same
    file.seek(0)
    job = ImportJob.objects.create(
        campaign=campaign,
        by=actor,
        file=file,
        name=str(file.name or "sheet")[:200],
        size=file.size or 0,
        sha256=digest.hexdigest(),
        options={"percent_off": options.percent_off, "make_skus": options.make_skus},
        created_at=now,
    )
    transaction.on_commit(lambda: ring(job.pk))
    return job


@operation()
def confirm(job_id: int, *, mode: str, actor: User) -> ImportJob:
    """Have a tried sheet applied.

    mode: `all` or `valid`; the first refuses where any row is bad.

    Raises:
        ImportNotReady: it was not tried to the end, is done already, or would change
            nothing.
        RowsFailed: all or nothing was asked for, and some rows are bad.
        OutOfScope: the campaign is outside of what the actor is limited to.
    """
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    check_scope(job.campaign, actor)
    if job.state != State.CHECKED:
        raise ImportNotReady(f"This import is {job.state}. Reload the page.")
    if not (job.created or job.updated):
        raise ImportNotReady("Nothing in this sheet would change the plan.")
    bad = job.failed
    if bad and mode == ImportJob.Mode.ALL:
        raise RowsFailed(
            f"{bad:,} {'row has' if bad == 1 else 'rows have'} errors. Correct them, "
            "or import the valid rows only.",
            field="mode",
        )
    job.mode, job.state, job.by, job.lease_until = mode, State.APPLYING, actor, None
    job.save(update_fields=["mode", "state", "by", "lease_until"])
    transaction.on_commit(lambda: ring(job.pk))
    return job


@operation()
def cancel(job_id: int, *, actor: User, now: datetime) -> ImportJob:
    """Give an import up before it is applied.

    Raises:
        ImportNotReady: it is being applied, or over.
        OutOfScope: the campaign is outside of what the actor is limited to.
    """
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    check_scope(job.campaign, actor)
    if job.state not in (State.CHECKING, State.CHECKED):
        raise ImportNotReady(f"This import is {job.state} already.")
    job.state, job.lease_until, job.finished_at = State.CANCELLED, None, now
    job.total = job.checked  # of rows nobody will read there was but a guess
    job.save(update_fields=["state", "total", "lease_until", "finished_at"])
    forget(job.pk)
    return job
