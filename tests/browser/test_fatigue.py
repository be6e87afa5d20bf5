"""A policy is edited in a browser: the preview follows, saving makes a version."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Route

from console.fatigue import operations
from console.fatigue.models import Audience, Policy
from console.fatigue.rules import EACH_SKU, Limits
from tests import make
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = """() => {
  const form = document.getElementById("policy-form");
  window.asked = new Promise((done) => {
    form.addEventListener("htmx:trigger", () => done(), { once: true });
  });
}"""
"""From now on `window.asked` waits until the form asks for a preview."""


def test_a_policy_is_previewed_discarded_and_saved(visit: Visit) -> None:
    since = timezone.now() - timedelta(days=9)
    operations.add_audience("Everyone", actor=None, now=since)
    page = visit("/settings/fatigue/", make.user("approver"))
    page.fill("[name=red]", "30")
    page.fill("[name=amber]", "20")
    page.wait_for_selector("text=2 changes not saved")
    page.wait_for_selector("text=This policy would block everything.")
    page.click("text=Discard")
    page.wait_for_selector("#savebar", state="hidden")
    assert page.input_value("[name=red]") == "100"
    page.fill("[name=min_gap_days]", "21")
    page.fill("[name=reason]", "Rare and impactful")
    page.click("text=Save as version 2")
    page.wait_for_selector("text=Saved as version 2 for Everyone")
    page.wait_for_selector("text=Rare and impactful")
    assert Policy.objects.get(version=2).min_gap_days == 21


def test_a_preview_does_not_take_the_answer_of_a_save_away(visit: Visit) -> None:
    since = timezone.now() - timedelta(days=9)
    operations.add_audience("Everyone", actor=None, now=since)
    page = visit("/settings/fatigue/", make.user("approver"))

    def slowly(route: Route) -> None:
        time.sleep(0.8)
        route.continue_()

    page.route("**/save/", slowly)
    page.fill("[name=min_gap_days]", "21")
    page.wait_for_selector("text=1 change not saved")
    page.fill("[name=reason]", "Rare and impactful")
    page.click("text=Save as version 2")
    page.wait_for_selector("text=Saved as version 2 for Everyone")


def test_a_save_that_waits_behind_a_preview_is_not_lost(visit: Visit) -> None:
    since = timezone.now() - timedelta(days=9)
    operations.add_audience("Everyone", actor=None, now=since)
    page = visit("/settings/fatigue/", make.user("approver"))
    page.fill("[name=min_gap_days]", "21")
    page.wait_for_selector("text=1 change not saved")
    held: list[Route] = []
    page.route("**/preview/", lambda route: held.append(route), times=1)
    with page.expect_request("**/preview/"):
        page.fill("[name=reason]", "Rare and impactful")
    page.click("text=Save as version 2")
    # What is typed while the save waits asks for one more preview.
    page.evaluate(ASKED)
    page.locator("[name=reason]").press_sequentially(", always")
    page.evaluate("window.asked")
    for route in held:
        route.continue_()
    page.wait_for_selector("text=Saved as version 2 for Everyone")


def test_a_name_without_a_space_does_not_widen_the_page(visit: Visit) -> None:
    since = timezone.now() - timedelta(days=9)
    operations.add_audience("Everyone", actor=None, now=since)
    everyone = Audience.objects.get()
    make.campaign(of=everyone, name="x" * 120, opens_at=since + timedelta(days=30))
    page = visit("/settings/fatigue/", make.user("approver"))
    page.wait_for_selector("text=xxxx")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_products_on_sale_too_often_load_by_themselves(visit: Visit) -> None:
    since = timezone.now() - timedelta(days=9)
    operations.add_policy(EACH_SKU, Limits(), reason="", actor=None, now=since)
    page = visit("/settings/fatigue/", make.user("viewer"))
    page.wait_for_selector("#too-often >> text=No product is on sale too often")
    assert page.get_attribute("#too-often", "aria-busy") is None


def test_a_calendar_that_cannot_be_looked_through_says_so_in_its_place(
    visit: Visit,
) -> None:
    since = timezone.now() - timedelta(days=9)
    operations.add_policy(EACH_SKU, Limits(), reason="", actor=None, now=since)
    page = visit("/healthz", make.user("viewer"))
    # htmx writes each answer that failed to the console, where nothing may stand.
    page.add_init_script("console.error = () => undefined")
    page.route("**/calendar/too-often/", lambda route: route.fulfill(status=500))
    page.goto("/settings/fatigue/")
    page.wait_for_selector("text=The calendar could not be looked through.")
    assert not page.is_visible("text=Looking through the calendar")
    assert page.locator("#toasts > *").count() == 0
    page.unroute("**/calendar/too-often/")
    page.click("#too-often >> text=Try again")
    page.wait_for_selector("text=No product is on sale too often")
