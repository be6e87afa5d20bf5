"""A worker of sheets that lost its job to another one changes nothing of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from console.errors import Refusal
from console.sheets import working
from console.sheets.working import LEASE, run
from console.stock import clock
from console.stock.models import LevelImport
from console.stock.operations import import_work, imports
from console.stock.operations.ledger import StockBusy
from console.stock.tasks import run_import, work
from tests import make
from tests.stock.conftest import no_broker
from tests.stock.sheetkit import sheet, start, tried

__all__ = ["no_broker"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
State = LevelImport.State


def claimed(job: LevelImport, after: timedelta = timedelta()) -> LevelImport:
    found = import_work.claim(job.pk, now=clock.now() + after)
    assert found is not None
    return found


def refused(_job: LevelImport) -> None:
    raise Refusal("The file is bad as a whole.")


def busy(_job: LevelImport) -> None:
    raise StockBusy("Somebody is changing the same stock.")


def now_in(job: LevelImport) -> tuple[str, str, object]:
    job.refresh_from_db()
    return job.state, job.error, job.lease_until


def test_a_worker_that_was_overtaken_fails_no_job_another_one_is_at() -> None:
    level = make.level(units=10)
    job = start(sheet(f"{level.sku.code},Main,12,,"))
    slow = claimed(job)
    other = claimed(job, LEASE * 2)
    run(slow, refused, now=clock.now)
    assert now_in(job) == (State.CHECKING, "", other.lease_until)
    work(other)
    assert now_in(job)[0] == State.CHECKED
    run(slow, refused, now=clock.now)
    assert now_in(job)[:2] == (State.CHECKED, "")


def test_a_worker_that_was_overtaken_fails_no_job_that_was_written() -> None:
    level = make.level(units=10)
    job = tried(sheet(f"{level.sku.code},Main,12,,"))
    imports.confirm(job.pk, mode="all", actor=job.by)
    slow = claimed(job)
    other = claimed(job, LEASE * 3)
    for act in (busy, refused):
        run(slow, act, now=clock.now, busy=(StockBusy,))
        assert now_in(job) == (State.APPLYING, "", other.lease_until)
    work(other)
    for act in (busy, refused):
        run(slow, act, now=clock.now, busy=(StockBusy,))
        assert now_in(job) == (State.DONE, "", None)


def test_a_worker_whose_last_lease_was_rolled_back_still_ends_its_job() -> None:
    level = make.level(units=10)
    job = claimed(start(sheet(f"{level.sku.code},Main,12,,")))
    before = job.lease_until

    def longer_and_refused(mine: LevelImport) -> None:
        with transaction.atomic():
            working.go_on(mine, now=clock.now() + LEASE)
            refused(mine)

    run(job, longer_and_refused, now=clock.now)
    assert job.lease_until != before
    assert now_in(job) == (State.FAILED, "The file is bad as a whole.", None)


def test_a_job_that_was_cancelled_stays_so() -> None:
    level = make.level(units=10)
    job = start(sheet(f"{level.sku.code},Main,12,,"))
    slow = claimed(job)
    imports.cancel(job.pk, now=clock.now())
    run(slow, refused, now=clock.now)
    assert now_in(job)[:2] == (State.CANCELLED, "")
    run_import(job.pk)
    assert now_in(job)[0] == State.CANCELLED
