"""A policy that changes while another is applied, in a pair: with the lock, without."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic, sleep

import pytest
from django.db import connection, transaction

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import BufferDue, BufferPolicy, Level, Sku
from console.stock.operations import PolicyTerms
from console.stock.operations.ledger import locked_levels
from console.stock.rules.buffers import BufferScope
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)
WHO = {"actor": None, "now": NOW}


@pytest.fixture
def held() -> BufferPolicy:
    """Five of ten units are held back, and the bell is to look again."""
    sku = make.sku("MUG")
    make.level(sku, units=10)
    one = stock.add_policy(BufferScope.SKU, "MUG", PolicyTerms(5), **WHO)
    BufferDue.objects.create(sku=sku)
    return one


def _until_somebody_waits() -> None:
    """Until the other thread wants what this one has locked."""
    ends = monotonic() + 20
    while monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute(
                "select 1 from pg_locks where not granted"
                " and pg_backend_pid() = any (pg_blocking_pids(pid))"
            )
            if cursor.fetchone():
                return
        sleep(0.05)
    raise AssertionError("Nobody waits.")


def _while_the_policy_changes(one: BufferPolicy, apply: Callable[[], object]) -> int:
    """What is held back once somebody applied while 5 became 1 under the lock."""
    locked = Event()

    def change() -> None:
        with transaction.atomic():
            locked_levels([Sku.objects.get().pk])
            locked.set()
            _until_somebody_waits()
            stock.change_policy(one.pk, PolicyTerms(1), version=1, **WHO)

    def bell() -> None:
        assert locked.wait(20)
        apply()

    assert in_parallel(2, lambda n: (change, bell)[n]()) == [None, None]
    return Level.objects.get().policy_buffer


def test_a_policy_that_changes_while_another_is_applied_holds(
    held: BufferPolicy,
) -> None:
    assert _while_the_policy_changes(held, lambda: stock.apply_due(now=NOW)) == 1
    assert queries.violations() == []


def test_control_policies_read_before_the_lock_come_back(held: BufferPolicy) -> None:
    def carelessly() -> None:
        found = queries.Policies().of("MUG", "")
        with transaction.atomic():
            levels = locked_levels([Sku.objects.get().pk])
            (units,) = queries.on_shelves(levels, found).units
            Level.objects.update(policy_buffer=units)

    assert _while_the_policy_changes(held, carelessly) == 5
