"""An admin lets somebody in, who chooses a password and signs in, as people do."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect
from pytest_django import Settings

from tests import make
from tests.browser.conftest import Visit

PHRASE = "four words of mine"


@pytest.mark.django_db(transaction=True)
def test_a_person_is_added_comes_in_and_is_deactivated(
    visit: Visit, live_server: object, settings: Settings
) -> None:
    settings.PUBLIC_URL = str(live_server)
    make.user("viewer", name="viewer")
    admin = visit(reverse("people:list"), make.user("admin", name="boss"))
    admin.get_by_role("link", name="Add person").click()
    dialog = admin.get_by_role("dialog", name="Add person")
    dialog.get_by_label("User name").fill("boss")
    dialog.get_by_label("Name", exact=True).fill("Mara Kent")
    dialog.get_by_label("Viewer: sees plans").check()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_contain_text("Somebody already signs in as boss")
    dialog.get_by_label("User name").fill("mara")
    dialog.get_by_role("button", name="Add", exact=True).click()
    shown = admin.get_by_role("dialog", name="Link for mara")
    link = shown.get_by_label("One-time link").input_value()
    shown.get_by_role("button", name="Copy").click()
    expect(admin.locator("#toasts")).to_contain_text("Copied")
    shown.get_by_role("button", name="Done").click()
    row = admin.get_by_role("row", name="Mara Kent")
    expect(row).to_contain_text("Link not used yet")

    mara = visit(link)
    mara.get_by_label("Password", exact=True).fill(PHRASE)
    mara.get_by_label("Password again").fill(PHRASE)
    mara.get_by_role("button", name="Set password").click()
    expect(mara.locator("#toasts")).to_contain_text("Password set. Sign in.")
    mara.get_by_label("User name").fill("mara")
    mara.get_by_label("Password").fill(PHRASE)
    mara.get_by_role("button", name="Sign in", exact=True).click()
    expect(mara.get_by_role("heading", level=1)).to_be_visible()
    expect(mara.locator("#nav")).to_be_visible()

    admin.reload()
    row.get_by_role("link", name="Deactivate").click()
    sure = admin.get_by_role("dialog", name="Deactivate mara?")
    sure.get_by_role("button", name="Deactivate mara").click()
    expect(row).to_contain_text("Deactivated")
    mara.reload()
    expect(mara.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert not User.objects.get(username="mara").is_active


@pytest.mark.django_db(transaction=True)
def test_the_list_fits_a_phone_and_filters(visit: Visit) -> None:
    for name in ("aino", "lena"):
        make.user("viewer", "merchandiser", "approver", "operator", name=name)
    page = visit(
        reverse("people:list"), make.user("admin", name="boss"), width=390, height=800
    )
    wide = "document.documentElement.scrollWidth > innerWidth"
    assert not page.evaluate(wide)
    page.get_by_label("Filter people").fill("lena")
    expect(page.locator("#people tbody tr")).to_have_count(1)
    expect(page.get_by_label("Filter people")).to_be_focused()
