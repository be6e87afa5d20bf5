"""What page and server say to each other: dialogs, toasts, refusals, signing out."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests import make
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin() -> User:
    """Somebody who may set things up."""
    return make.user("admin", name="maren")


@pytest.fixture
def page(visit: Visit, admin: User) -> Page:
    """The list of connections, with the dialog to add one open."""
    page = visit("/settings/providers/", admin)
    page.get_by_role("button", name="Add provider").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    return page


def fill(page: Page, address: str = "http://127.0.0.1:9/cloud") -> None:
    """Enter a connection and send it."""
    dialog = page.locator("#dlg-connection")
    dialog.get_by_label("Name").fill("cloud")
    dialog.get_by_label("Address").fill(address)
    dialog.locator("button[type=submit]").click()


def test_a_dialog_closes_after_the_write_and_the_list_shows_it(page: Page) -> None:
    fill(page)
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Added cloud")
    expect(page.locator("#connections")).to_contain_text("cloud")


def test_a_dialog_with_errors_opens_again_with_the_summary_focused(page: Page) -> None:
    page.locator("#dlg-connection form").evaluate("f => f.noValidate = true")
    fill(page, "nonsense")
    summary = page.locator("#dlg-connection .callout[role=alert]")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Address")).to_be_focused()
    expect(page.get_by_label("Address")).to_have_attribute("aria-invalid", "true")


def test_a_refusal_marks_the_field_it_names_and_the_dialog_stays(page: Page) -> None:
    fill(page)
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.get_by_role("button", name="Add provider").click()
    fill(page)
    name = page.locator("#dlg-connection").get_by_label("Name")
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#dlg-connection .err")).to_contain_text("already a connection")
    expect(page.locator(".toast[data-tone=bad]")).to_have_count(0)


def test_escape_puts_a_dialog_away(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("#dialogs dialog")).to_have_count(0)


def test_somebody_signed_out_meanwhile_is_asked_to_sign_in(
    page: Page, admin: User
) -> None:
    page.context.clear_cookies()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add provider").click()
    page.wait_for_url("**/account/login/?next=*")
