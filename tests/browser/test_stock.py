"""The Stock tab in a real browser: what an operator does with SKUs, units and shops."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.db.models import F
from playwright.sync_api import Route, expect

from console.stock import clock
from console.stock import operations as stock
from console.stock.models import Allocation, Shown
from console.stock.rules.publishing import Publishing
from tests import make
from tests.browser.conftest import Visit
from tests.browser.stockkit import act, closed, dialog
from tests.stock.running import a_sale
from tests.stock.shopkit import Shelf, shelf, tell

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "/stock/FS-1/"
KEPT = """() => new Promise((done) => {
  const bar = document.querySelector("#anatomy i[hidden]");
  document.addEventListener("htmx:beforeRequest", (e) => {
    if (e.detail.elt === bar) done(e.defaultPrevented);
  });
})"""
"""Whether the next request of the bar is kept back, once it would be made."""


@pytest.fixture
def shop(db: None) -> Iterator[Shelf]:
    caches["shared"].clear()
    with shelf() as one:
        yield one


def test_one_sku_is_stopped_and_started_again(visit: Visit) -> None:
    code = a_sale(2)[0].sku.code
    page = visit(HERE, make.user("operator"))
    asked = act(page, code, "Stop this SKU")
    asked.get_by_label("Reason").fill("recall")
    asked.get_by_role("button", name=f"Stop {code}").click()
    closed(page)
    expect(page.locator(f"#row-{code}")).to_contain_text("Stopped")
    expect(page.locator("#movements")).to_contain_text(f"Sale of {code} stopped")
    head = page.locator("#anatomy .panel__head")
    expect(head).to_contain_text("16 left to sell, 16 more stopped")
    expect(page.locator("#anatomy .segs")).to_contain_text("Stopped")
    expect(page.locator(f"#row-{code}")).to_contain_text("16 not for sale")
    expect(page.get_by_role("button", name=f"Actions for {code}")).to_be_focused()
    asked = act(page, code, "Start this SKU")
    asked.get_by_label("Reason").fill("all clear")
    asked.get_by_role("button", name=f"Start {code}").click()
    expect(page.locator(f"#row-{code}")).not_to_contain_text("Stopped")
    expect(head).not_to_contain_text("stopped")
    assert set(Allocation.objects.values_list("state", flat=True)) == {"open"}


def test_several_are_stopped_and_started_as_they_are_ticked(visit: Visit) -> None:
    codes = [one.sku.code for one in a_sale(3)]
    page = visit(HERE, make.user("operator"))
    for turn, left in (("Stop", "Stopped"), ("Start", "")):
        for code in codes[:2]:
            page.get_by_label(f"Select {code}").check()
        page.locator("#alloc-bulk").get_by_role("button", name=turn).click()
        asked = dialog(page)
        asked.get_by_label("Reason").fill("recall")
        asked.get_by_role("button", name=f"{turn} 2 SKUs").click()
        closed(page)
        count = 2 if left else 0
        expect(page.locator("#allocations tbody").get_by_text("Stopped")).to_have_count(
            count
        )


def test_escape_leaves_a_dialog_and_the_cursor_returns_to_its_row(visit: Visit) -> None:
    code = a_sale(2)[0].sku.code
    page = visit(HERE, make.user("operator"))
    for words in ("Top up", "Change buffer", "History", "Stop this SKU", "Unlock"):
        act(page, code, words)
        page.keyboard.press("Escape")
        closed(page)
        expect(page.get_by_role("button", name=f"Actions for {code}")).to_be_focused()


def test_units_are_unlocked_once_the_sale_is_typed(visit: Visit) -> None:
    (one,) = a_sale()
    page = visit(HERE, make.user("operator"))
    asked = act(page, one.sku.code, "Unlock")
    expect(asked.get_by_role("button", name="Keep locked")).to_be_focused()
    go = asked.get_by_role("button", name="Unlock 18 units")
    expect(go).to_have_attribute("aria-disabled", "true")
    go.click(force=True)
    expect(page.locator(".toast")).to_contain_text("Type FS-1 first")
    asked.get_by_label("Reason").fill("recalled")
    asked.get_by_label("Type FS-1 to unlock").fill("FS-2")
    expect(go).to_have_attribute("aria-disabled", "true")
    asked.get_by_label("Type FS-1 to unlock").fill("fs-1")
    go.click()
    closed(page)
    row = page.locator("#movements")
    expect(row).to_contain_text("unlocked, 18 units given back")
    one.refresh_from_db()
    assert one.quantity == one.taken == 2


def test_stuck_units_are_told_looked_at_and_reclaimed(visit: Visit) -> None:
    one = make.allocation(quantity=10)
    make.gate()
    Allocation.objects.update(taken=F("taken") + 3)
    stock.look_for_stuck(now=clock.now())
    page = visit(HERE, make.user("operator"))
    line = page.locator("#undersell")
    expect(line).to_contain_text("3 units neither for sale nor sold")
    line.get_by_role("button", name="Look for stuck units now").click()
    asked = dialog(page)
    expect(asked).to_contain_text("Counted as taken, held by nobody")
    asked.get_by_role("button", name="Reclaim 3 units").click()
    closed(page)
    expect(page.locator(".toast")).to_contain_text("3 units reclaimed")
    expect(line).to_contain_text("No stuck units")
    one.refresh_from_db()
    assert one.taken == 0


def test_what_a_shop_refuses_is_told_and_sent_again(visit: Visit, shop: Shelf) -> None:
    code = a_sale()[0].sku.code
    shop.sold.add(code)
    shop.refused = {code}
    tell()
    page = visit(HERE, make.user("operator"))
    line = page.locator("#shop-shop")
    expect(line).to_contain_text("1 refused")
    expect(page.locator("#publishing")).to_contain_text(code)
    shop.refused = set()
    line.get_by_role("button", name="Send again").click()
    expect(page.locator(".toast")).to_contain_text("1 SKU will be sent to shop again")
    expect(line).to_contain_text("Sending")
    tell()
    expect(line).to_contain_text("Shown as counted")
    assert Shown.objects.get().state == Publishing.SHOWN
    assert shop.units[code] == Shown.objects.get().shown


def test_updates_are_held_still_and_go_on(visit: Visit) -> None:
    code = a_sale()[0].sku.code
    page = visit(HERE, make.user("operator"))
    page.get_by_role("button", name="Pause updates").click()
    expect(page.get_by_role("button", name="Resume updates")).to_be_visible()
    Allocation.objects.update(buffer=9)
    # The bar would ask for its next numbers, and is kept from it.
    assert page.evaluate(KEPT) is True
    expect(page.locator("#anatomy dd", has_text="9 ")).to_have_count(0)
    page.keyboard.press("u")
    row = page.locator(f"#row-{code}")
    expect(row.get_by_role("cell", name="9", exact=True).first).to_be_visible()
    expect(page.get_by_role("button", name="Pause updates")).to_be_visible()


def test_an_open_menu_is_not_swept_away_by_newer_numbers(visit: Visit) -> None:
    code = a_sale(2)[0].sku.code
    page = visit("/healthz", make.user("operator"))
    held: list[Route] = []
    page.route("**/stock/FS-1/allocations/?page=*", lambda route: held.append(route))
    with page.expect_request("**/stock/FS-1/allocations/?page=*"):
        page.goto(HERE)
    page.get_by_role("button", name=f"Actions for {code}").click()
    with page.expect_response("**/stock/FS-1/allocations/?page=*"):
        held[0].continue_()
    menu = page.locator(f"#row-{code} .menu")
    expect(menu.get_by_role("button", name="History")).to_be_visible()
    menu.get_by_role("button", name="History").click()
    expect(dialog(page)).to_contain_text(f"Ledger of Product {code}")


def test_arrow_keys_move_in_the_menu_of_a_row_and_escape_leaves_it(
    visit: Visit,
) -> None:
    code = a_sale(2)[0].sku.code
    page = visit(HERE, make.user("operator"))
    button = page.get_by_role("button", name=f"Actions for {code}")
    button.scroll_into_view_if_needed()
    button.focus()
    page.keyboard.press("Enter")
    menu = page.locator(f"#row-{code} .menu")
    stood = page.evaluate("scrollY")
    for key, words in (
        ("ArrowDown", "Top up"),
        ("ArrowDown", "Change buffer"),
        ("ArrowUp", "Top up"),
        ("ArrowUp", "Unlock"),
        ("ArrowDown", "Top up"),
        ("End", "Unlock"),
        ("Home", "Top up"),
    ):
        page.keyboard.press(key)
        expect(menu.get_by_role("button", name=words)).to_be_focused()
    assert page.evaluate("scrollY") == stood
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()


@pytest.mark.parametrize("words", ["Stop this SKU", "Unlock", "Top up"])
def test_escape_returns_to_the_row_though_its_table_was_swapped_meanwhile(
    visit: Visit, words: str
) -> None:
    code = a_sale(2)[0].sku.code
    page = visit(HERE, make.user("operator"))
    act(page, code, words)
    with page.expect_response("**/stock/FS-1/allocations/?page=*"):
        page.evaluate("htmx.trigger(document.body, 'stock-changed')")
    expect(page.locator(".htmx-request, .htmx-swapping")).to_have_count(0)
    page.keyboard.press("Escape")
    closed(page)
    expect(page.get_by_role("button", name=f"Actions for {code}")).to_be_focused()
