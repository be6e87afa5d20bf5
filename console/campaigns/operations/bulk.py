"""A large sheet brought in: staged batch by batch, then judged and written at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from console.audit.operations import operation
from console.campaigns.bulk import judging, reading, staging, writing
from console.campaigns.importing import make_skus
from console.campaigns.models import Campaign, ImportJob
from console.campaigns.operations import import_work
from console.campaigns.operations.import_work import LEASE, State
from console.campaigns.operations.imports import ImportNotReady
from console.campaigns.sheets import Row

BATCH = 20_000
AT_ONCE = 100_000
"""Rows judged, or written, within one lease."""


@operation()
def stage(job: ImportJob, rows: Sequence[Row], *, total: int, now: datetime) -> None:
    """Take over some more rows of the file; killed, it goes on behind the last ones.

    total: about how many rows there are, for the bar of progress only.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    checked = job.checked + len(rows)
    _go_on(job, now, checked=checked, total=max(total, checked), bulk=True)
    staging.stage(job, rows)


def _go_on(job: ImportJob, now: datetime, **fields: int) -> None:
    """Keep the job for as long as its rows may take; it must still be ours.

    By the rows that were read: how many the file seems to have may be far too many.
    """
    until = now + LEASE * (1 + fields.get("checked", job.checked) // AT_ONCE)
    ours = ImportJob.objects.filter(pk=job.pk, state=State.CHECKING)
    kept = ours.filter(checked=job.checked, lease_until=job.lease_until)
    if not kept.update(lease_until=until, **fields):
        raise ImportNotReady("Another worker took over this import.")
    for name, value in {"lease_until": until, **fields}.items():
        setattr(job, name, value)


def lost(job: ImportJob) -> bool:
    """True if the staging table has not what the job took over: see `StagedRow`."""
    return job.staged.count() != job.checked


@operation()
def start_over(job: ImportJob, *, now: datetime) -> None:
    """Forget what was staged: the table lost rows when the database crashed."""
    _go_on(job, now, checked=0)
    staging.forget(job.pk)


@operation()
def judge(job: ImportJob, *, now: datetime) -> None:
    """Find out what each staged row would do, and keep what a person has to see.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    _go_on(job, now, total=job.checked)
    staging.staged()
    judging.judge(job, job.campaign, now=now)
    for bad in reading.decide(job, job.campaign, now=now):
        writing.keep_bad(job, bad)
    writing.keep_others(job)
    import_work.judged(job, judging.outcomes(), now=now)


@operation()
def apply(job: ImportJob, rows: Iterable[Row], *, now: datetime) -> None:
    """Write the rows that were good, all in this one transaction.

    rows: the file, read again only where the staging table lost it.

    Raises:
        RowsFailed: a row that was good is bad by now; nothing was imported.
        WrongState: the plan is at work by now.
    """
    campaign = import_work.begin(job, now=now)
    if campaign is None:
        return
    if job.staged.count() != job.total:
        staging.forget(job.pk)
        staging.stage(job, rows)
        staging.staged()
    _make_skus(job, now)
    counts = _write(job, campaign, now)
    staging.forget(job.pk)
    import_work.end(job, campaign, counts, now=now)


def _make_skus(job: ImportJob, now: datetime) -> None:
    """The new products of a Shopify export, some at a time."""
    for named in writing.products(job):
        rows = [
            Row(number, {"sku": code}, {}, product=json.loads(said))
            for number, code, said in named
        ]
        make_skus(rows, job.campaign.currency, job.by, now, dry=False)


def _write(job: ImportJob, campaign: Campaign, now: datetime) -> dict[str, int]:
    judging.judge(job, campaign, now=now, agreed=True)
    for bad in reading.decide(job, campaign, now=now):
        for one in bad:
            raise import_work.gone_bad(one.number, one.errors)
    writing.keep_done(job)
    writing.write(campaign)
    return judging.outcomes()
