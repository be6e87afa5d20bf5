"""Bells of this room."""

from __future__ import annotations

import time

import structlog
from celery import shared_task
from django.db import OperationalError

from console.stock import clock, operations

log = structlog.get_logger(__name__)
SWEEP_S = 1.0
"""Longest time one bell sweeps; the next goes on."""


@shared_task(name="stock.sweep")
def sweep() -> None:
    """Tidy expired holds until none is left; they stopped counting long before."""
    until = time.monotonic() + SWEEP_S
    while operations.sweep(now=clock.now()) and time.monotonic() < until:
        pass


@shared_task(name="stock.partitions")
def partitions() -> None:
    """Make the ledger's tables of the coming months; one that is busy waits."""
    try:
        for made in operations.make_months(now=clock.now()):
            log.info("month made", month=str(made.month), moved=made.moved)
    except OperationalError as busy:
        log.warning("month not made", error=str(busy).splitlines()[0])


@shared_task(name="stock.audit")
def audit() -> None:
    """Hold the balances against the ledger, if it is time."""
    run = operations.audit(now=clock.now())
    if run is not None and run.wrong:
        first = run.violations[0]
        log.error("balances differ from the ledger", wrong=run.wrong, first=first)
