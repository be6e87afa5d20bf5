"""A fence rises while others write, in pairs: with its locks, and without."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic, sleep

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from console.stock import operations as stock
from console.stock.models import Feed, Fence, Level
from console.stock.operations import LevelSize, imports
from console.stock.rules import Reason
from console.stock.tasks import run_import
from tests import make
from tests.racing import in_parallel
from tests.stock.feedkit import NOW, feed, mugs, say, states, told
from tests.stock.sheetkit import sheet, tried

pytestmark = pytest.mark.django_db(transaction=True)
WHO = {"actor": None, "now": NOW}
BEHIND = """
with recursive behind as (
    select pg_backend_pid() as pid
    union
    select l.pid from pg_locks l
    join behind b on b.pid = any (pg_blocking_pids(l.pid)) where not l.granted
) select count(*) - 1 from behind
"""


@pytest.fixture(autouse=True)
def _locked() -> None:
    level = mugs(100)
    stock.lock("FS-1", wants=[make.Want(level.sku_id, 40, 0)], **WHO)
    make.location("Shop", position=1)
    feed()


def _count_of_a_feed() -> Callable[[], object]:
    return lambda: say(Feed.objects.get(), told("c", "counted", 80))


def _goods_at_a_new_place() -> Callable[[], object]:
    return lambda: say(Feed.objects.get(), told("g", "received", 9, at="Shop"))


def _count_of_a_person() -> Callable[[], object]:
    level = Level.objects.get()
    size = LevelSize(80, 0, 0)
    return lambda: stock.adjust(
        level.pk, size=size, version=level.version, reason="count", **WHO
    )


def _sheet(row: str) -> Callable[[], object]:
    job = tried(sheet(row))
    imports.confirm(job.pk, mode="all", actor=job.by)
    return lambda: run_import(job.pk)


def _row_of_a_sheet() -> Callable[[], object]:
    return _sheet("MUG,Main,80,0,0")


def _row_of_a_new_place() -> Callable[[], object]:
    return _sheet("MUG,Shop,9,0,0")


def _goods(place: str) -> Callable[[], object]:
    mug, there = Level.objects.get().sku_id, make.location(place).pk
    said = {"units": 9, "reason": Reason.RECEIPT, **WHO}
    return lambda: stock.receive(mug, there, **said)


def _goods_of_a_program() -> Callable[[], object]:
    return _goods("Main")


def _goods_of_a_program_at_a_new_place() -> Callable[[], object]:
    return _goods("Shop")


WRITERS = [
    _count_of_a_feed,
    _goods_at_a_new_place,
    _count_of_a_person,
    _row_of_a_sheet,
    _row_of_a_new_place,
    _goods_of_a_program,
    _goods_of_a_program_at_a_new_place,
]


def _total() -> int:
    return int(Level.objects.aggregate(n=Sum("on_hand"))["n"])


def _until(count: int, over: Event, patience_s: float) -> int:
    """Until so many wait behind this one, or it is over: how many."""
    ends, waiting = monotonic() + patience_s, 0
    while waiting < count and not over.is_set() and monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute(BEHIND)
            (waiting,) = cursor.fetchone()
        sleep(0.02)
    return waiting


def _written_past(
    write: Callable[[], object], raise_fence: Callable[[], object]
) -> bool:
    """Whether a writer that had decided wrote after the fence was said to be up.

    The ledger is kept from the writer, so that it stands between its decision, of which
    the entries are the last part, and its end.
    """
    kept, writing, up, seen = Event(), Event(), Event(), []

    def keeper() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("lock table stock_movement in share mode")
            kept.set()
            assert _until(1, Event(), 20) == 1
            writing.set()
            _until(2, up, 3)

    def writer() -> None:
        assert kept.wait(20)
        write()

    def fence() -> None:
        assert writing.wait(20)
        raise_fence()
        seen.append(_total())
        up.set()

    assert in_parallel(3, lambda n: (keeper, writer, fence)[n]()) == [None] * 3
    assert _total() != 100
    return seen != [_total()]


@pytest.mark.parametrize("writer", WRITERS)
def test_once_a_fence_is_up_no_writer_is_at_work_past_it(
    writer: Callable[[], Callable[[], object]],
) -> None:
    assert not _written_past(writer(), lambda: stock.raise_fence("FS-1", **WHO))
    say(Feed.objects.get(), told("late", "counted", 70))
    assert states()["late"] == "parked"


@pytest.mark.parametrize("writer", WRITERS)
def test_control_a_fence_that_waits_for_nobody_is_written_past(
    writer: Callable[[], Callable[[], object]],
) -> None:
    def carelessly() -> None:
        Fence.objects.create(campaign="FS-1", raised_at=NOW)

    assert _written_past(writer(), carelessly)
