"""What a form will do is said while it is filled in, and can be taken back after."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from console.campaigns import operations as campaigns
from tests import make
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def known(region: Locator) -> Locator:
    """Mark a live region: one put in its place later would not have the mark."""
    region.evaluate("element => { element.known = true }")
    return region


def stayed(region: Locator) -> bool:
    return bool(region.evaluate("element => element.known && element.ariaLive"))


def test_a_freeze_and_a_new_end_say_what_they_run_into(visit: Visit) -> None:
    soon = timezone.now().replace(microsecond=0) + 10 * DAY
    sale = make.armed(opens_at=soon)
    assert sale.closes_at
    assert sale.closes_local
    operator = make.user("operator")
    page = visit("/calendar/freezes/new/", operator)
    hits = known(page.locator("#freeze-hits"))
    page.get_by_label("Starts").fill(f"{soon - DAY:%Y-%m-%dT00:00}")
    page.get_by_label("Ends").fill(f"{soon + 2 * DAY:%Y-%m-%dT00:00}")
    expect(hits).to_contain_text("Concerns 1 sale")
    expect(hits).to_contain_text(sale.name)
    assert stayed(hits)

    after = sale.closes_at + HOUR
    campaigns.freeze(
        "Audit", starts_at=after, ends_at=after + DAY, actor=operator,
        now=timezone.now(),
    )  # fmt: skip
    page.goto(page.url.replace("/calendar/freezes/new/", f"/campaigns/{sale.code}/"))
    page.get_by_role("link", name="Extend").click()
    effect = known(page.locator("#impact"))
    end, go = page.get_by_label("New end"), page.locator("#act-go")
    for hours, off in ((3, True), (0.5, False)):
        end.fill(f"{sale.closes_local + hours * HOUR:%Y-%m-%dT%H:%M}")
        end.press("Tab")
        expect(go.and_(page.locator("[aria-disabled]"))).to_have_count(int(off))
    expect(effect).not_to_contain_text("freeze")
    assert stayed(effect)


def test_a_depth_is_seen_before_and_taken_back_after(visit: Visit) -> None:
    plan = make.campaign(opens_at=timezone.now() + 10 * DAY)
    page = visit(f"/campaigns/{plan.code}/", plan.author)
    page.get_by_label("Select all products").check()
    page.get_by_role("button", name="Set depth").click()
    found = known(page.locator("#percent-found"))
    page.get_by_label("Depth", exact=True).fill("35")
    expect(found).to_contain_text("65.00")
    expect(page.locator("#percent-found")).to_have_count(1)
    assert stayed(found)
    assert plan.lines.get().sale_price == 70
    page.get_by_role("button", name="Set depth of 1 product").click()
    undo = page.get_by_role("button", name="Undo: Set depth to 35%")
    expect(undo).to_be_visible()
    assert plan.lines.get().sale_price == 65
    undo.click()
    expect(undo).to_have_count(0)
    assert plan.lines.get().sale_price == 70


def test_the_verdict_stands_before_the_form_on_a_phone(visit: Visit) -> None:
    plan = make.campaign(opens_at=timezone.now() + 10 * DAY)
    page = visit(f"/campaigns/{plan.code}/", plan.author, width=390, height=844)
    verdict, basics = (
        page.locator(one).bounding_box() for one in ("#verdict", "#basics")
    )
    assert verdict
    assert basics
    assert verdict["y"] + verdict["height"] <= basics["y"]
    assert verdict["y"] < 400
