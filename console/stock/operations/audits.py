"""Looking, again and again, whether the balances are the sum of the ledger."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import connection, transaction

from console.stock import queries
from console.stock.models import AuditRun, Movement
from console.stock.rules import audit_due

AUDIT_LOCK = 5707
KEEP = timedelta(days=1)
"""How long a run that found nothing is kept."""
MOST_TOLD = 100


def audit(*, now: datetime) -> AuditRun | None:
    """Look at every balance, unless it is too early or somebody looks already.

    now: by the database's clock. A look takes at most a sixtieth of the time.
    """
    with transaction.atomic():
        if not _alone():
            return None
        last = queries.last_audit()
        if last is not None and now < audit_due(last.at, last.ms):
            return None
        run = _looked(now)
        _forget(run)
        return run


def _forget(run: AuditRun) -> None:
    """Old runs without a finding go; of one finding the first and the last stay."""
    AuditRun.objects.filter(wrong=0, at__lt=run.at - KEEP).delete()
    earlier = list(AuditRun.objects.exclude(pk=run.pk).order_by("-at", "-pk")[:2])
    if run.wrong and [_finding(x) for x in earlier] == [_finding(run)] * 2:
        earlier[0].delete()


def _finding(run: AuditRun) -> list[tuple[str, str, int]]:
    """What is wrong and by how much: both sides of it move while a sale runs."""
    return [
        (one["where"], one["balance"], one["kept"] - one["entries"])
        for one in run.violations
    ]


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [AUDIT_LOCK])
        (got,) = cursor.fetchone()
        return bool(got)


def _looked(now: datetime) -> AuditRun:
    began = time.perf_counter()
    found = queries.violations()
    entries = Movement.objects.count()
    return AuditRun.objects.create(
        at=now,
        ms=round((time.perf_counter() - began) * 1000),
        entries=entries,
        wrong=len(found),
        violations=[asdict(one) for one in found[:MOST_TOLD]],
    )
