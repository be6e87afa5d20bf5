"""Large sheets of levels, two at once, and a worker killed in the middle of one."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from console.stock import clock, queries
from console.stock.models import Level, LevelImport, Location, Movement, Sku
from console.stock.models import StagedLevel as Staged
from console.stock.operations import import_work, imports
from console.stock.tasks import run_import
from tests import make
from tests.racing import in_parallel
from tests.sheets.killing import kill_once, taken_over, worker, writing
from tests.stock.sheetkit import counts, sheet, start, tried, written

ALL, BAD = 5_000, 37
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.faults,
    pytest.mark.usefixtures("no_broker"),
]


def shelves(count: int) -> Location:
    """So many SKUs, every second of them with a level of ten units at one place."""
    codes = [f"L{n:06}" for n in range(count)]
    Sku.objects.bulk_create(Sku(code=x, name=x, regular_price=1) for x in codes)
    place = Location.objects.create(name="Main")
    found = Sku.objects.filter(code__in=codes[::2]).order_by("code")
    made = Level.objects.bulk_create(
        Level(sku=sku, location=place, on_hand=10) for sku in found
    )
    now = clock.now()
    Movement.objects.bulk_create(
        Movement(at=now, sku_id=x.sku_id, location=place, source="outside",
                 target="free", units=10)
        for x in made
    )  # fmt: skip
    return place


def rows(count: int, *, bad: int = 0) -> list[str]:
    units = ["many" if n < bad else str(20 + n % 7) for n in range(count)]
    return [f"L{n:06},Main,{units[n]},1,2" for n in range(count)]


def _large(count: int, bad: int) -> None:
    shelves(count)
    job = tried(sheet(*rows(count, bad=bad)))
    new = (count - bad + 1) // 2
    assert counts(job) == (new, count - bad - new, 0, bad)
    imports.confirm(job.pk, mode="valid", actor=job.by)
    run_import(job.pk)
    job.refresh_from_db()
    assert (job.state, job.bad.count()) == ("done", bad)
    assert Level.objects.filter(on_hand__gte=20, version=2).count() == count - bad
    assert queries.violations() == []
    assert not Staged.objects.exists()
    again = tried(sheet(*rows(count, bad=bad)))
    assert counts(again) == (0, 0, count - bad, bad)


def test_a_large_sheet_writes_the_good_rows_and_names_the_bad_ones() -> None:
    _large(ALL, BAD)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_hundred_thousand_rows_with_137_bad_ones() -> None:
    _large(100_000, 137)


def test_two_sheets_at_once_wait_for_each_other_and_both_are_written() -> None:
    shelves(400)
    there = rows(400)
    one = tried(sheet(*there))
    two = tried(sheet(*reversed([row.replace(",1,2", ",3,4") for row in there])))
    for job in (one, two):
        imports.confirm(job.pk, mode="all", actor=job.by)

    def act(number: int) -> None:
        run_import((one, two)[number % 2].pk)

    assert in_parallel(4, act) == [None] * 4
    late = LevelImport.objects.filter(state="applying")  # the machine was too slow
    again = import_work.waiting(now=clock.now() + timedelta(minutes=1))
    assert again == [job.pk for job in late]
    for job in late:
        taken_over(job)
    states = set(LevelImport.objects.values_list("state", flat=True))
    assert states == {"done"}
    assert Level.objects.count() == 400
    assert len(set(Level.objects.values_list("committed", "buffer"))) == 1
    assert queries.violations() == []


def test_a_sheet_beside_sales_that_lock_keeps_every_promise() -> None:
    """Who locks while the sheet is written waits for it, or it for them."""
    shelves(60)
    skus = list(Sku.objects.order_by("code")[::2])
    job = tried(sheet(*(f"{sku.code},Main,25,," for sku in skus)))
    imports.confirm(job.pk, mode="valid", actor=job.by)

    def act(number: int) -> None:
        if number == 0:
            run_import(job.pk)
            return
        wants = [make.Want(sku.pk, 2) for sku in skus[number::3]]
        make.stock.lock(f"FS-{number}", wants=wants, actor=None, now=clock.now())

    assert in_parallel(4, act) == [None] * 4
    assert set(Level.objects.values_list("on_hand", flat=True)) == {25}
    assert queries.violations() == []


def test_a_worker_killed_in_either_phase_loses_and_doubles_nothing() -> None:
    shelves(ALL)
    job = start(sheet(*rows(ALL, bad=BAD)))
    kill_once(Staged.objects.exists, worker(job, "check"))
    held = LevelImport.objects.get(pk=job.pk)
    assert (held.state, held.checked) == ("checking", Staged.objects.count())
    job = taken_over(job)
    assert (job.state, job.failed) == ("checked", BAD)
    imports.confirm(job.pk, mode="valid", actor=job.by)
    kill_once(partial(writing, "stock_level"), worker(job, "apply"))
    assert not Level.objects.exclude(on_hand=10).exists()
    job = taken_over(job)
    assert job.state == "done"
    assert Level.objects.filter(on_hand__gte=20).count() == ALL - BAD
    assert queries.violations() == []


def test_staged_rows_lost_in_a_crash_are_read_again() -> None:
    shelves(10)
    job = start(sheet(*rows(10)))
    claimed = import_work.claim(job.pk, now=clock.now())
    assert claimed
    some = list(import_work.stream(claimed))[:4]
    import_work.stage(claimed, some, total=10, now=clock.now())
    Staged.objects.all().delete()
    job = taken_over(job)
    assert (job.state, job.total) == ("checked", 10)
    Staged.objects.all().delete()
    imports.confirm(job.pk, mode="all", actor=job.by)
    run_import(job.pk)
    assert Level.objects.filter(on_hand__gte=20).count() == 10
    assert written(sheet(*rows(10))).changing == 0
