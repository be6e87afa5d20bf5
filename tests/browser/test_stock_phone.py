"""The Stock room in one hand: short lists, folded filters, targets for a finger."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from console.stock import operations as stock
from console.stock.rules import Item
from tests import make
from tests.browser.conftest import Visit
from tests.browser.looks import WIDER
from tests.browser.stockkit import closed, dialog
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "/stock/FS-1/"
PHONE: dict[str, Any] = {
    "width": 390,
    "height": 844,
    "has_touch": True,
    "is_mobile": True,
    "color_scheme": "dark",
}
LONG = "shopper-0123456789abcdef-0123456789abcdef-0123456789abcdef"
SMALL = """[...document.querySelectorAll("main :is(.btn, select, summary),"
    + "main :is(.parts a, .tabs a, .seg label, .affix .input), :popover-open button")]
  .filter((one) => one.checkVisibility({contentVisibilityAuto: true}))
  .map((one) => [one, Math.round(one.getBoundingClientRect().height)])
  .filter(([, height]) => height < 44)
  .map(([one, height]) => `${one.ariaLabel || one.textContent.trim()}: ${height}`)"""


def _held(code: str, buyer: str) -> None:
    line = [Item(code, 1)]
    stock.reserve("FS-1", lines=line, buyer=buyer, key=buyer, now=timezone.now())


def _parts(page: Page) -> tuple[Locator, Locator, Locator]:
    """The reservations, the button of their filters, and the filters."""
    part = page.locator("#reservations")
    return part, part.locator("summary"), part.locator("#resv-asked")


def test_a_reservation_is_two_lines_however_long_the_name(visit: Visit) -> None:
    sold, _ = a_sale(2)
    _held(sold.sku.code, LONG)
    page = visit(HERE, make.user("viewer"), **PHONE)
    rows = page.locator("#reservations tbody tr")
    expect(rows).to_have_count(7)
    expect(rows.filter(has_text=LONG[:12])).to_be_visible()
    heights = [one.bounding_box() for one in rows.all()]
    assert all(box and box["height"] < 80 for box in heights)
    assert page.evaluate(WIDER) <= 0


def test_the_filters_fold_and_stay_as_they_were_left(visit: Visit) -> None:
    a_sale()
    page = visit(HERE, make.user("viewer"), **PHONE)
    part, fold, filters = _parts(page)
    expect(filters).to_be_hidden()
    fold.click()
    filters.get_by_text("Confirmed").click()
    expect(part.locator("tbody tr")).to_have_count(1)
    expect(filters).to_be_visible()
    expect(fold).to_contain_text("Filter: on")
    fold.click()
    expect(filters).to_be_hidden()


def test_on_a_desk_the_filters_are_just_there(visit: Visit) -> None:
    a_sale()
    page = visit(HERE, make.user("viewer"))
    _, fold, filters = _parts(page)
    expect(filters).to_be_visible()
    expect(fold).to_be_hidden()


@pytest.mark.parametrize("path", [HERE, "/stock/levels/", "/stock/buffers/"])
def test_a_finger_meets_whatever_acts(visit: Visit, path: str) -> None:
    one = a_sale()[0]
    page = visit(path, make.user("operator"), **PHONE)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SMALL) == []
    assert page.evaluate(WIDER) <= 0
    if path == HERE:
        page.get_by_role("button", name=f"Actions for {one.sku.code}").click()
        expect(page.get_by_role("button", name="History")).to_be_visible()
        assert page.evaluate(SMALL) == []


def test_behind_a_dialog_its_button_waits_for_the_cursor(visit: Visit) -> None:
    """The part that it stands in would have come anew every five seconds."""
    sku = make.sku()
    make.level(sku, units=30)
    wants = [make.Want(sku.pk, 20, 2)]
    stock.lock("FS-1", wants=wants, actor=None, now=timezone.now())
    page = visit(HERE, make.user("operator"), **PHONE)
    opener = page.get_by_role("button", name="Add a release rule")
    opener.click()
    dialog(page)
    page.wait_for_timeout(5_500)
    page.keyboard.press("Escape")
    closed(page)
    expect(opener).to_be_focused()
