"""What a person asks of a sheet: keep and try it, apply it, give it up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile

from console.audit.operations import operation
from console.campaigns.models import ImportJob
from console.campaigns.operations.changes import check_scope, locked
from console.campaigns.rules import Event, after
from console.campaigns.sheets import Options
from console.runbook import bell
from console.sheets import asking
from console.sheets.working import ImportNotReady, RowsFailed

if TYPE_CHECKING:
    from django.contrib.auth.models import User

__all__ = ["ImportNotReady", "RowsFailed", "cancel", "confirm", "ring", "start"]

TASK = "campaigns.import"


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
    sha256 = asking.digest(file, options)
    same = asking.under_way(campaign.imports.all(), sha256).first()
    if same is not None:
        return same
    return asking.keep(
        ImportJob,
        file,
        sha256=sha256,
        ring=ring,
        now=now,
        campaign=campaign,
        by=actor,
        options={"percent_off": options.percent_off, "make_skus": options.make_skus},
    )


@operation()
def confirm(job_id: int, *, mode: str, actor: User) -> ImportJob:
    """Have a tried sheet applied.

    Raises:
        ImportNotReady, RowsFailed: see `asking.confirm`.
        OutOfScope: the campaign is outside of what the actor is limited to.
    """
    job = ImportJob.objects.select_for_update().get(pk=job_id)
    check_scope(job.campaign, actor)
    job.by = actor
    asking.confirm(job, mode=mode, ring=ring)
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
    asking.cancel(job, now=now)
    return job
