"""What a browser keeps to itself is said on the page: bad numbers, changed files."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from console.campaigns.models import Campaign
from tests import make
from tests.browser.conftest import Visit
from tests.browser.looks import WIDER

pytestmark = pytest.mark.django_db(transaction=True)
ROOM = """document.querySelector('.calscroll').scrollWidth
  - document.querySelector('.calscroll').clientWidth"""


def test_a_limit_that_cannot_be_is_said_at_its_field_and_as_not_saved(
    visit: Visit,
) -> None:
    made = make.campaign()
    page = visit(f"/campaigns/{made.code}/", made.author)
    page.locator("#terms-limits summary").click()
    limit = page.get_by_label("Units per buyer")
    limit.fill("0")
    page.get_by_label("Name").focus()
    expect(page.locator("#terms-limits .err")).to_have_text(
        "Units per buyer must be 1 or more."
    )
    expect(page.locator("#saved")).to_have_text("Not saved: correct what is marked")
    expect(page.get_by_label("Name")).to_be_focused()
    limit.fill("2")
    expect(page.locator("#terms-limits .err")).to_have_count(0)
    page.get_by_label("Name").focus()
    expect(page.locator("#saved")).to_contain_text("Saved ")
    assert Campaign.objects.get().buyer_limit == 2


def test_a_sheet_that_was_changed_since_it_was_chosen_is_asked_for_again(
    visit: Visit, tmp_path: Path
) -> None:
    make.sku("A")
    sheet = tmp_path / "catalogue.csv"
    sheet.write_text("sku,list_price\nA,1.200\n")
    page = visit("/settings/catalogue/", make.user("admin"))
    page.get_by_label("CSV or XLSX").set_input_files(sheet)
    page.get_by_role("button", name="Read the sheet").click()
    told = page.locator("#catalogue-told")
    expect(told).to_contain_text("1 row is wrong, so nothing was changed.")
    expect(told).to_contain_text("Enter it as 1,200 or 1.20.")
    sheet.write_text("sku,list_price\nA,1200.00\n")
    page.get_by_role("button", name="Read the sheet").click()
    expect(page.locator("form .err")).to_have_text(
        "catalogue.csv was changed since you chose it. Choose it again."
    )
    expect(page.locator("#toasts .toast")).to_have_count(0)
    page.get_by_label("CSV or XLSX").set_input_files(sheet)
    expect(page.locator("form .err")).to_have_count(0)
    page.get_by_role("button", name="Read the sheet").click()
    expect(told).to_contain_text("Every row can be read")


def test_a_year_has_room_for_the_sales_of_its_last_days(visit: Visit) -> None:
    year = timezone.now().year + 1
    for day in (29, 31):
        opens = datetime(year, 12, day, 12, tzinfo=ZoneInfo("UTC"))
        make.campaign(opens_at=opens, name=f"On the {day}th")
    page = visit(f"/calendar/?zoom=year&at={year}-06-01", make.user("merchandiser"))
    expect(page.locator(".cal--year .ev__b")).to_have_count(2)
    assert (page.evaluate(ROOM), page.evaluate(WIDER)) == (0, 0)
