"""Ways through the Stock pages that several tests take."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def act(page: Page, code: str, words: str) -> Locator:
    """Choose an act from the menu of a SKU; the dialog it opens."""
    page.get_by_role("button", name=f"Actions for {code}").click()
    page.locator(f"#row-{code} .menu").get_by_role("button", name=words).click()
    return dialog(page)


def dialog(page: Page) -> Locator:
    """The dialog that the server sent, once it is open."""
    found = page.locator("#dialogs dialog[open]")
    expect(found).to_be_visible()
    return found


def closed(page: Page) -> None:
    """No dialog is open any more."""
    expect(page.locator("#dialogs dialog")).to_have_count(0)
