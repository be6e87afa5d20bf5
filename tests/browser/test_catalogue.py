"""The page of the catalogue, filtered while somebody types."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests import make
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)


def test_count_and_files_follow_the_filter(visit: Visit) -> None:
    for code in ("LAMP-1", "LAMP-2", "TENT-1"):
        make.sku(code)
    page = visit("/settings/catalogue/", make.user("admin"))
    expect(page.locator("#catalogue-t")).to_have_text("SKUs 3")
    page.get_by_label("Find a SKU").press_sequentially("lamp")
    expect(page.locator("#catalogue-rows tbody tr")).to_have_count(2)
    expect(page.locator("#catalogue-t")).to_have_text("SKUs 2")
    files = page.get_by_role("link", name="CSV")
    expect(files).to_have_attribute("href", re.compile(r"\?q=lamp$"))
    expect(page.get_by_label("Find a SKU")).to_be_focused()
