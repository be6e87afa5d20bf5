"""A shop whose pages cannot be told, or only some of them, still is told its units."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from console.providers.drivers.sandbox_shop import SandboxShop
from console.providers.models import Connection
from console.providers.registry import drivers
from console.stock import clock, publishing
from console.stock import operations as stock
from console.stock.models import Allocation, Shopfront, SoldOut
from console.stock.operations.soldout import watch
from tests import make
from tests.sandboxed import Sandbox, running_sandbox, sandbox
from tests.stock import noticekit
from tests.stock.gatekit import database_of_tests
from tests.stock.noticekit import SKU, asked, bought, on_sale, reread
from tests.stock.shopkit import Shelf, count_to, pass_time, row, shelf, stocked, tell

__all__ = ["running_sandbox", "sandbox"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Iterator[Shelf]:
    with shelf() as one:
        yield one


def sold_out(shop: Shelf) -> Allocation:
    """A SKU of a running sale is sold out, and its page is to say so."""
    one = on_sale()
    shop.sold.add(SKU)
    tell()
    asked("badge")
    bought()
    return one


def front() -> Shopfront:
    return Shopfront.objects.get()


@pytest.mark.parametrize("status", [500, 503, 409])
def test_while_pages_cannot_be_told_units_are(shop: Shelf, status: int) -> None:
    codes = stocked(shop, 3)
    one = sold_out(shop)
    shop.page_fail = status
    tell()
    assert (shop.units[SKU], row(SKU).shown, row(SKU).state) == (0, 0, "waiting")
    assert (front().failures, front().held_until) == (0, None)
    count_to(codes[0], 9)
    tell()
    assert (shop.units[codes[0]], row(codes[0]).state) == (9, "shown")
    make.level(one.sku, units=4)
    tell()
    assert shop.units[SKU] == 4, "nor do its own units wait for its page"
    count_to(SKU, 2)
    shop.page_fail = 0
    pass_time(31)
    tell()
    assert (shop.pages[SKU] or {}).get("way") == "badge"
    assert row(SKU).state == "shown"


@pytest.mark.parametrize("status", [422, 403, 501])
def test_a_page_that_is_refused_is_named_and_its_units_go_on(
    shop: Shelf, status: int
) -> None:
    one = sold_out(shop)
    shop.page_fail = status
    tell()
    found = row(SKU)
    assert (found.state, found.shown, shop.units[SKU]) == ("failed", 0, 0)
    assert str(status) in found.last_error
    assert front().stopped_at is None
    make.level(one.sku, units=4)
    tell()
    assert shop.units[SKU] == 4
    stock.close_gate("FS-1", now=clock.now())
    shop.page_fail = 0
    tell()
    assert row(SKU).state == "shown"


def test_pages_that_cannot_be_read_again_keep_no_units_from_being_so(
    shop: Shelf,
) -> None:
    (code,) = stocked(shop)
    sold_out(shop)
    tell()
    assert shop.pages[SKU]["way"] == "badge"
    shop.page_fail = 500
    shop.units |= {code: 1, SKU: 7}
    reread()
    assert (shop.units[code], shop.units[SKU]) == (5, 0)
    assert (front().failures, front().repaired) == (0, 2)


def test_one_page_changed_since_it_was_read_holds_up_no_other(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page is edited between our reading and our writing."""
    noticekit.opened(sandbox)
    for code, campaign in ((SKU, "FS-1"), ("LAMP", "FS-2")):
        on_sale(code=code, campaign=campaign)
        asked("badge", campaign=campaign)
        bought(code=code, campaign=campaign)
    true = publishing.noticing.rows.intend

    def edit(*told: object) -> object:
        monkeypatch.undo()
        theirs = {"way": "redirect", "to": "https://elsewhere.example/"}
        sandbox.tell("PUT", "/shop/notices", {"notices": {SKU: theirs}})
        return true(*told)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing.noticing.rows, "intend", edit)
    tell()
    assert row("LAMP").notice_shown == "badge FS-2"
    assert row(SKU).notice_kept.startswith("redirect")
    assert {row(SKU).state, row("LAMP").state} == {"shown"}
    assert (front().failures, front().held_until) == (0, None)
    noticekit.clear(sandbox)


def test_a_driver_that_cannot_undo_a_page_says_so(
    shop: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that somebody's package brings: a shop, and nothing about its pages."""
    can = {x: y for x, y in vars(SandboxShop).items() if "notices" not in x}
    left_out = ("__dict__", "__weakref__")
    plain = type("Plain", (), {x: y for x, y in can.items() if x not in left_out})
    monkeypatch.setitem(drivers(), "plain_shop", plain)
    one = sold_out(shop)
    tell()
    assert row(SKU).notice_shown == "badge FS-1"
    Connection.objects.update(driver="plain_shop")
    tell()
    found = row(SKU)
    assert (found.state, found.notice, found.shown) == ("failed", "", 0)
    assert found.last_error.startswith("This driver cannot undo")
    assert front().stopped_at is None
    make.level(one.sku, units=3)
    tell()
    assert (shop.units[SKU], row(SKU).state) == (3, "failed")
    Connection.objects.update(driver="sandbox_shop")
    make.level(one.sku, units=1)
    tell()
    assert (shop.pages[SKU], row(SKU).state) == (None, "shown")


def test_what_is_sold_out_waits_for_a_lock_and_units_do_not(shop: Shelf) -> None:
    (code,) = stocked(shop)
    sold_out(shop)
    watch(now=clock.now())
    SoldOut.objects.update(out_at=None)
    count_to(code, 9)
    other = psycopg.connect(database_of_tests())
    other.execute("SELECT FROM stock_soldout FOR UPDATE")
    try:
        tell()
        assert (shop.units[code], SoldOut.objects.get().out_at) == (9, None)
    finally:
        other.close()
    tell()
    assert SoldOut.objects.get().out_at is not None
