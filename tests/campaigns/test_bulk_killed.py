"""A worker killed by SIGKILL in the middle of a large sheet, and the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from console.campaigns.models import Campaign, ImportJob, StagedRow
from console.campaigns.operations import import_work, imports
from console.campaigns.tasks import work
from tests.campaigns.sheetkit import counts, start
from tests.campaigns.test_bulk import ALL, BAD, large_sheet, with_skus

PATIENCE_S = 60
WORKER = """
import sys, django
django.setup()
from django.conf import settings
from django.utils import timezone
from console.campaigns.operations import bulk, import_work
from console.campaigns.tasks import work
settings.MEDIA_ROOT = sys.argv[2]
bulk.BATCH = 100
if sys.argv[3] == "apply":
    bulk.import_work.end = lambda *_args, **_: sys.stdin.read()
work(import_work.claim(int(sys.argv[1]), now=timezone.now()))
"""

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_broker"),
]


def worker(job: ImportJob, phase: str) -> subprocess.Popen[bytes]:
    name = str(connection.settings_dict["NAME"])
    url = make_conninfo(os.environ["DATABASE_URL"], dbname=name)
    words = [sys.executable, "-c", WORKER, str(job.pk), str(settings.MEDIA_ROOT), phase]
    return subprocess.Popen(
        words,
        env=os.environ | {"DATABASE_URL": url, "PYTHONWARNINGS": "ignore"},
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
    )


def kill_once(true: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    if child.stdin:
        child.stdin.close()


def taken_over(job: ImportJob) -> ImportJob:
    claimed = import_work.claim(job.pk, now=timezone.now() + timedelta(minutes=5))
    assert claimed
    work(claimed)
    return ImportJob.objects.get(pk=job.pk)


def writing() -> bool:
    """True once another transaction holds locks on the lines it writes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_locks where relation = 'campaigns_line'::regclass"
            " and mode = 'RowExclusiveLock' and pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone()[0])


def test_a_worker_killed_in_either_phase_loses_and_doubles_nothing(
    campaign: Campaign,
) -> None:
    with_skus(ALL)
    job = start(campaign, large_sheet(bad=BAD))
    kill_once(StagedRow.objects.exists, worker(job, "check"))
    held = ImportJob.objects.get(pk=job.pk)
    assert held.state == "checking"
    assert held.checked == StagedRow.objects.count()
    job = taken_over(job)
    assert (job.state, counts(job)) == ("checked", (ALL - BAD, 0, 0, 0, BAD))
    imports.confirm(job.pk, mode="valid", actor=campaign.author)
    kill_once(writing, worker(job, "apply"))
    assert campaign.lines.count() == 1
    job = taken_over(job)
    assert job.state == "done"
    assert campaign.lines.count() == 1 + ALL - BAD
