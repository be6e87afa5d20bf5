"""What a worker does with a sheet: try it row by row, apply it in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.db.models import Count

from console.audit.operations import operation, record
from console.campaigns import sheets
from console.campaigns.importing import Told, import_rows
from console.campaigns.models import Campaign, ImportJob, ImportRow
from console.campaigns.operations import undoing
from console.campaigns.operations.changes import check_scope, locked
from console.campaigns.operations.drafts import touch
from console.campaigns.rules import EDITABLE, Event, after
from console.campaigns.sheets import Options, Row
from console.sheets import working

CHUNK = 200
SMALL = 2_000
"""Above that many rows a sheet is staged and judged at once: see `bulk`."""
Outcome = ImportRow.Outcome


def claim(job_id: int, *, now: datetime) -> ImportJob | None:
    """Take a job for a while; None if it is done, or another worker has it."""
    jobs = ImportJob.objects.select_related("campaign", "by")
    return working.claim(jobs, job_id, now=now)


def waiting(*, now: datetime) -> list[int]:
    """Jobs nobody works on though somebody should."""
    return working.waiting(ImportJob.objects.all(), now=now)


def read(job: ImportJob) -> list[Row]:
    """Every row of the job's file.

    Raises:
        UnreadableSheet, WrongColumns: what is wrong with the whole file.
    """
    return list(stream(job))


def stream(job: ImportJob) -> Iterator[Row]:
    """The rows of the job's file, one after the other; refuses as `read` does."""
    options = Options(**job.options, currency=job.campaign.currency)
    return sheets.rows(Path(job.file.path), options)


@operation()
def check(job: ImportJob, rows: Sequence[Row], *, total: int, now: datetime) -> None:
    """Try some more rows, and keep what each would do; changes nothing else.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    checked = job.checked + len(rows)
    working.go_on(job, now=now, checked=checked, total=total)
    tried = job.rows.exclude(outcome=Outcome.SKIPPED)
    seen = set(tried.values_list("sku", flat=True))
    told = import_rows(job.campaign, rows, seen=seen, actor=job.by, now=now, dry=True)
    ImportRow.objects.bulk_create([_row(job, one) for one in told])


def _row(job: ImportJob, told: Told) -> ImportRow:
    bad = told.outcome == Outcome.FAILED
    return ImportRow(
        job=job,
        number=told.row.number,
        sku=str(told.row.cells.get("sku", ""))[:200],
        outcome=told.outcome,
        raw={k: v[:2000] for k, v in told.row.raw.items()} if bad else {},
        changes=told.changes,
        errors=told.errors,
        note=told.row.skip[:300],
    )


@operation()
def finish_check(job: ImportJob, *, now: datetime) -> None:
    """Every row was tried: wait for a person, or end where nothing would change."""
    told = job.rows.order_by().values_list("outcome").annotate(count=Count("pk"))
    judged(job, dict(told), now=now)


def judged(job: ImportJob, counts: Mapping[str, int], *, now: datetime) -> None:
    """Note how many rows have each outcome; at the end of trying.

    Raises:
        ImportNotReady: the job was cancelled, or another worker took it.
    """
    all_ = {o.value: counts.get(o.value, 0) for o in Outcome}
    nothing = not (all_["created"] or all_["updated"] or all_["failed"])
    working.judged(job, nothing=nothing, now=now, **all_)


@operation()
def apply(job: ImportJob, rows: Sequence[Row], *, now: datetime) -> None:
    """Import the rows that were good, all in this one transaction.

    Killed before its end it did nothing, and is done again from the start.

    Raises:
        RowsFailed: a row that was good is bad by now; nothing was imported.
        WrongState: the plan is at work by now.
    """
    campaign = begin(job, now=now)
    if campaign is None:
        return
    left_out = [Outcome.FAILED, Outcome.SKIPPED]
    bad = job.rows.filter(outcome__in=left_out).values_list("number", flat=True)
    out = set(bad)
    wanted = [row for row in rows if row.number not in out]
    told = import_rows(campaign, wanted, seen=set(), actor=job.by, now=now, dry=False)
    for one in told:
        if one.outcome == Outcome.FAILED:
            raise gone_bad(job, one.row.number, one.errors)
    _tell(job, told)
    end(job, campaign, Counter(one.outcome.value for one in told), now=now)


def _tell(job: ImportJob, told: Sequence[Told]) -> None:
    """Keep what a row did where that is not what it would have done when tried."""
    tried = dict(job.rows.values_list("number", "outcome"))
    other = [one for one in told if tried.get(one.row.number) != one.outcome]
    job.rows.filter(number__in=[one.row.number for one in other]).delete()
    ImportRow.objects.bulk_create([_row(job, one) for one in other])


def begin(job: ImportJob, *, now: datetime) -> Campaign | None:
    """Lock the campaign and the job to be applied; None if it is over.

    Raises:
        WrongState: the plan is at work by now.
    """
    campaign = locked(job.campaign.code)
    if campaign.state not in EDITABLE:
        after(campaign.state, Event.EDIT)
    if not working.still_wanted(job):
        return None
    touch(campaign, actor=job.by, now=now)
    undoing.remember(campaign, job.taken_in, undoing.By(job.by, now))
    return campaign


def end(
    job: ImportJob, campaign: Campaign, counts: Mapping[str, int], *, now: datetime
) -> None:
    """Note that a job was applied, and what it did.

    counts: the rows it imported by what each did; others were left out when tried.

    Raises:
        OutOfScope: its lines are outside of what its owner is limited to.
    """
    check_scope(campaign, job.by)
    told = {o.value: counts.get(o.value, 0) for o in Outcome}
    told |= {"skipped": job.skipped, "failed": job.failed}
    working.over(job, now=now, **told)
    undoing.settle(campaign)
    said = {"file": job.name, **told}
    record(job.by, "campaign.import", campaign, now=now, after=said)


def gone_bad(
    job: ImportJob, number: int, errors: Mapping[str, str]
) -> working.RowsFailed:
    """The refusal where a row that was good is not any more."""
    return working.gone_bad(job, number, next(iter(errors.values())))
