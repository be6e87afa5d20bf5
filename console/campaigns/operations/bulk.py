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
from console.campaigns.sheets import Row
from console.sheets import working


@operation()
def stage(job: ImportJob, rows: Sequence[Row], *, total: int, now: datetime) -> None:
    """Take over some more rows of the file; killed, it goes on behind the last ones.

    total: about how many rows there are, for the bar of progress only.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    working.taken(job, len(rows), total=total, now=now, bulk=True)
    staging.stage(job, rows)


@operation()
def judge(job: ImportJob, *, now: datetime) -> None:
    """Find out what each staged row would do, and keep what a person has to see.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    working.go_on(job, now=now, total=job.checked)
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
        working.forget(job)
        staging.stage(job, rows)
        staging.staged()
    _make_skus(job, now)
    counts = _write(job, campaign, now)
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
            raise import_work.gone_bad(job, one.number, one.errors)
    writing.keep_done(job)
    writing.write(campaign)
    return judging.outcomes()
