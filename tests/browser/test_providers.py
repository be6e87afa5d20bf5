"""An admin connects a system and tests it, as a person does."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django import Settings

from console.providers.models import Connection
from tests import make
from tests.browser.conftest import Visit
from tests.sandboxed import Sandbox, running_sandbox, sandbox

__all__ = ["running_sandbox", "sandbox"]


@pytest.mark.django_db(transaction=True)
def test_a_provider_is_added_tested_and_edited(
    visit: Visit, sandbox: Sandbox, settings: Settings
) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = []
    page = visit(reverse("providers:list"), make.user("admin"))
    page.get_by_role("button", name="Add provider").first.click()
    dialog = page.get_by_role("dialog", name="Add provider")
    dialog.get_by_label("Name").fill("cloud")
    dialog.get_by_label("Kind").select_option("sandbox_cloud")
    dialog.get_by_label("Address").fill(sandbox.url)
    dialog.get_by_label("Secret", exact=False).first.fill(sandbox.token)
    dialog.get_by_role("button", name="Add provider").click()
    expect(dialog).to_contain_text("PRIVATE_HOSTS_ALLOWED")
    expect(dialog).to_be_visible()

    settings.PRIVATE_HOSTS_ALLOWED = ["127.0.0.1:*"]
    dialog.get_by_role("button", name="Add provider").click()
    row = page.get_by_role("row", name="cloud")
    expect(row).to_contain_text("Never tested")
    row.get_by_role("button", name="Test").click()
    expect(page.locator("#toasts")).to_contain_text("cloud answers in")
    expect(row).to_contain_text("Awake")

    row.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit cloud")
    expect(dialog.get_by_label("Secret", exact=False).first).to_have_value("")
    dialog.get_by_label("Timeout").fill("2")
    dialog.get_by_role("button", name="Save cloud").click()
    expect(page.locator("#toasts")).to_contain_text("Saved cloud")
    kept = Connection.objects.get()
    assert (kept.timeout_s, kept.secret) == (2, sandbox.token)
