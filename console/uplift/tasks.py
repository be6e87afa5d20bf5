"""The bells of this room: read a history, and take up what a dead worker left."""

from __future__ import annotations

from collections import deque
from itertools import islice

import structlog
from celery import shared_task
from django.utils import timezone

from console.errors import Refusal
from console.uplift.measuring import measured
from console.uplift.models import HistoryFile
from console.uplift.operations import imports, studies
from console.uplift.queries.candidates import overdue
from console.uplift.reading import history

log = structlog.get_logger(__name__)


@shared_task(name=imports.TASK)
def run_import(job_id: int) -> None:
    """Read one file to its end."""
    job = imports.claim(job_id, now=timezone.now())
    if job is None:
        return
    try:
        work(job)
    except imports.HistoryLost as lost:
        log.info("history left", job=job_id, why=lost.message)
    except Refusal as refused:
        imports.fail(job, refused.message, now=timezone.now())


def work(job: HistoryFile) -> None:
    """Read the rows that were not read yet, chunk by chunk, each kept with its place.

    Raises:
        UnreadableSheet, WrongColumns: the file is bad as a whole.
        NothingUsable: no row of it can be used.
    """
    with history(job.file.path, zone=job.zone, day_first=job.day_first) as file:
        rows = file.rows()
        for start in range(0, job.seen, imports.CHUNK):
            imports.renew(job, now=timezone.now())
            before = min(imports.CHUNK, job.seen - start)
            deque(islice(rows, before), maxlen=0)
        while chunk := list(islice(rows, imports.CHUNK)):
            imports.put(job, chunk, position=file.position, now=timezone.now())
    imports.finish(job, now=timezone.now())


@shared_task(name=studies.TASK)
def measure() -> None:
    """Look for every past sale and measure it, where somebody wants that."""
    now = timezone.now()
    study = studies.claim(now=now)
    if study is None:
        return
    within, found = measured(now=now)
    studies.keep(study, found, within=within, now=now)


@shared_task(name="uplift.take_up")
def take_up() -> None:
    """Ring for what a dead worker left, and for sales that are over since."""
    now = timezone.now()
    for job_id in imports.waiting(now=now):
        imports.ring(job_id)
    if overdue(now=now):
        studies.want(now=now)
    elif studies.wanted(now=now):
        studies.ring()
