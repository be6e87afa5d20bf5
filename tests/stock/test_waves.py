"""Waves of a sale: planned, waiting in its buffer, started once, told to the gates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from console.audit.models import Entry
from console.audit.operations import operation
from console.people.rules import OutOfScope
from console.stock import clock, queries, tasks
from console.stock import operations as stock
from console.stock.models import Allocation, SaleGate, Sku, Wave
from console.stock.operations import waves
from console.stock.operations.ledger import Why
from console.stock.rules import BadQuantity, GateClosed, Item, NotEnoughStock, StaleEdit
from console.stock.rules.waves import NoWave, SaleNotOpen, Tranche, parts, tranches
from tests import make
from tests.campaigns.scopekit import limited
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db
WHO = {"actor": None, "now": NOW}


def third(**when: int) -> Tranche:
    return Tranche(Decimal("33.33"), **when)


def plan(*waves: Tranche, seen: list[int] | None = None) -> int:
    told = queries.release_plan("FS-1").seen if seen is None else seen
    return stock.plan_waves("FS-1", waves, seen=told, **WHO)


def opened(ago_s: float) -> SaleGate:
    """A gate that opened so long ago by the database's clock."""
    at = clock.now() - timedelta(seconds=ago_s)
    return stock.open_gate("FS-1", now=at)


def left() -> int:
    return queries.counters("FS-1", now=clock.now())[0].left


def test_waves_wait_in_the_buffer_and_start_by_the_clock_in_their_order() -> None:
    one = make.allocation(quantity=100, buffer=10)
    assert plan(third(after_s=60), third(after_s=120)) == 59
    one.refresh_from_db()
    assert (one.buffer, one.sellable) == (69, 31)
    tasks.buffers()
    assert left() == 31
    opened(61)
    tasks.buffers()
    tasks.buffers()
    assert left() == 61
    SaleGate.objects.update(opened_at=clock.now() - timedelta(seconds=121))
    tasks.buffers()
    assert left() == 90
    one.refresh_from_db()
    assert (one.buffer, queries.violations()) == (10, [])
    told = Entry.objects.filter(verb="stock.open_wave", object_id="FS-1")
    assert sorted(x.after["wave"] for x in told) == [1, 2]


def test_a_wave_starts_once_enough_was_sold() -> None:
    one = make.allocation(quantity=100)
    plan(Tranche(Decimal(50), after_sold=80))
    opened(1)
    now = clock.now()
    for n in range(2):
        lines = [Item(one.sku.code, 20)]
        held = stock.reserve("FS-1", lines=lines, buyer=f"b{n}", key=f"k{n}", now=now)
        tasks.buffers()
        assert Wave.objects.get().opened_at is None
        stock.confirm(held.id, order=f"O-{n}", now=now)
    tasks.buffers()
    assert (Wave.objects.get().opened_units, left()) == (50, 60)


def test_a_paused_sale_starts_no_wave_until_it_goes_on() -> None:
    make.allocation(quantity=100)
    plan(third(after_s=60))
    opened(100)
    stock.pause_gate("FS-1", now=clock.now())
    tasks.buffers()
    assert left() == 67
    stock.resume_gate("FS-1", now=clock.now())
    tasks.buffers()
    assert left() == 100


def test_somebody_may_start_the_next_wave_early_once_the_sale_is_open() -> None:
    make.allocation(quantity=100)
    plan(third(after_s=600), third(after_s=1200))
    with pytest.raises(SaleNotOpen):
        stock.open_next_wave("FS-1", **WHO)
    opened(1)
    assert stock.open_next_wave("FS-1", **WHO).position == 1
    assert stock.open_next_wave("FS-1", **WHO).position == 2
    assert left() == 100
    with pytest.raises(NoWave):
        stock.open_next_wave("FS-1", **WHO)


def test_planning_again_takes_the_place_of_what_waits() -> None:
    one = make.allocation(quantity=100, buffer=10)
    plan(third(after_s=60), third(after_s=120))
    seen = queries.release_plan("FS-1").seen
    plan(Tranche(Decimal(10), after_s=30))
    one.refresh_from_db()
    assert one.buffer == 19
    with pytest.raises(StaleEdit):
        plan(seen=seen)
    plan()
    one.refresh_from_db()
    assert (one.buffer, queries.violations()) == (10, [])


def test_what_buyers_have_cannot_wait_and_a_closed_sale_plans_none() -> None:
    one = make.allocation(quantity=10)
    opened(1)
    lines = [Item(one.sku.code, 8)]
    stock.reserve("FS-1", lines=lines, buyer="b", key="k", now=clock.now())
    with pytest.raises(NotEnoughStock):
        plan(third(after_s=60))
    stock.close_gate("FS-1", now=clock.now())
    with pytest.raises(GateClosed) as refused:
        plan(Tranche(Decimal(10), after_s=60))
    assert refused.value.field == "campaign"


def test_waves_of_a_lock_that_was_given_back_let_nothing_go() -> None:
    one = make.allocation(quantity=10, buffer=2)
    plan(Tranche(Decimal(50), after_s=1))
    stock.return_units("FS-1", **WHO)
    later = NOW + timedelta(seconds=5)
    wants = [make.Want(one.sku_id, 10, 2)]
    stock.lock("FS-1", wants=wants, actor=None, now=later)
    opened(60)
    tasks.buffers()
    assert Allocation.objects.get().buffer == 2
    assert queries.release_plan("FS-1").waves == []
    assert queries.violations() == []


@pytest.mark.parametrize(
    "waves",
    [
        [Tranche(Decimal(0), after_s=1)],
        [Tranche(Decimal(60), after_s=1), Tranche(Decimal(50), after_s=2)],
        [Tranche(Decimal(10), after_s=2), Tranche(Decimal(10), after_s=1)],
        [Tranche(Decimal(10), after_s=0)],
        [Tranche(Decimal(10))],
        [Tranche(Decimal(10), after_s=1, after_sold=1)],
        [Tranche(Decimal(10), after_sold=101)],
        [Tranche(Decimal(40), after_sold=1), Tranche(Decimal(60), after_s=1)],
    ],
)
def test_waves_that_cannot_be_are_refused(waves: list[Tranche]) -> None:
    make.allocation()
    with pytest.raises(BadQuantity):
        plan(*waves)


def test_who_is_limited_to_other_categories_plans_and_starts_no_wave() -> None:
    make.allocation()
    words = {"actor": limited("operator", categories=["Tents"]), "now": NOW}
    make.campaign(code="FS-1")
    Sku.objects.update(category="Mugs")
    with pytest.raises(OutOfScope):
        stock.plan_waves("FS-1", [], seen=[], **words)
    with pytest.raises(OutOfScope):
        stock.open_next_wave("FS-1", **words)


@pytest.fixture
def listening(transactional_db: None) -> Iterator[list[str]]:
    """What gates are told while the test runs."""
    heard: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute("LISTEN stock_back")
    driver = connection.connection
    driver.add_notify_handler(lambda told: heard.append(told.payload))
    yield heard
    with connection.cursor() as cursor:
        cursor.execute("UNLISTEN *")


def test_a_wave_lifts_the_flag_of_a_sku_that_had_nothing_left(
    listening: list[str],
) -> None:
    one = make.allocation(quantity=10)
    plan(Tranche(Decimal(50), after_s=1))
    opened(0)
    lines = [Item(one.sku.code, 5)]
    stock.reserve("FS-1", lines=lines, buyer="b", key="k", now=clock.now())
    listening.clear()
    SaleGate.objects.update(opened_at=clock.now() - timedelta(seconds=2))
    tasks.buffers()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert str(one.pk) in listening


@pytest.mark.django_db(transaction=True)
def test_sixteen_bells_at_once_start_a_wave_once() -> None:
    one = make.allocation(quantity=100)
    plan(third(after_s=1), third(after_s=3600))
    opened(60)
    in_parallel(16, lambda _: tasks.buffers())
    one.refresh_from_db()
    assert one.sellable == 67
    assert Entry.objects.filter(verb="stock.open_wave").count() == 1
    assert queries.violations() == []


@pytest.mark.django_db(transaction=True)
def test_control_bells_that_claim_nothing_start_a_wave_again_and_again() -> None:
    """Each has read that it is due, and none that another starts it."""
    make.allocation(quantity=100)
    plan(third(after_s=1), third(after_s=3600))
    opened(60)
    (due,) = queries.waves_due(now=clock.now())

    @operation()
    def careless(one: Wave) -> None:
        waves._open(one, Why(None, clock.now()))

    read = [Wave.objects.get(pk=due) for _ in range(16)]
    in_parallel(16, lambda number: careless(read[number]))
    assert Entry.objects.filter(verb="stock.open_wave").count() > 1


@given(
    st.integers(1, 10_000),
    st.lists(st.decimals("0.01", 10, places=2), min_size=1, max_size=10),
)
def test_parts_are_whole_and_never_more_than_there_is(
    units: int, shares: list[Decimal]
) -> None:
    each = parts(units, [100 - sum(shares), *shares])
    assert sum(each) == units and min(each) >= 0
    for n, share in zip(each, [100 - sum(shares), *shares], strict=True):
        assert abs(n - units * share / 100) <= 1


@given(st.integers(1, 100_000), st.integers(1, 7200), st.integers(60, 90_000))
def test_proposed_waves_are_everything_within_the_time_of_a_hold(
    units: int, ttl_s: int, length_s: int
) -> None:
    waves = tranches(units, ttl_s=ttl_s, length_s=length_s)
    assert sum(one.share for one in waves) == 100
    times = [one.after_s for one in waves]
    assert times[0] == 0 and times == sorted(times)
    assert max(times) <= ttl_s and max(times) < length_s
    if len(waves) > 1 and ttl_s <= length_s * Decimal("0.8"):
        assert max(times) == ttl_s


UNITS, TTL_S, PER_S, ABANDON = 1000, 600, 20, 0.3


def test_nothing_is_sold_late_while_units_that_are_there_wait_for_a_wave() -> None:
    one, late = make.allocation(), {"promise_at": None, "actor": None, "now": NOW}
    plan(third(after_s=60))
    one.refresh_from_db()
    with pytest.raises(BadQuantity, match="wait for a wave"):
        stock.set_backorder(one.pk, units=5, version=one.version, **late)
    plan()
    one.refresh_from_db()
    stock.set_backorder(one.pk, units=5, version=one.version, **late)
    with pytest.raises(BadQuantity, match="Set that to 0 first"):
        plan(third(after_s=60))
