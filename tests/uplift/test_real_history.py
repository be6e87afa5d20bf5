"""Nine months of a real shop come in whole, once, and in the memory of a small worker.

The file is UCI's Online Retail from December 2010 to August 2011, packed with gzip;
`ORDER_HISTORY` says where. Without it there is nothing to test.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, Sum

from config.env import ROOT
from console.uplift.models import DailyDemand, HistoryFile, HistoryLine, LeftOutRow
from tests.uplift.kit import start

FILE = Path(os.environ.get("ORDER_HISTORY", ""))
ROWS = 320_705
WORKER = """
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {name!r}
from console.uplift.tasks import run_import
run_import({job})
print(open("/proc/self/status").read())
"""
"""What getrusage says of a child begins with the memory of who started it."""
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.soak,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not FILE.is_file(), reason="set ORDER_HISTORY"),
]


def _imported(body: bytes) -> tuple[HistoryFile, float]:
    """The file as a worker of its own left it, and the most MB that worker held."""
    job = start(body)
    code = WORKER.format(name=connection.settings_dict["NAME"], job=job.pk)
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=env, cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    job.refresh_from_db()
    lines = filter(None, done.stdout.decode().splitlines())
    said = dict(line.split(":", 1) for line in lines)
    return job, int(said["VmHWM"].removesuffix("kB")) / 1024


def _accounted(job: HistoryFile) -> int:
    assert sum(job.reasons.values()) == job.left
    return job.sales + job.returns + job.known + job.left


def _plain(body: bytes) -> dict[str, int]:
    """The same rows counted one by one, by what docs/uplift.md says of each."""
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    kept = [row for row in rows if float(row["UnitPrice"]) > 0]
    return {
        "rows": len(rows),
        "returns": sum(int(row["Quantity"]) < 0 for row in kept),
        "cancelled": sum(
            int(row["Quantity"]) < 0 and row["InvoiceNo"].startswith("C")
            for row in kept
        ),
        "free": sum(float(row["UnitPrice"]) == 0 for row in rows),
        "below_zero": sum(float(row["UnitPrice"]) < 0 for row in rows),
        "nobody": sum(not row["CustomerID"] for row in kept),
    }


def _brought() -> dict[str, Any]:
    """All that order lines and days say, added up."""
    lines = HistoryLine.objects.aggregate(
        lines=Count("pk"), units=Sum("units"), keys=Sum("key"), price=Sum("price")
    )
    days = DailyDemand.objects.aggregate(
        days=Count("pk"), orders=Sum("orders"), sold=Sum("units"), back=Sum("returned")
    )
    return lines | days


def test_every_row_of_a_real_history_is_accounted_for_once() -> None:
    packed = FILE.read_bytes()
    told = _plain(gzip.decompress(packed))
    job, megabytes = _imported(packed)
    assert (job.state, job.seen, _accounted(job)) == ("done", ROWS, ROWS)
    assert megabytes < 500
    assert (told["rows"], told["returns"]) == (ROWS, job.returns)
    assert told["cancelled"] == job.returns
    assert job.reasons == {name: told[name] for name in ("free", "below_zero")}
    assert HistoryLine.objects.filter(customer=None).count() == told["nobody"]
    brought = _brought()
    assert brought["lines"] == job.sales + job.returns
    assert LeftOutRow.objects.filter(file=job).count() == job.left
    assert start(packed).pk == job.pk
    again, megabytes = _imported(gzip.decompress(packed))
    assert again.pk != job.pk
    assert (again.state, again.seen, _accounted(again)) == ("done", ROWS, ROWS)
    assert (again.sales, again.returns, again.left) == (0, 0, job.left)
    assert again.reasons == job.reasons
    assert _brought() == brought
    assert megabytes < 500
