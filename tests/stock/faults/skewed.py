"""A process of ours whose clock is wrong, doing what workers and the web server do.

`python -m tests.stock.faults.skewed seconds` reads a command a line and answers with a
line of JSON. Its clock runs, so many seconds ahead; behind, if they are negative.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import django
import time_machine

from config.env import ROOT
from tests.stock.gatekit import end, environment

MODULE = "tests.stock.faults.skewed"
CAMPAIGN = "FS-1"


@dataclass
class Skewed:
    """Such a process, seen from a test."""

    child: subprocess.Popen[str]

    def do(self, *command: str) -> dict[str, Any]:
        """Let it do something; what it says about it."""
        assert self.child.stdin and self.child.stdout
        self.child.stdin.write(" ".join(command) + "\n")
        self.child.stdin.flush()
        told: dict[str, Any] = json.loads(self.child.stdout.readline())
        return told


@contextmanager
def skewed(database: str, seconds: int) -> Iterator[Skewed]:
    """One of these, ready to be told what to do."""
    child = subprocess.Popen(
        [sys.executable, "-m", MODULE, str(seconds)],
        cwd=ROOT,
        env=environment(database),
        start_new_session=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with child:
        try:
            yield Skewed(child)
        finally:
            end(child, signal.SIGKILL)


def look() -> dict[str, Any]:
    """The time it believes it is."""
    from django.utils import timezone

    return {"now": timezone.now().isoformat()}


def sweep() -> dict[str, Any]:
    """The bell of the worker."""
    from console.stock import tasks

    tasks.sweep()
    return {}


def drain() -> dict[str, Any]:
    """The step that waits for holds."""
    from console.stock import steps

    return _step(steps.drain_holds)


def give_back() -> dict[str, Any]:
    """The step that gives units back."""
    from console.stock import steps

    return _step(steps.return_units)


def pay(reservation: str, order: str) -> dict[str, Any]:
    """A store tells the web server of a paid order."""
    from django.test import Client

    from console.orders.models import Order
    from tests.orders.stores import event, headers

    body = json.dumps(event(order, reservation=reservation)).encode()
    answer = Client(SERVER_NAME="localhost").post(
        "/api/orders/shop/",
        body,
        content_type="application/json",
        headers=headers(body, event_id=order),
    )
    short = Order.objects.values_list("shortfall", flat=True).get(ref=order)
    return {"status": answer.status_code, "shortfall": short}


def _step(handler: Any) -> dict[str, Any]:
    from console.runbook.models import Step

    seen = handler(Step(wanted={"campaign": CAMPAIGN}))
    return {"pending": seen.pending, "note": seen.note}


COMMANDS = {
    "look": look,
    "sweep": sweep,
    "drain": drain,
    "give_back": give_back,
    "pay": pay,
}


def main(seconds: int) -> None:
    """Answer until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # What is logged must not be taken for an answer.
    there = datetime.now(UTC) + timedelta(seconds=seconds)
    with time_machine.travel(there, tick=True):
        django.setup()
        for line in sys.stdin:
            name, *words = line.split()
            answers.write(json.dumps(COMMANDS[name](*words)) + "\n")
            answers.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
