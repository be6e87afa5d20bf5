"""Bells of this room."""

from __future__ import annotations

import time

import structlog
from celery import shared_task
from django.db import OperationalError

from console.runbook import bell
from console.sheets.working import bring, run
from console.shell.silence import Silence
from console.stock import clock, operations, publishing
from console.stock.models import LevelImport
from console.stock.operations import import_work, imports
from console.stock.operations.certifying import certify_missing
from console.stock.operations.ledger import StockBusy

log = structlog.get_logger(__name__)
SWEEP_S = 1.0
"""Longest time one bell sweeps; the next goes on."""
BUSY_S = 0.02
ROUND = "stock.publish_round"


@shared_task(name="stock.sweep")
def sweep() -> None:
    """Tidy expired holds until none is left; they stopped counting long before."""
    until = time.monotonic() + SWEEP_S
    while time.monotonic() < until:
        ended = operations.sweep(now=clock.now())
        if ended == 0:
            break
        if ended is None:
            time.sleep(BUSY_S)


@shared_task(name="stock.offer")
def offer() -> None:
    """Hand on what came back to those who wait, until nothing is left to do."""
    until = time.monotonic() + SWEEP_S
    operations.ring(now=clock.now())
    while time.monotonic() < until and operations.offer(now=clock.now()):
        pass


@shared_task(name="stock.fill_backorders")
def fill_backorders() -> None:
    """Give what has come to those it was sold to before; who is busy waits."""
    units = operations.fill_backorders(actor=None, now=clock.now())
    if units:
        log.info("backorders filled", units=units)


@shared_task(name="stock.mark_expired")
def mark_expired() -> None:
    """Mark the few reservations whose end nobody wrote down."""
    if marked := operations.mark_expired(now=clock.now()):
        log.info("expired reservations marked", count=marked)


@shared_task(name="stock.feeds")
def feeds() -> None:
    """Book what feeds told and nobody booked yet, and what fences parked."""
    until = time.monotonic() + SWEEP_S
    try:
        while time.monotonic() < until and operations.book_due(now=clock.now()):
            pass
    except StockBusy as busy:
        log.info("movements wait", why=busy.message)


@shared_task(name="stock.tend_feeds")
def tend_feeds() -> None:
    """Measure how late feeds are, and forget what is too old to be sent again."""
    until = time.monotonic() + SWEEP_S
    operations.measure_feeds(now=clock.now())
    operations.prune_movements(now=clock.now(), go_on=lambda: time.monotonic() < until)


@shared_task(name="stock.partitions")
def partitions() -> None:
    """Make the ledger's tables of the coming months; one that is busy waits."""
    try:
        for made in operations.make_months(now=clock.now()):
            log.info("month made", month=str(made.month), moved=made.moved)
    except OperationalError as busy:
        log.warning("month not made", error=str(busy).splitlines()[0])


@shared_task(name="stock.undersell")
def undersell() -> None:
    """Look for units that are neither for sale nor sold, and certify what was not."""
    if sales := certify_missing(now=clock.now()):
        log.warning("certified late", sales=sales)
    run = operations.look_for_stuck(now=clock.now())
    if run is not None and run.units:
        log.warning("units are stuck", units=run.units, first=run.findings[0])


@shared_task(name="stock.audit")
def audit() -> None:
    """Hold the balances against the ledger, if it is time."""
    run = operations.audit(now=clock.now())
    if run is not None and run.wrong:
        first = run.violations[0]
        log.error("balances differ from the ledger", wrong=run.wrong, first=first)


@shared_task(name="stock.buffers")
def buffers() -> None:
    """Start waves and let buffers go whose time has come, and apply policies."""
    _release()
    until = time.monotonic() + SWEEP_S
    try:
        while time.monotonic() < until and operations.apply_due(now=clock.now()):
            pass
    except operations.StockBusy as busy:
        log.info("policies wait", why=busy.message)


def _release() -> None:
    """One after the other, each in a transaction of its own."""
    try:
        while wave := operations.open_due_wave(now=clock.now()):
            told = {"campaign": wave.campaign, "wave": wave.position}
            log.info("wave started", units=wave.opened_units, **told)
        while (units := operations.run_due_rule(now=clock.now())) is not None:
            log.info("buffer released", units=units)
    except operations.StockBusy as busy:
        log.info("release waits", why=busy.message)


@shared_task(name="stock.publish")
def publish() -> None:
    """Compare what shops were told, and call a worker for each that is behind."""
    silence.heard()
    for name in publishing.behind():
        bell.ring(ROUND, name)


@shared_task(name=ROUND)
def publish_round(connection: str) -> None:
    """Tell one shop what is due, and ring again while there is more."""
    if publishing.run_round(connection):
        bell.ring(ROUND, connection)


def look() -> None:
    """Compare, and tell each shop that is behind."""
    for name in publishing.behind():
        publishing.run_round(name)


silence = Silence("publishing-watch", look)
silence.watch_in_worker()


@shared_task(name=imports.TASK)
def run_import(job_id: int) -> None:
    """Bring one sheet of levels as far as it goes without a person."""
    job = import_work.claim(job_id, now=clock.now())
    if job is None:
        return
    run(job, work, now=clock.now, busy=(StockBusy,))


def work(job: LevelImport) -> None:
    """Read what was not read yet and judge it, or write what was judged.

    Raises:
        UnreadableSheet: the file is bad as a whole.
        RowsFailed: all or nothing was asked for, and a row is bad by now.
        StockBusy: somebody else moves the same stock.
    """
    bring(
        job,
        import_work.stream(job),
        take=import_work.stage,
        judge=import_work.judge,
        apply=import_work.apply,
        now=clock.now,
    )


@shared_task(name="stock.imports")
def take_up_imports() -> None:
    """Ring for every sheet whose worker died, or gave way."""
    for job_id in import_work.waiting(now=clock.now()):
        imports.ring(job_id)
