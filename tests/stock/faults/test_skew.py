"""Workers and web servers whose clock is half a minute wrong end no hold early."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from console.providers.models import Connection
from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import Allocation, Level, Reservation, ReservationLine
from console.stock.operations import Held
from console.stock.rules import HoldState, Item
from tests import make
from tests.orders.conftest import SECRET
from tests.stock.faults.skewed import Skewed, skewed
from tests.stock.faults.telling import until
from tests.stock.gatekit import database_of_tests

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
SKEW_S = 30
LIVES_S = SKEW_S - 2
"""For who is ahead it has expired as soon as it is made."""


@pytest.fixture(scope="module", params=[SKEW_S, -SKEW_S], ids=["ahead", "behind"])
def _other(
    request: pytest.FixtureRequest, django_db_setup: None
) -> Iterator[tuple[Skewed, int]]:
    with skewed(database_of_tests(), request.param) as process:
        yield process, request.param


@pytest.fixture
def other(_other: tuple[Skewed, int], transactional_db: None) -> Skewed:
    """A process of which we know that it is wrong by half a minute."""
    process, seconds = _other
    believed = datetime.fromisoformat(process.do("look")["now"]) - clock.now()
    assert abs(believed - timedelta(seconds=seconds)) < timedelta(seconds=2)
    return process


def hold(code: str, ttl_s: int) -> Held:
    return stock.reserve(
        "FS-1",
        lines=[Item(code, 1)],
        buyer="b",
        key=uuid4().hex,
        now=clock.now(),
        ttl_s=ttl_s,
    )


def is_alive(held: Held) -> bool:
    """True if its units are set aside; the test was quick enough to ask for that."""
    line = ReservationLine.objects.get(reservation_id=held.id)
    assert clock.now() < held.expires_at, "the machine is too slow for this test"
    return line.held


def has_expired(held: Held) -> bool:
    return clock.now() >= held.expires_at


def test_a_wrong_clock_sweeps_drains_and_returns_no_live_hold(other: Skewed) -> None:
    one = make.allocation(quantity=3)
    make.gate()
    held = hold(one.sku.code, LIVES_S)
    other.do("sweep")
    assert is_alive(held)
    assert other.do("drain") == {"pending": True, "note": "1 hold still active"}
    stock.close_gate("FS-1", now=clock.now())
    assert other.do("give_back")["pending"]
    assert is_alive(held)
    assert Allocation.objects.get().returned_at is None
    assert stock.confirm(held.id, order="O-1", now=clock.now()).shortfall == 0
    assert other.do("drain") == {"pending": False, "note": "No active holds"}
    given = other.do("give_back")
    assert given == {"pending": False, "note": "2 units given back, 1 sold"}
    assert Level.objects.get().free == 2
    assert queries.violations() == []


def test_a_late_payment_at_a_wrong_clock_takes_no_live_hold(other: Skewed) -> None:
    Connection.objects.create(
        name="shop",
        driver="sandbox_shop",
        base_url="http://127.0.0.1:9",
        webhook_secret=SECRET,
    )
    one = make.allocation(quantity=1)
    make.gate()
    late = hold(one.sku.code, 1)
    until(lambda: has_expired(late))
    held = hold(one.sku.code, LIVES_S)
    paid = other.do("pay", str(late.id), "O-LATE")
    assert paid == {"status": 200, "shortfall": 1}
    assert is_alive(held)
    assert stock.confirm(held.id, order="O-2", now=clock.now()).shortfall == 0
    assert Allocation.objects.get().sellable == 0
    assert queries.violations() == []


def test_a_wrong_clock_ends_holds_that_have_expired(other: Skewed) -> None:
    """Nobody waits until it is late by the clock of the worker, too."""
    one = make.allocation(quantity=1)
    make.gate()
    held = hold(one.sku.code, 1)
    until(lambda: has_expired(held))
    assert not other.do("drain")["pending"]
    other.do("sweep")
    assert Reservation.objects.get().state == HoldState.EXPIRED
    assert Allocation.objects.get().sellable == 1
    assert queries.violations() == []
