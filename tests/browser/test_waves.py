"""Waves of a sale in a real browser: one is taken out, by mouse or by keys."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from console.stock import clock
from console.stock import operations as stock
from console.stock.models import Allocation, Wave
from console.stock.rules import Item
from console.stock.rules.waves import Tranche
from tests import make
from tests.browser.conftest import Visit
from tests.browser.stockkit import closed, dialog
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "/stock/FS-1/"


def planned() -> None:
    """A sale of 100 units with three waves."""
    make.allocation(quantity=100)
    shares = [(10, 60), (20, 120), (30, 180)]
    waves = [Tranche(Decimal(share), after) for share, after in shares]
    stock.plan_waves("FS-1", waves, seen=[], actor=None, now=clock.now())


def shares(page: Page) -> list[str]:
    found = page.get_by_role("spinbutton", name="Percent of each SKU").all()
    return [one.input_value() for one in found]


@pytest.mark.parametrize("keys", [False, True])
def test_one_wave_is_taken_out_of_the_plan(visit: Visit, keys: bool) -> None:
    planned()
    page = visit(HERE, make.user("operator"), width=390 if keys else 1440)
    page.get_by_role("button", name="Plan waves").click()
    asked = dialog(page)
    gone = asked.get_by_role("button", name="Remove wave 2")
    if keys:
        gone.focus()
        page.keyboard.press("Enter")
        expect(gone).to_be_focused()
    else:
        gone.click()
    assert shares(page) == ["10.00", "30.00", "", "", "", ""]
    expect(asked.get_by_role("status")).to_have_text(
        "Wave 2 is taken out once you save."
    )
    assert Wave.objects.count() == 3
    asked.get_by_role("button", name="Save the waves").click()
    closed(page)
    expect(page.locator("#waves")).to_contain_text("40 units wait")
    assert list(Wave.objects.order_by("position").values_list("share", flat=True)) == [
        10,
        30,
    ]
    assert Allocation.objects.get().buffer == 40


def test_the_figure_of_what_is_sold_out_is_that_of_the_rows(visit: Visit) -> None:
    one, *_ = a_sale(2)
    page = visit(HERE, make.user("operator"))
    figure = page.locator("#soldout-now")
    expect(page.get_by_role("button", name="Change for the sale")).to_be_visible()
    expect(figure).to_have_text("0 SKUs now")
    lines = [Item(one.sku.code, 16)]
    stock.reserve("FS-1", lines=lines, buyer="b", key="k", now=clock.now())
    page.get_by_text("Sold out 0", exact=True).click()
    expect(page.locator("#allocations tbody tr")).to_have_count(1)
    expect(page.get_by_text("Sold out 1", exact=True)).to_be_visible()
    expect(figure).to_have_text("1 SKU now, shops act on 0")
