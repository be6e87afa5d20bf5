"""A Shopify product export becomes SKUs, stock, prices and lines."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from console.campaigns import shopify
from console.campaigns.models import Campaign, ImportJob, ImportRow
from console.campaigns.operations import import_work, imports
from console.campaigns.tasks import run_import
from console.prices import queries as prices
from console.stock import queries as stock
from console.stock.models import Sku
from tests import make
from tests.campaigns.cataloguekit import bring, refused
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


@pytest.mark.parametrize("small", [2000, 0], ids=["small", "large"])
@pytest.mark.parametrize("far", ["1e30", "-1e30", "9" * 27, "100000000000"])
def test_a_price_beyond_every_line_is_a_bad_row_and_the_others_are_tried(
    campaign: Campaign, far: str, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_work, "SMALL", small)
    rows = [f"a,Tea,TEA,5,{far},", f"b,Cup,CUP,5,20,{far}", "c,Pot,POT,5,20,25"]
    job = tried(campaign, sheet(*rows, head=HEAD))
    assert (job.state, counts(job)) == ("checked", (1, 0, 0, 0, 2))
    told = f"“{far}” is not a price. Enter it like 119.00."
    bad = {row.sku: row.errors for row in job.rows.filter(outcome="failed")}
    assert bad == {
        "TEA": {"Variant Price": told},
        "CUP": {"Variant Compare At Price": told},
    }


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


def _costs(campaign: Campaign, *costs: str) -> ImportJob:
    head = "Handle,Title,Variant SKU,Variant Inventory Qty,Variant Price,Cost per item"
    rows = [f"h{n},Tent,T-{n},5,100.00,{cost}" for n, cost in enumerate(costs)]
    return tried(campaign, "\n".join([head, *rows]).encode())


def test_the_cost_of_an_item_comes_with_its_sku(campaign: Campaign) -> None:
    job = _costs(campaign, "41.50", '"1,040.00"', "")
    imports.confirm(job.pk, mode="all", actor=campaign.author)
    run_import(job.pk)
    costs = dict(Sku.objects.filter(name="Tent").values_list("code", "cost"))
    assert costs == {"T-0": Decimal("41.5"), "T-1": 1040, "T-2": None}


@pytest.mark.parametrize("small", [2000, 0], ids=["small", "large"])
def test_a_cost_that_is_none_is_named_where_a_sku_is_made_of_it(
    campaign: Campaign, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_work, "SMALL", small)
    make.sku("T-3")
    job = _costs(campaign, "41", "cheap", "-1", "dear")
    assert counts(job) == (2, 0, 0, 0, 2)
    bad = job.rows.filter(outcome=ImportRow.Outcome.FAILED).order_by("number")
    assert [row.errors for row in bad] == [
        {"Cost per item": f"“{said}” is not a cost. Enter it like 119.00."}
        for said in ("cheap", "-1")
    ]
    imports.confirm(job.pk, mode="valid", actor=campaign.author)
    run_import(job.pk)
    assert campaign.lines.filter(sku__code__in=["T-0", "T-3"]).count() == 2
    assert Sku.objects.get(code="T-3").cost is None


def test_an_export_is_a_catalogue_as_well_and_changes_skus_that_exist() -> None:
    """What an import of lines leaves as it is: price and cost of SKUs that exist."""
    make.sku("T-1", price="90")
    head = "Handle,Title,Vendor,Type,Option1 Value,Variant SKU,Variant Price," \
        "Cost per item,Image Src"  # fmt: skip
    rows = [
        "tent,Tent,Fjell,Tents,One,T-1,100.00,40,https://x/1.png",
        "tent,,,,,,,,https://x/2.png",
        "tent,,,,Two,T-2,120.00,,",
    ]
    did = bring(head, *rows)
    assert (did.made, did.changed, did.prices) == (1, 1, 2)
    told = list(Sku.objects.order_by("code").values_list(
        "code", "name", "variant", "category", "brand", "regular_price", "cost"
    ))  # fmt: skip
    assert told == [
        ("T-1", "Tent", "One", "Tents", "Fjell", 100, 40),
        ("T-2", "Tent", "Two", "Tents", "Fjell", 120, None),
    ]
    assert [p.amount for p in prices.history("T-1")] == [100]
    assert bring(head, *rows).same == 2


def test_a_variant_without_a_sku_is_named_in_a_catalogue() -> None:
    head = "Handle,Title,Variant SKU,Variant Price"
    assert refused(head, "tent,Tent,,100") == [
        (2, "sku", "The SKU is blank. Give every row a SKU.")
    ]
