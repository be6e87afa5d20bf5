"""Two people edit one plan in two browsers: nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from console.campaigns.models import Campaign
from tests import make
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_second_of_two_editors_chooses_field_by_field(visit: Visit) -> None:
    one = make.campaign(opens_at=timezone.now() + timedelta(days=9))
    there = f"/campaigns/{one.code}/"
    aino = visit(there, make.user("merchandiser", name="aino"))
    bela = visit(there, make.user("merchandiser", name="bela"), width=390)

    aino.locator("#terms-limits summary").click()
    aino.get_by_label("Name").fill("Aino's name")
    aino.get_by_label("Units per buyer").fill("2")
    aino.get_by_label("Units per order").click()
    expect(aino.locator("#saved")).to_contain_text("Saved")
    expect(aino.locator("#terms-limits summary")).to_contain_text("2 per buyer")
    expect(aino.get_by_label("Units per order")).to_be_focused()

    bela.get_by_label("Name").fill("Bela's name")
    bela.get_by_label("Revenue target").click()
    dialog = bela.locator("#dlg-diff")
    expect(dialog).to_contain_text("Alpine Shell Doorbuster")
    expect(dialog).to_contain_text("Aino's name")
    expect(dialog).to_contain_text("Bela's name")
    expect(dialog).to_contain_text("aino,")
    expect(dialog.locator("[name=take-name][value=mine]")).to_be_checked()
    expect(dialog.locator("[name=take-name][value=mine]")).to_be_in_viewport()
    expect(dialog.locator("[name=take-buyer_limit][value=theirs]")).to_be_checked()
    dialog.get_by_role("button", name="Save").click()
    expect(bela.get_by_role("heading", name="Bela's name")).to_be_visible()
    kept = Campaign.objects.get(pk=one.pk)
    assert (kept.name, kept.buyer_limit) == ("Bela's name", 2)

    cell = aino.get_by_label("Quantity of")
    bela.get_by_label("Quantity of").fill("12")
    bela.get_by_label("Quantity of").press("Tab")
    expect(bela.locator(".cell-input.is-saved").first).to_be_visible()
    cell.fill("15")
    cell.press("Tab")
    dialog = aino.locator("#dlg-diff")
    expect(dialog).to_contain_text("12")
    dialog.locator("[name=take-units][value=theirs]").check()
    dialog.get_by_role("button", name="Save").click()
    expect(aino.get_by_label("Quantity of")).to_have_value("12")
    assert one.lines.get().units == 12


def test_the_second_of_two_tables_of_risks_chooses_too(visit: Visit) -> None:
    first = visit("/settings/approvers/", make.user("approver", name="lena"))
    second = visit("/settings/approvers/", make.user("admin", name="maren"))
    for page, value in ((first, "40"), (second, "45")):
        page.locator("#risk_depth_2").fill(value)
        page.get_by_label("Why this change").fill("Deep is rare")
        page.get_by_role("button", name="Save as version 2").click()
    expect(second.get_by_role("heading", name="Two edits")).to_be_visible()
    expect(second.locator(".tbl")).to_contain_text("lena")
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.locator("#risks")).to_contain_text("version 3")
    expect(second.locator("#risk_depth_2")).to_have_value("45")
