"""An admin adds a person, who sets a password by the link and signs in."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests import make
from tests.browser.conftest import Visit


def test_a_person_is_added_and_comes_in(visit: Visit) -> None:
    page = visit("/settings/people/", make.user("admin", name="maren"))
    page.get_by_role("link", name="Add person").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("User name").fill("mara")
    dialog.get_by_label("First name").fill("Mara")
    dialog.get_by_role("button", name="Add person").click()
    expect(dialog).to_contain_text("Choose at least one role.")
    dialog.get_by_label("Operator: runs sales").check()
    dialog.get_by_role("button", name="Add person").click()
    link = dialog.get_by_label("Link for mara").input_value()
    expect(page.locator("#people")).to_contain_text("No password yet")
    dialog.get_by_role("button", name="I have it").click()

    mara = visit(re.sub(r"^https?://[^/]+", "", link))
    _set_password(mara)
    mara.wait_for_url("**/calendar/**")

    page.reload()
    page.get_by_role("button", name="Actions for mara").click()
    page.get_by_role("button", name="Deactivate", exact=True).click()
    expect(page.locator("#people")).to_contain_text("Deactivated")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#people")).not_to_contain_text("Deactivated")


def _set_password(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill("a long phrase")
    page.get_by_label("Password again").fill("a long phrase")
    page.get_by_role("button", name="Set password and sign in").click()
