"""Two who acknowledge what differed at once: the first is kept; without lock, not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Event
from time import monotonic, sleep

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Fence
from console.stock.rules.fences import NoFence
from tests import make
from tests.racing import in_parallel
from tests.stock.feedkit import NOW, feed, mugs, say, told

pytestmark = pytest.mark.django_db(transaction=True)
WHO = {"actor": None, "now": NOW}
END = NOW + timedelta(hours=1)


@pytest.fixture
def people() -> list[User]:
    """Two operators, and a count that found less once the fence was down."""
    level = mugs(100)
    stock.lock("FS-1", wants=[make.Want(level.sku_id, 40, 0)], **WHO)
    stock.raise_fence("FS-1", **WHO)
    say(feed(), told("c", "counted", 90, age_s=30))
    stock.return_units("FS-1", actor=None, now=END)
    stock.book_due(now=END)
    return [make.user("operator"), make.user("operator")]


def _until_somebody_waits() -> None:
    ends = monotonic() + 1.5
    while monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute("select 1 from pg_locks where not granted")
            if cursor.fetchone():
                return
        sleep(0.02)


def _told(people: list[User], acknowledge: Callable[[User], object]) -> list[str]:
    """What each is told; the second asks while the first has not committed yet."""
    asked, told_ = Event(), ["", ""]

    def ask(number: int) -> None:
        with transaction.atomic():
            if number:
                assert asked.wait(20)
            try:
                acknowledge(people[number])
                told_[number] = "done"
            except NoFence:
                told_[number] = "nothing left"
            if not number:
                asked.set()
                _until_somebody_waits()

    assert in_parallel(2, ask) == [None, None]
    return told_


def test_of_two_who_acknowledge_at_once_the_first_is_kept(people: list[User]) -> None:
    def carefully(clerk: User) -> None:
        stock.acknowledge_fence("FS-1", actor=clerk, now=END)

    assert _told(people, carefully) == ["done", "nothing left"]
    assert Fence.objects.get().acknowledged_by == people[0]


def test_control_who_looks_before_locking_overwrites_the_first(
    people: list[User],
) -> None:
    def carelessly(clerk: User) -> None:
        found = queries.fence_of("FS-1")
        assert found is not None and found.ready
        fence = Fence.objects.select_for_update().get()
        fence.acknowledged_at, fence.acknowledged_by = END, clerk
        fence.save()

    assert _told(people, carelessly) == ["done", "done"]
    assert Fence.objects.get().acknowledged_by == people[1]
