"""Bringing an order history in: kept, read chunk by chunk, then added up by day."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from console.audit.operations import operation, record
from console.errors import Refusal
from console.runbook import bell
from console.uplift.models import HistoryFile
from console.uplift.operations import rows
from console.uplift.operations.studies import lock, want
from console.uplift.reading import History, Row
from console.uplift.rules.rows import Reason

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TASK = "uplift.import"
CHUNK = 20_000
LEASE = timedelta(seconds=60)
FEW = 100
"""A file none of whose first rows can be used is refused once it has so many."""
State = HistoryFile.State


class HistoryLost(Refusal):
    """Another worker reads this file, or nobody has to any more."""

    code = "history_lost"


class NothingUsable(Refusal):
    """Not one row of the file can be used."""

    code = "nothing_usable"
    status = 422


class HistoryAtWork(Refusal):
    """The file is being read."""

    code = "history_at_work"


def ring(job_id: int) -> None:
    """Call a worker; where nobody hears it, the next look finds the file."""
    bell.ring(TASK, job_id, expires=None)


@operation()
def start(
    file: UploadedFile[Any], *, zone: str, day_first: bool, actor: User, now: datetime
) -> HistoryFile:
    """Keep a file and have it read; one that was read already is the same file.

    Raises:
        UnreadableSheet, WrongColumns: what is wrong with it, seen from its first row.
    """
    digest = hashlib.sha256()
    for part in file.chunks():
        digest.update(part)
    lock()
    usable = HistoryFile.objects.exclude(state=State.FAILED)
    same = usable.filter(sha256=digest.hexdigest()).first()
    if same is not None:
        return same
    file.seek(0)
    headings = History(file, zone=zone, day_first=day_first).headings
    file.seek(0)
    job = HistoryFile.objects.create(
        by=actor,
        file=file,
        name=str(file.name or "history.csv")[:200],
        size=file.size or 0,
        sha256=digest.hexdigest(),
        zone=zone,
        day_first=day_first,
        headings=[text[:60] for text in headings],
        created_at=now,
    )
    record(actor, "uplift.import", job, now=now, after={"sha256": job.sha256})
    transaction.on_commit(lambda: ring(job.pk))
    return job


def claim(job_id: int, *, now: datetime) -> HistoryFile | None:
    """Take a file for a while; None if it is read, or another worker has it."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    jobs = HistoryFile.objects.filter(free, pk=job_id, state=State.READING)
    if not jobs.update(lease_until=now + LEASE):
        return None
    return HistoryFile.objects.select_related("by").get(pk=job_id)


def waiting(*, now: datetime) -> list[int]:
    """Files nobody reads though somebody should: their worker died."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    jobs = HistoryFile.objects.filter(free, state=State.READING)
    return list(jobs.order_by("pk").values_list("pk", flat=True))


@operation()
def renew(job: HistoryFile, *, now: datetime) -> None:
    """Say that we are still at it, while rows that were read before are passed over.

    Raises:
        HistoryLost: another worker took over.
    """
    _hold(job)
    job.lease_until = now + LEASE
    job.save(update_fields=["lease_until"])


@operation()
def put(
    job: HistoryFile, chunk: Sequence[Row], *, position: int, now: datetime
) -> None:
    """Keep some more rows, and how far the file is read with them.

    position: bytes of the file that were read; for the bar only.

    Raises:
        HistoryLost: another worker took over, or the file was taken out.
        NothingUsable: the file has begun, and no row can be used.
    """
    _hold(job)
    good = [row for row in chunk if not isinstance(row.said, Reason)]
    bad = [row for row in chunk if isinstance(row.said, Reason)]
    sales, returns = rows.copy(job, good)
    rows.copy_left_out(job, bad)
    job.seen += len(chunk)
    job.sales, job.returns = job.sales + sales, job.returns + returns
    job.known += len(good) - sales - returns
    job.left += len(bad)
    job.reasons = dict(Counter(job.reasons) + Counter(row.said for row in bad))
    job.position, job.lease_until = position, now + LEASE
    if job.seen >= FEW:
        check_usable(job)
    job.save()


def check_usable(job: HistoryFile) -> None:
    """Refuse a file of which nothing could be used so far.

    Raises:
        NothingUsable: with the commonest reason, and a row that has it.
    """
    if job.left < job.seen:
        return
    if not job.seen:
        raise NothingUsable("The file has no rows below its first.", field="file")
    reason = Reason(max(job.reasons, key=job.reasons.__getitem__))
    row = job.left_out.filter(reason=reason).order_by("number").first()
    number = row.number if row else 2
    raise NothingUsable(
        f"None of the {job.seen:,} rows read can be used. Row {number:,}: "
        f"{reason.label}{rows.cell(job.headings, row, reason)}.",
        field="file",
    )


def _hold(job: HistoryFile) -> None:
    """Lock the row of the file, if it still stands as we know it."""
    ours = HistoryFile.objects.select_for_update().filter(
        pk=job.pk, state=State.READING, seen=job.seen, lease_until=job.lease_until
    )
    if ours.first() is None:
        raise HistoryLost("Another worker took over this file.")


@operation()
def finish(job: HistoryFile, *, now: datetime) -> None:
    """Add the new rows up by day and hour, and have all sales measured again.

    Raises:
        HistoryLost: another worker took over.
        NothingUsable: it has no row that can be used.
    """
    _hold(job)
    check_usable(job)
    lock()
    job.first_at, job.last_at = rows.span(job)
    if job.first_at and job.last_at:
        rows.add_up(job.first_at, job.last_at)
    job.state, job.lease_until, job.finished_at = State.DONE, None, now
    _forget(job)
    job.save()
    told = {"rows": job.seen, "sales": job.sales, "returns": job.returns}
    told |= {"known": job.known, "left_out": job.left}
    record(job.by, "uplift.read", job, now=now, after=told)
    want(now=now)


@operation()
def fail(job: HistoryFile, why: str, *, now: datetime) -> None:
    """End a file that is bad as a whole; nothing of it is kept."""
    held = HistoryFile.objects.select_for_update().filter(
        pk=job.pk, state=State.READING
    )
    kept = held.first()
    if kept is None:
        return
    kept.lines.all().delete()
    kept.left_out.all().delete()
    kept.sales = kept.returns = kept.known = kept.left = kept.seen = 0
    kept.reasons = {}
    kept.state, kept.error = State.FAILED, why
    kept.lease_until, kept.finished_at = None, now
    _forget(kept)
    kept.save()


@operation()
def remove(job_id: int, *, actor: User, now: datetime) -> None:
    """Take out everything a file brought, and have all sales measured again.

    A row that it shared with another file goes too: upload that one again.

    Raises:
        HistoryAtWork: it is being read.
    """
    job = HistoryFile.objects.select_for_update().get(pk=job_id)
    if job.state == State.READING:
        raise HistoryAtWork("This file is being read. Wait until it is done.")
    record(actor, "uplift.remove", job, now=now, before={"rows": job.seen})
    first, last = job.first_at, job.last_at
    lock()
    job.lines.all().delete()
    job.delete()
    if first and last:
        rows.add_up(first, last)
    want(now=now)


def _forget(job: HistoryFile) -> None:
    """Delete the file itself once this is committed: it names customers."""
    storage, name = job.file.storage, job.file.name
    job.file = ""
    if name:
        transaction.on_commit(lambda: storage.delete(name))
