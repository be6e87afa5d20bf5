"""The table of a sale's SKUs at many widths: what can be done is always in sight."""

from __future__ import annotations

import pytest
from django.db.models import F
from playwright.sync_api import expect

from console.stock import clock
from console.stock import operations as stock
from console.stock.models import Allocation
from tests import make
from tests.browser.conftest import Visit
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "/stock/FS-1/"
DRAWN = 551
"""Where the first row of the prototype begins at 1440 by 900."""
SEEN = """(button) => {
  const box = button.closest(".tblwrap").getBoundingClientRect();
  const it = button.getBoundingClientRect();
  return it.left >= box.left && it.right <= box.right;
}"""
FITS = "(box) => box.scrollWidth <= box.clientWidth"


@pytest.mark.parametrize("width", [1440, 1280, 1024, 900, 700])
def test_the_acts_of_a_row_are_in_sight_at_any_width(visit: Visit, width: int) -> None:
    one, _ = a_sale(2)
    Allocation.objects.filter(pk=one.pk).update(quantity=3, buffer=0)
    page = visit(HERE, make.user("operator"), width=width)
    expect(page.locator(f"#row-{one.sku.code}")).to_contain_text("low")
    button = page.get_by_role("button", name=f"Actions for {one.sku.code}")
    assert button.evaluate(SEEN)
    if width >= 1280:
        assert page.locator("#allocations .tblwrap").evaluate(FITS)


def test_on_a_phone_the_pause_is_an_icon_with_a_name(visit: Visit) -> None:
    a_sale()
    page = visit(HERE, make.user("operator"), width=390)
    pause = page.get_by_role("button", name="Pause updates")
    box = pause.bounding_box()
    assert box is not None and box["width"] < 60
    pause.click()
    expect(page.get_by_role("button", name="Resume updates")).to_be_visible()


def _well(code: str) -> None:
    """The books of an approved sale were read, and nothing is wrong."""
    now = clock.now()
    stock.open_gate(code, now=now)
    stock.audit(now=now)
    stock.look_for_stuck(now=now)


def test_the_skus_begin_as_high_as_they_were_drawn(visit: Visit) -> None:
    code = make.armed().code
    _well(code)
    page = visit(f"/campaigns/{code}/stock/", make.user("operator"))
    expect(page.locator("#undersell")).to_contain_text("No stuck units")
    box = page.locator("#allocations tbody tr").first.bounding_box()
    assert box is not None and box["y"] <= DRAWN


def test_a_check_that_fails_has_a_line_of_its_own_again(visit: Visit) -> None:
    a_sale()
    now = clock.now()
    Allocation.objects.update(taken=F("taken") + 1)
    stock.look_for_stuck(now=now)
    stock.audit(now=now)
    page = visit(HERE, make.user("operator"))
    books = page.locator("#books")
    expect(books).to_contain_text("from the ledger")
    expect(books.get_by_text("First:")).to_be_visible()
    checks, parts = page.locator(".checklines"), page.locator(".parts")
    above, below = checks.bounding_box(), parts.bounding_box()
    assert above is not None and below is not None
    assert above["y"] + above["height"] <= below["y"]
