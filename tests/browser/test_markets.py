"""Markets and conflicts as a merchandiser meets them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Market
from console.campaigns.operations import MarketTerms
from tests import make
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)


def soon() -> dict[str, object]:
    return {"opens_at": timezone.now().replace(microsecond=0) + timedelta(days=3)}


def markets() -> None:
    admin, now = make.user("admin"), timezone.now()
    for code, zone in (("DE", "Europe/Berlin"), ("FI", "Europe/Helsinki")):
        terms = MarketTerms(code, f"Market {code}", zone, "EUR", [code])
        campaigns.save_market(terms, actor=admin, now=now)


def test_each_market_shows_its_own_midnight_as_soon_as_it_is_chosen(
    visit: Visit,
) -> None:
    markets()
    one = make.campaign(**soon())
    page = visit(f"/campaigns/{one.code}/", one.author)
    table = page.get_by_role("region", name="When each market opens")
    expect(table.get_by_role("row")).to_have_count(3)
    page.get_by_label("Markets start").select_option("rolling")
    expect(page.locator("#saved")).to_contain_text("Saved")
    apart = {
        row.locator("td").nth(1).inner_text()
        for row in table.get_by_role("row").all()[1:]
    }
    assert len(apart) == 2


def test_a_conflict_is_settled_by_one_click(visit: Visit) -> None:
    one = make.campaign(**soon())
    other = make.campaign(lines=0, **soon())
    for line in one.lines.all():
        line.pk, line.campaign = None, other
        line.save(force_insert=True)
    page = visit(f"/campaigns/{one.code}/", one.author)
    panel = page.locator("#clashes")
    expect(panel).to_contain_text(f"{other.code} wants to set the price of 1 SKU")
    panel.get_by_role("button", name="Move behind it").click()
    expect(panel).to_be_hidden()
    expect(page.get_by_role("status")).to_contain_text([re.compile("Moved behind")])
    before = one.opens_at
    assert before and Campaign.objects.get(pk=one.pk).opens_at == before + timedelta(
        days=1
    )


def test_a_country_that_is_taken_is_named_in_the_dialog(visit: Visit) -> None:
    markets()
    page = visit("/settings/markets/", make.user("approver"))
    page.get_by_role("link", name="Add market").click()
    dialog = page.get_by_role("dialog")
    for label, text in (("Code", "EU"), ("Name", "Europe"), ("Countries", "FR, DE")):
        dialog.get_by_label(label, exact=True).fill(text)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog")).to_contain_text("DE belongs to DE already")
    page.get_by_role("dialog").get_by_label("Countries").fill("FR")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(
        page.locator("#markets").get_by_role("rowheader", name="Europe")
    ).to_be_visible()
    assert Market.objects.count() == 3
