"""A worker in a process of its own at a sheet of any room, killed where it hurts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from types import ModuleType
from typing import TypeVar

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from console.sheets.job import SheetJob
from console.stock import clock

J = TypeVar("J", bound=SheetJob)
PATIENCE_S = 120
WORKER = """
import sys, django
django.setup()
from importlib import import_module
from django.conf import settings
from console.sheets import working
from console.stock import clock
room, job, settings.MEDIA_ROOT, phase = sys.argv[1:]
working.BATCH = 100
if phase == "apply":
    working.over = lambda *_args, **_: sys.stdin.read()
work = import_module(f"console.{room}.tasks").work
claim = import_module(f"console.{room}.operations.import_work").claim
work(claim(int(job), now=clock.now()))
"""
"""In `check` it takes over a hundred rows at a time; in `apply` it has written all and
not committed when it waits for ever."""


def worker(job: SheetJob, phase: str) -> subprocess.Popen[bytes]:
    name = str(connection.settings_dict["NAME"])
    url = make_conninfo(os.environ["DATABASE_URL"], dbname=name)
    told = [job._meta.app_label, str(job.pk), str(settings.MEDIA_ROOT), phase]
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, *told],
        env=os.environ
        | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONWARNINGS": "ignore",
        },
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
    )


def kill_once(true: Callable[[], bool], child: subprocess.Popen[bytes]) -> None:
    """Kill it at the first instant at which something is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert child.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    if child.stdin:
        child.stdin.close()


def taken_over(job: J) -> J:
    """What the next worker makes of it, once the lease of the killed one is over."""
    room = job._meta.app_label
    claimed = _of(room, "operations.import_work").claim(
        job.pk, now=clock.now() + timedelta(minutes=5)
    )
    assert claimed
    _of(room, "tasks").work(claimed)
    job.refresh_from_db()
    return job


def _of(room: str, name: str) -> ModuleType:
    return import_module(f"console.{room}.{name}")


def writing(table: str) -> bool:
    """True once another transaction holds locks on the rows it writes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_locks where relation = %s::regclass"
            " and mode = 'RowExclusiveLock' and pid <> pg_backend_pid()",
            [table],
        )
        return bool(cursor.fetchone()[0])
