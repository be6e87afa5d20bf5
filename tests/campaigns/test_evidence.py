"""The facts a sale gives to the evidence of its claims."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns.queries.evidence import facts
from console.prices.rules.evidence import check
from console.stock.models import ScarcityText
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


def test_the_facts_are_those_that_were_approved() -> None:
    one = make.armed(lines=2)
    found = facts(one.code)
    assert found
    assert (found.content_hash, found.opens_at) == (one.content_hash, one.opens_at)
    assert [line.depth for line in found.lines] == [30, 30]
    assert [told["kind"] for told in found.approvals] == ["approve"]


def test_a_plan_without_a_date_or_a_name_has_none() -> None:
    one = make.campaign(opens_local=None, closes_local=None)
    assert facts(one.code) is None
    assert facts("FS-9999") is None


def test_later_sales_of_the_same_goods_are_told(merchant: Client) -> None:
    one = make.armed()
    later = make.campaign(lines=0, opens_at=NOW + timedelta(days=9))
    line = one.lines.get()
    line.pk, line.campaign = None, later
    line.save()
    make.campaign(opens_at=NOW + timedelta(days=9))
    found = facts(one.code)
    assert found
    assert [(run.code, dict(run.depths)) for run in found.others] == [
        (later.code, {line.sku.code: 30})
    ]


def test_the_evidence_page_of_a_sale_opens(merchant: Client) -> None:
    one = make.armed()
    page = merchant.get(reverse("prices:evidence", args=[one.code]))
    assert page.status_code == 200
    assert one.name in page.text
    sent = merchant.get(reverse("prices:evidence_file", args=[one.code]))
    assert sent.json()


def test_what_shops_said_of_the_last_units_is_evidence(merchant: Client) -> None:
    one = make.armed()
    sku = one.lines.get().sku
    words, until = "Only 3 left at this price", NOW + timedelta(seconds=5)
    ScarcityText.objects.create(
        campaign=one.code, sku=sku, units=3, text=words, from_at=NOW, until_at=until,
        times=1, current=True,
    )  # fmt: skip
    found = facts(one.code)
    assert found
    (said,) = found.scarcity
    assert (said.sku, said.units, said.from_at) == (sku.code, 3, NOW)
    assert words in merchant.get(reverse("prices:evidence", args=[one.code])).text
    told = merchant.get(f"/api/v1/prices/evidence/{one.code}").json()
    assert told["lines"]["items"][0]["said"][0]["text"] == words
    sent = merchant.get(reverse("prices:evidence_file", args=[one.code]))
    assert check(sent.content).holds
