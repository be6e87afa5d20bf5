"""Sale prices are taken back while a SKU is sold out, and set again when it is not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from console.prices import queries as prices
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.stock import clock
from console.stock import operations as stock
from console.stock.models import SoldOut
from tests.sandboxed import Sandbox, running_sandbox, sandbox
from tests.stock.noticekit import (
    SKU,
    asked,
    bought,
    look_twice,
    on_sale,
    priced,
    says,
    shop,
    topped_up,
    work_off,
)
from tests.stock.shopkit import tell
from tests.ticking import run

__all__ = ["running_sandbox", "sandbox", "shop"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_sale_price_is_taken_back_while_it_is_sold_out(
    shop: Sandbox,
) -> None:
    one = on_sale()
    _, end = priced()
    asked("revert_price")
    tell()
    assert 'content="60.00"' in says(shop)
    bought()
    tell()
    work_off()
    assert 'content="100.00"' in says(shop) and "Sold out" in says(shop)
    topped_up(one)
    look_twice()
    work_off()
    assert 'content="60.00"' in says(shop)
    bought(5)
    tell()
    work_off()
    assert 'content="100.00"' in says(shop)
    topped_up(one, 1)
    look_twice()
    work_off()
    assert 'content="60.00"' in says(shop)
    stock.close_gate("FS-1", now=clock.now())
    end.refresh_from_db()
    done = run(runbook.run_now(end.pk, actor=None, now=clock.now()))
    assert done.state == "verified", done.error
    tell()
    assert 'content="100.00"' in says(shop)
    kinds = Step.objects.filter(key__contains="/sold-out/").order_by("pk")
    assert list(kinds.values_list("kind", "state")) == [
        ("prices.withdraw", "verified"),
        ("prices.apply", "reverted"),
        ("prices.withdraw", "verified"),
        ("prices.apply", "reverted"),
    ]


def test_once_the_end_puts_prices_back_none_is_set_again(shop: Sandbox) -> None:
    one = on_sale()
    _, end = priced()
    asked("revert_price")
    bought()
    tell()
    work_off()
    done = run(runbook.run_now(end.pk, actor=None, now=clock.now()))
    assert done.state == "verified", done.error
    topped_up(one)
    look_twice()
    assert not Step.objects.filter(title__startswith="Set 1 price again").exists()
    assert 'content="100.00"' in says(shop)


def test_a_price_that_is_in_no_shop_yet_is_taken_back_once_it_is(
    shop: Sandbox,
) -> None:
    on_sale()
    asked("revert_price")
    bought()
    tell()
    assert not SoldOut.objects.get().withdrawn
    priced()
    tell()
    assert SoldOut.objects.get().withdrawn
    work_off()
    assert 'content="100.00"' in says(shop)


def units(shop: Sandbox) -> int:
    """What the shop shows of it."""
    return int(shop.tell("GET", "/shop/stock")[SKU])


def test_no_sale_price_comes_before_its_units_and_none_stays_with_them(
    shop: Sandbox,
) -> None:
    one = on_sale()
    priced()
    asked("revert_price")
    tell()
    assert (units(shop), 'content="60.00"' in says(shop)) == (2, True)
    bought()
    tell()
    assert units(shop) == 0 and 'content="60.00"' in says(shop)
    assert "Sold out" in says(shop)
    work_off()
    assert units(shop) == 0 and 'content="100.00"' in says(shop)
    topped_up(one)
    tell()
    assert units(shop) == 5 and 'content="100.00"' in says(shop)
    look_twice()
    work_off()
    assert (units(shop), 'content="60.00"' in says(shop)) == (5, True)


def test_the_history_says_what_was_charged_when(shop: Sandbox) -> None:
    on_sale()
    priced()
    asked("revert_price")
    bought()
    tell()
    work_off()
    assert prices.in_force([SKU], clock.now())[SKU].amount == Decimal("100.00")
