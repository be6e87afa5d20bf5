"""A Shopify product export becomes SKUs, stock, prices and lines."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from console.campaigns import shopify
from console.campaigns.models import Campaign, ImportRow
from console.campaigns.operations import import_work, imports
from console.campaigns.tasks import run_import
from console.prices import queries as prices
from console.stock import queries as stock
from console.stock.models import Sku
from tests import make
from tests.campaigns.sheetkit import counts, sheet, tried

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


HERE = Path(__file__).parent


SHOPIFY = (HERE / "shopify.csv").read_bytes()


def test_a_shopify_export_makes_skus_stock_and_prices(campaign: Campaign) -> None:
    job = tried(campaign, SHOPIFY)
    assert counts(job) == (3, 0, 0, 2, 3)
    errors = {
        row.number: row.errors
        for row in job.rows.filter(outcome=ImportRow.Outcome.FAILED)
    }
    assert {number: list(said) for number, said in errors.items()} == {
        5: ["Variant Inventory Qty"],
        7: ["Variant SKU"],
        9: ["Variant Price"],
    }
    assert not Sku.objects.filter(code="PINE-S").exists()
    imports.confirm(job.pk, mode="valid", actor=campaign.author)
    run_import(job.pk)
    pine = Sku.objects.get(code="PINE-S")
    assert (pine.name, pine.variant, pine.category) == (
        "Pine Shirt",
        "S, Green",
        "Mens",
    )
    assert stock.ats([pine.pk]) == {pine.pk: 12}
    assert prices.in_force(["PINE-S"], at=job.created_at + timedelta(days=3650))
    line = campaign.lines.get(sku=pine)
    assert (line.regular_price, line.sale_price, line.units) == (98, 64, 12)


HEAD = "Handle,Title,Variant SKU,Variant Inventory Qty,Variant Price"
HEAD += ",Variant Compare At Price"
TEA = ["tea,Tea,TEA,5,2487,2980", "cup,Cup,CUP,5,24.5,", "pot,Pot,POT,5,90,99.5"]
COINS = "JPY has 0 decimals; {} has more. Is it a price in JPY?"


@pytest.mark.parametrize("small", [2000, 0], ids=["small", "large"])
def test_an_export_is_in_the_currency_of_its_campaign(
    small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_work, "SMALL", small)
    plan = make.campaign(lines=0, currency="JPY")
    job = tried(plan, sheet(*TEA, head=HEAD))
    bad = {row.sku: row.errors for row in job.rows.filter(outcome="failed")}
    assert bad == {
        "CUP": {"Variant Price": COINS.format("24.5")},
        "POT": {"Variant Compare At Price": COINS.format("99.5")},
    }
    imports.confirm(job.pk, mode="valid", actor=plan.author)
    run_import(job.pk)
    line = plan.lines.get()
    assert (line.regular_price, line.sale_price) == (2980, 1989)
    assert (line.sku.currency, line.sku.regular_price) == ("JPY", 2487)
    later = job.created_at + timedelta(days=3650)
    assert prices.by_currency(["TEA"], later) == {"TEA": {"JPY": 2487}}


@pytest.mark.parametrize(
    "written,code", [("'4160", "4160"), ("'42A", "'42A"), ("4160'", "4160'")]
)
def test_the_mark_of_a_number_kept_as_text_is_no_part_of_a_sku(
    written: str, code: str
) -> None:
    raw = {shopify.SKU: written, shopify.PRICE: "10", shopify.UNITS: "1"}
    (one,) = shopify.variants([(2, raw)], percent_off="20", make_skus=False)
    assert one.cells["sku"] == code


def test_blank_skus_are_made_from_the_handle_on_request(campaign: Campaign) -> None:
    job = tried(campaign, SHOPIFY, make_skus=True)
    assert counts(job) == (4, 0, 0, 2, 2)
    assert job.rows.filter(sku="BLOOM-EARRINGS").exists()
