"""Locations in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests import make
from tests.browser.conftest import Visit
from tests.browser.looks import DESK_LIGHT, PHONE_DARK, faults
from tests.browser.stockkit import closed, dialog

pytestmark = pytest.mark.django_db(transaction=True)


def _rows(page: Page, *names: str) -> None:
    """The list shows these, in this order."""
    expect(page.locator("#locations tbody th")).to_have_text(list(names))


def test_locations_are_added_moved_renamed_and_removed(visit: Visit) -> None:
    page = visit("/stock/levels/", make.user("merchandiser"))
    expect(page.locator("#locations")).to_contain_text("No location yet")
    for name in ("Hamburg", "Graz"):
        page.get_by_role("button", name="Add a location").click()
        dialog(page).get_by_label("Name").fill(name)
        dialog(page).get_by_role("button", name="Add the location").click()
        closed(page)
    _rows(page, "Hamburg", "Graz")
    page.get_by_role("button", name="Move Graz up").click()
    _rows(page, "Graz", "Hamburg")
    expect(page.get_by_role("button", name="Move Graz up")).to_be_disabled()
    page.get_by_role("button", name="Rename Graz").click()
    dialog(page).get_by_label("Name").fill("Hamburg")
    dialog(page).get_by_role("button", name="Save the name").click()
    expect(dialog(page)).to_contain_text("There is a location called Hamburg already")
    dialog(page).get_by_label("Name").fill("Vienna")
    dialog(page).get_by_role("button", name="Save the name").click()
    closed(page)
    _rows(page, "Vienna", "Hamburg")
    expect(page.get_by_label("Location").locator("option")).to_contain_text(
        ["All locations", "Hamburg", "Vienna"]
    )
    page.get_by_role("button", name="Remove Hamburg").click()
    dialog(page).get_by_role("button", name="Remove the location").click()
    closed(page)
    _rows(page, "Vienna")


def test_the_list_of_locations_and_its_dialogs_are_clean(visit: Visit) -> None:
    make.level(at=make.location("Hamburg"))
    make.location("Graz", position=1)
    page, found = visit("/stock/levels/", make.user("operator")), list[str]()
    for words in ("Add a location", "Rename Hamburg", "Remove Graz"):
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_role("button", name=words).click()
        dialog(page)
        found += faults(page, [DESK_LIGHT, PHONE_DARK])
        page.keyboard.press("Escape")
        closed(page)
    assert found == []
