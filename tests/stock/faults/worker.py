"""A worker as a process of its own: it sweeps, and pays for a hold now and then.

`python -m tests.stock.faults.worker [diary]`; without a diary it only sweeps. What was
paid is in the diary, with the name of its order.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import django

from config.env import ROOT
from tests.stock.faults.diary import Diary
from tests.stock.gatekit import end, environment

MODULE = "tests.stock.faults.worker"
PACE_S = 0.25
SWEEP_EVERY = 4


@dataclass
class WorkerProcess:
    """One such process, which can be killed and started again."""

    database: str
    diary: Path | None = None
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it works when it is ready."""
        words = [str(self.diary)] if self.diary else []
        self.child = subprocess.Popen(
            [sys.executable, "-m", MODULE, *words],
            cwd=ROOT,
            env=environment(self.database),
            start_new_session=True,
        )

    def end(self, sign: signal.Signals = signal.SIGTERM) -> None:
        """End it, if it runs."""
        child, self.child = self.child, None
        end(child, sign)


def pay(diary: Diary) -> None:
    """Pay for one hold that is alive."""
    from console.stock import clock
    from console.stock import operations as stock
    from console.stock.models import Reservation

    now = clock.now()
    held = Reservation.objects.active(now).order_by("?").first()
    if held is not None:
        order = f"O-{held.pk}"
        stock.confirm(held.pk, order=order, now=now)
        diary.write(str(held.pk), order)


def work(diary: Diary | None) -> None:
    """Sweep every second, pay in between, and dial again after the database fell."""
    from django.db import Error, connection

    from console.stock import tasks

    for number in count():
        try:
            if number % SWEEP_EVERY == 0:
                tasks.sweep()
            if diary:
                pay(diary)
        except Error as away:
            sys.stderr.write(f"worker: {away}\n")
            connection.close()
        time.sleep(PACE_S)


if __name__ == "__main__":
    django.setup()
    work(Diary(Path(sys.argv[1])) if len(sys.argv) > 1 else None)
