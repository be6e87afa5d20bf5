"""What becomes of unpaid carts at the end of a sale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Reservation, SaleGate, Shortfall
from console.stock.operations import gates
from console.stock.rules import GateClosed, Item
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db

SECOND, END = timedelta(seconds=1), NOW + timedelta(hours=2)


def hold(
    one: Allocation, *, at: datetime, units: int = 1, key: str = "k"
) -> stock.Held:
    lines = [Item(one.sku.code, units)]
    return stock.reserve("FS-1", lines=lines, buyer="b", key=key, now=at)


def test_a_cart_of_the_last_second_is_honoured_until_its_hold_expires() -> None:
    one = make.allocation(quantity=1)
    make.gate(hold_ttl_s=600)
    held = hold(one, at=END - SECOND)
    stock.close_gate("FS-1", now=END)
    assert queries.active_holds("FS-1", now=END + SECOND) == 1
    paid = stock.confirm(held.id, order="O-1", now=END + 300 * SECOND)
    assert (held.expires_at, paid.shortfall) == (END + 599 * SECOND, 0)


def test_a_cart_of_the_last_second_loses_its_price_with_the_sale() -> None:
    one = make.allocation(quantity=1)
    make.gate(hold_ttl_s=600, holds_until=END)
    held = hold(one, at=END - SECOND)
    assert held.expires_at == END  # the shop's cart says so from the start
    assert queries.active_holds("FS-1", now=END) == 0  # the gate still open
    stock.close_gate("FS-1", now=END)
    stock.return_units("FS-1", actor=None, now=END)
    paid = stock.confirm(held.id, order="O-1", now=END + 300 * SECOND)
    assert paid.shortfall == 1
    assert Shortfall.objects.get().order == "O-1"


def test_nothing_is_reserved_from_the_end_on_though_the_gate_is_still_open() -> None:
    one = make.allocation()
    make.gate(holds_until=END)
    with pytest.raises(GateClosed) as refused:
        hold(one, at=END)
    assert refused.value.field == "campaign"
    assert SaleGate.objects.get().state == "open"


def test_an_early_end_ends_the_holds_there_are() -> None:
    one = make.allocation(quantity=5)
    make.gate(hold_ttl_s=600, holds_until=END)
    paid, held = (hold(one, at=NOW, key=key, units=2) for key in "ab")
    stock.confirm(paid.id, order="O-1", now=NOW + SECOND)
    stock.close_gate("FS-1", now=NOW + 2 * SECOND)
    expires = dict(Reservation.objects.values_list("pk", "expires_at"))
    assert expires == {paid.id: paid.expires_at, held.id: NOW + 2 * SECOND}
    stock.return_units("FS-1", actor=None, now=NOW + 2 * SECOND)
    assert queries.outcome("FS-1").sold == 2
    assert queries.violations() == []


def test_an_earlier_end_shortens_holds_and_a_later_one_keeps_what_was_told() -> None:
    one = make.allocation(quantity=5)
    make.gate(hold_ttl_s=3600, holds_until=END)
    held = hold(one, at=NOW)
    sooner = NOW + timedelta(minutes=5)
    stock.limit_holds("FS-1", sooner, now=NOW)
    assert Reservation.objects.get().expires_at == sooner
    stock.limit_holds("FS-1", END, now=NOW)
    assert Reservation.objects.get().expires_at == sooner < held.expires_at
    assert hold(one, at=NOW, key="next").expires_at == NOW + timedelta(hours=1)


def test_limiting_holds_of_a_gate_that_is_not_open_does_nothing() -> None:
    stock.limit_holds("FS-1", END, now=NOW)
    make.gate()
    stock.close_gate("FS-1", now=NOW)
    stock.limit_holds("FS-1", END, now=NOW)
    assert SaleGate.objects.get().holds_until is None


def _over_the_end(end: Callable[[], object]) -> list[datetime]:
    """Expiries of holds after an end that came while one was being given."""
    one = make.allocation(quantity=9)
    make.gate(hold_ttl_s=600, holds_until=END)
    paid = hold(one, at=NOW, key="paid")

    def act(number: int) -> None:
        if number == 0:
            with transaction.atomic():
                hold(one, at=NOW, key="in flight")
                _wait(0.6)
        elif number == 1:
            _wait(0.2)
            end()
        else:
            _wait(0.2)
            stock.confirm(paid.id, order="O-1", now=NOW)

    got = in_parallel(3, act)
    assert got == [None] * 3
    assert queries.violations() == []
    held = Reservation.objects.filter(state="held")
    return list(held.values_list("expires_at", flat=True))


def _wait(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


@pytest.mark.django_db(transaction=True)
def test_the_end_also_cuts_a_hold_that_is_being_given() -> None:
    assert _over_the_end(lambda: stock.close_gate("FS-1", now=NOW)) == [NOW]
    assert Reservation.objects.get(key="paid").state == "confirmed"


@pytest.mark.django_db(transaction=True)
def test_control_a_cut_that_waits_for_nobody_leaves_it_its_whole_time() -> None:
    def careless() -> None:
        with connection.cursor() as cursor:
            cursor.execute(gates.CUT_HOLDS, {"campaign": "FS-1", "until": NOW})
        SaleGate.objects.update(state="closed", closed_at=NOW)

    assert _over_the_end(careless) == [NOW + 600 * SECOND]
