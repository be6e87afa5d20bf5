"""When a SKU counts as sold out, when it is back, and why neither flaps."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from console.stock import operations as stock
from console.stock.models import Allocation, SoldOut
from console.stock.operations import soldout
from console.stock.operations.soldout import watch
from console.stock.rules import Item
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
S = timedelta(seconds=1)


@pytest.fixture
def one() -> Allocation:
    made = make.allocation(quantity=1)
    make.gate(hold_ttl_s=60)
    return made


def hold(one: Allocation, now: datetime, *, paid: bool = False):
    line = [Item(one.sku.code, 1)]
    made = stock.reserve("FS-1", lines=line, buyer="b", key=str(now), now=now)
    if paid:
        stock.confirm(made.id, order=str(now), now=now)
    return made


def out(now: datetime) -> bool:
    watch(now=now)
    return SoldOut.objects.filter(out_at__isnull=False).exists()


def test_what_is_sold_is_sold_out_and_what_is_held_is_not(one: Allocation) -> None:
    held = hold(one, NOW)
    assert not out(NOW + S)
    stock.confirm(held.id, order="O-1", now=NOW + 2 * S)
    assert out(NOW + 3 * S)


def test_held_for_as_long_as_a_hold_lives_it_is_sold_out(one: Allocation) -> None:
    """Somebody takes each unit that comes back, so the public has none."""
    first = hold(one, NOW)
    assert not out(NOW + S)
    stock.release(first.id, now=NOW + 30 * S)
    hold(one, NOW + 30 * S)
    assert not out(NOW + 60 * S)
    assert out(NOW + 61 * S)


def test_units_are_back_once_they_stay(one: Allocation) -> None:
    sold = hold(one, NOW, paid=True)
    assert out(NOW + S)
    stock.cancel_sale(sold.id, actor=None, now=NOW + 2 * S)
    assert out(NOW + 3 * S)
    assert out(NOW + 12 * S)
    assert not out(NOW + 13 * S)
    assert not SoldOut.objects.exists()


def flaps(one: Allocation) -> int:
    """A unit comes back and is bought again, every three seconds of a minute."""
    turns, was = 0, True
    sold = hold(one, NOW, paid=True)
    assert out(NOW)
    for second in range(1, 60):
        now = NOW + second * S
        if second % 3 == 1:
            stock.cancel_sale(sold.id, actor=None, now=now)
        if second % 3 == 0:
            sold = hold(one, now, paid=True)
        is_out = out(now)
        turns += is_out != was
        was = is_out
    return turns


def test_a_unit_that_comes_and_goes_turns_nothing(one: Allocation) -> None:
    assert flaps(one) == 0


def test_control_without_patience_pages_flap(
    one: Allocation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soldout, "BACK_AFTER", timedelta())
    assert flaps(one) > 20


def test_a_unit_kept_for_who_waits_brings_nothing_back(one: Allocation) -> None:
    sold = hold(one, NOW, paid=True)
    assert out(NOW + S)
    stock.ring(now=NOW + S)
    code = one.sku.code
    stock.wait("FS-1", sku_code=code, buyer="w", key="w", now=NOW + 2 * S)
    stock.cancel_sale(sold.id, actor=None, now=NOW + 3 * S)
    for second in range(3, 30):
        stock.ring(now=NOW + second * S)
        assert out(NOW + second * S)


def test_the_end_of_a_sale_forgets_it(one: Allocation) -> None:
    hold(one, NOW, paid=True)
    assert out(NOW + S)
    stock.close_gate("FS-1", now=NOW + 2 * S)
    assert not out(NOW + 3 * S)
    assert not SoldOut.objects.exists()


def test_what_was_never_empty_has_no_row() -> None:
    make.allocation(quantity=5)
    make.gate()
    watch(now=NOW)
    assert not SoldOut.objects.exists()
