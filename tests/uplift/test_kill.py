"""A worker killed for real in the middle of a history: nothing lost, nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from console.uplift.models import HistoryFile, HistoryLine
from console.uplift.tasks import run_import
from tests.uplift.kit import row, sheet, start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

ROWS = 4_000
WORKER = """
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {name!r}
from console.uplift.operations import imports, studies
from console.uplift.tasks import run_import
imports.CHUNK = 50
run_import({job})
"""


def _killed_half_way(job: HistoryFile) -> int:
    """Kill a process well under way with the file; the rows it had seen by then."""
    code = WORKER.format(name=connection.settings_dict["NAME"], job=job.pk)
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    root = Path(settings.BASE_DIR)
    child = subprocess.Popen([sys.executable, "-c", code], env=env, cwd=root)
    deadline = time.monotonic() + 60
    while job.seen < ROWS // 4 and time.monotonic() < deadline:
        time.sleep(0.01)
        job.refresh_from_db()
    child.send_signal(signal.SIGKILL)
    child.wait(10)
    job.refresh_from_db()
    return job.seen


def test_killed_half_way_it_is_read_on_from_there_and_nothing_counts_twice() -> None:
    same = row("same")
    rows = [row(str(n), sku=f"S{n % 9}") for n in range(ROWS - 200)] + [same] * 200
    job = start(sheet(*rows))
    seen = _killed_half_way(job)
    assert ROWS // 4 <= seen < ROWS
    assert HistoryLine.objects.count() == seen
    run_import(job.pk)
    job.refresh_from_db()
    assert job.state == "reading", "the lease of the dead worker still holds"
    HistoryFile.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    run_import(job.pk)
    job.refresh_from_db()
    assert (job.state, job.seen, job.sales, job.known) == ("done", ROWS, ROWS, 0)
    assert HistoryLine.objects.count() == ROWS
