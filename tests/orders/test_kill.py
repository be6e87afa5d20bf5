"""A relay killed for real in the middle of a delivery: nothing lost, nothing twice."""

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

from console.orders import events, operations, queries, relay
from console.orders.models import Destination, Outbox
from tests.orders.erp import Erp
from tests.orders.stores import event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

WORKER = """
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {name!r}
from django.utils import timezone
from console.orders import relay
print("ready", flush=True)
while True:
    relay.run_round({destination}, seconds=1, now=timezone.now())
"""


def _worker(destination: Destination) -> subprocess.Popen[str]:
    """A process that sends round after round, on the database of this test."""
    name = connection.settings_dict["NAME"]
    code = WORKER.format(name=name, destination=destination.pk)
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        env=env,
        cwd=Path(settings.BASE_DIR),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready"
    return child


def _end(child: subprocess.Popen[str], number: int) -> None:
    child.send_signal(number)
    child.wait(10)
    assert child.stdout is not None
    child.stdout.close()


def _until(there: int, erp: Erp) -> None:
    deadline = time.monotonic() + 60
    while len(erp.arrivals) < there and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(erp.arrivals) >= there


def _leases_end() -> None:
    past = timezone.now() - timedelta(seconds=1)
    Outbox.objects.filter(state="leased").update(lease_until=past)
    Destination.objects.update(lease_until=past)


def test_killed_in_the_middle_of_a_delivery(destination: Destination, erp: Erp) -> None:
    """At least once there, once in effect."""
    erp.slow_s = 0.3
    for n in range(30):
        paid = events.PaidOrder(**event(f"R-{n}")["order"])
        operations.accept("shop", f"e{n}", paid, now=timezone.now())
    for there in (3, 12):
        child = _worker(destination)
        _until(there, erp)
        _end(child, signal.SIGKILL)
        _leases_end()
    erp.slow_s = 0.0
    while relay.run_round(destination.pk, seconds=1, now=timezone.now()):
        continue
    assert sorted(erp.refs) == sorted(f"R-{n}" for n in range(30))
    assert erp.duplicates >= 1, "a call that was not noted was made again"
    found = queries.reconciliation("FS-1")
    assert (found.relayed, found.queued, found.dead, found.lost) == (30, 0, 0, 0)


def test_stopped_and_woken_it_writes_nothing_and_sends_no_more(
    destination: Destination, erp: Erp
) -> None:
    """A process that stood still past its lease must not go on as if it had it."""
    erp.slow_s = 0.5
    Destination.objects.update(limit_per_s=100, rate_per_s=10)
    for n in range(20):
        paid = events.PaidOrder(**event(f"R-{n}")["order"])
        operations.accept("shop", f"e{n}", paid, now=timezone.now())
    child = _worker(destination)
    _until(2, erp)
    child.send_signal(signal.SIGSTOP)
    _leases_end()
    erp.slow_s = 0.0
    while relay.run_round(destination.pk, seconds=1, now=timezone.now()):
        continue
    assert queries.reconciliation("FS-1").relayed == 20
    fences = list(Outbox.objects.order_by("pk").values_list("fence", "sent_at"))
    child.send_signal(signal.SIGCONT)
    time.sleep(1.5)
    _end(child, signal.SIGKILL)
    assert sorted(erp.refs) == sorted(f"R-{n}" for n in range(20))
    assert list(Outbox.objects.order_by("pk").values_list("fence", "sent_at")) == fences
