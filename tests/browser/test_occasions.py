"""A new shop starts with our limits, adds an occasion, and its plan may go ahead."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from console.campaigns.models import Occasion
from console.fatigue.models import Audience
from tests import make
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)


def test_a_plan_of_a_new_shop_becomes_lawful_by_an_occasion(visit: Visit) -> None:
    admin = make.user("admin")
    page = visit("/settings/fatigue/", admin)
    page.get_by_role("button", name="Start with these limits").click()
    expect(page.get_by_text("Everyone").first).to_be_visible()

    soon = timezone.now().replace(microsecond=0) + 20 * DAY
    sale = make.campaign(of=Audience.objects.get(), opens_at=soon, author=admin)
    page.goto(page.url.replace("/settings/fatigue/", f"/campaigns/{sale.code}/"))
    verdict = page.locator("#verdict")
    expect(verdict).to_contain_text("No-go: 1 blocker")
    expect(verdict).to_contain_text("Every sale needs an occasion")
    expect(page.get_by_label("Occasion")).to_have_text("None")
    verdict.get_by_role("link", name="Occasions").first.click()

    expect(page.get_by_text("No occasions yet")).to_be_visible()
    page.get_by_role("link", name="Add an occasion").click()
    form = page.locator("#dlg-occasion")
    form.get_by_label("Name").fill("Launch of Skarn 3L")
    form.get_by_label("Day").fill("0001-01-01")
    form.get_by_role("button", name="Save").click()
    expect(form).to_contain_text("Choose a year between 1971 and 2398 for the day.")
    form.get_by_label("Day").fill(f"{soon:%Y-%m-%d}")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#occasions tbody")).to_contain_text("Launch of Skarn 3L")
    expect(form).to_have_count(0)

    page.go_back()
    page.reload()
    made = Occasion.objects.get()
    page.get_by_label("Occasion").select_option(str(made))
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page.locator("#verdict-top")).to_contain_text("Go")
    expect(page.locator("#verdict-top")).not_to_contain_text("No-go")
    sale.refresh_from_db()
    assert sale.occasion == made


def test_one_that_is_no_longer_wanted_is_removed_once_it_is_confirmed(
    visit: Visit,
) -> None:
    today = timezone.localdate()
    Occasion.objects.create(name="Launch", on=today)
    Occasion.objects.create(name="Old Fair", on=today - DAY)
    page = visit("/calendar/occasions/", make.user("merchandiser"))
    expect(page.get_by_text("Old Fair")).not_to_be_visible()
    page.locator("#occasions-past > summary").click()
    expect(page.get_by_text("Old Fair")).to_be_visible()
    page.get_by_role("link", name="Remove Launch").click()
    page.locator("#dlg-drop").get_by_role("button", name="Remove Launch").click()
    expect(page.locator("#occasions")).not_to_contain_text("Launch")
    expect(page.locator("#occasions")).to_contain_text("None is to come.")
    assert [one.name for one in Occasion.objects.all()] == ["Old Fair"]
