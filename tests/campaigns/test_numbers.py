"""Numbers with commas: 0,500 is a half in every sheet, and never five hundred."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from console.campaigns.models import Campaign
from console.campaigns.operations import import_work, imports
from console.campaigns.rules import pointed
from console.campaigns.tasks import run_import
from console.stock.models import Sku
from tests import make
from tests.campaigns.cataloguekit import bring, refused, sku
from tests.campaigns.sheetkit import applied, counts, sheet, tried

db = pytest.mark.django_db
quiet = pytest.mark.usefixtures("no_broker")
sizes = pytest.mark.parametrize("small", [2000, 0], ids=["small", "large"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [("0,500", "0.500"), ("00,500", "00.500"), (",500", ".500"), ("-0,500", "-0.500"),
     ("0,5", "0.5"), ("012,500", "012.500"), ("12,5", "12.5"), ("12,50", "12.50"),
     ("1,200", "1200"), ("12,500", "12500"), ("1,234,567.5", "1234567.5"),
     ("0.500", "0.500"), ("1200", "1200")],
)  # fmt: skip
def test_a_comma_parts_thousands_only_where_a_group_can_stand(
    written: str, meant: str
) -> None:
    assert pointed(written) == meant


@pytest.mark.parametrize(
    "written", ["0,500,000", "0,500.00", ",500,000", "1.200,00", "1.2,0"]
)
def test_what_nobody_writes_stays_no_number(written: str) -> None:
    assert pointed(written) == written


def _lines(campaign: Campaign) -> list[Decimal]:
    found = campaign.lines.filter(sku__code="H")
    return list(found.values_list("sale_price", flat=True))


@db
@quiet
@sizes
def test_a_half_in_a_sheet_of_lines_is_a_half_however_large_it_is(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(import_work, "SMALL", small)
    make.sku("H", regular_price=Decimal(900))
    applied(campaign, sheet('H,"0,500",10,0'))
    assert _lines(campaign) == [Decimal("0.5")]


@db
@quiet
def test_a_half_in_a_workbook_is_a_half(campaign: Campaign) -> None:
    make.sku("H", regular_price=Decimal(900))
    book, body = openpyxl.Workbook(), BytesIO()
    book.active.append(["sku", "sale_price", "units", "buffer"])
    book.active.append(["H", "0,500", 10, 0])
    book.save(body)
    applied(campaign, body.getvalue())
    assert _lines(campaign) == [Decimal("0.5")]


@db
def test_a_half_in_a_catalogue_is_a_half_and_half_a_million_is_asked_about() -> None:
    make.sku("H")
    bring("sku;list_price;cost", "H;0,500;0,250")
    assert (sku("H").regular_price, sku("H").cost) == (Decimal("0.5"), Decimal("0.25"))
    assert refused("sku;list_price", "H;0,500,000") == [
        (2, "list_price", "“0,500,000” is not a list price. Enter it like 119.00.")
    ]


@db
@quiet
@sizes
def test_a_shopify_export_is_read_alike_and_its_product_is_made(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(import_work, "SMALL", small)
    head = "Handle,Title,Variant SKU,Variant Inventory Qty,Variant Price,Cost per item"
    rows = ['h,Half,N-1,5,"0,500","0,250"', 'd,Dear,N-2,5,"1,200.50",']
    rows += ['w,Odd,N-3,5,"1.200,00",']
    job = tried(campaign, sheet(*rows, head=head))
    assert counts(job) == (2, 0, 0, 0, 1)
    imports.confirm(job.pk, mode="valid", actor=campaign.author)
    run_import(job.pk)
    made = Sku.objects.filter(code__startswith="N-").order_by("code")
    assert list(made.values_list("regular_price", "cost")) == [
        (Decimal("0.5"), Decimal("0.25")), (Decimal("1200.5"), None),
    ]  # fmt: skip
