"""Sheets of lines: read, tried, applied, and never half done."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.test import Client

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns import sheets, shopify
from console.campaigns.models import Campaign, ImportRow
from console.campaigns.operations import LineTerms, import_work, imports
from console.campaigns.operations.imports import ImportNotReady, RowsFailed
from console.campaigns.rules import State, WrongState
from console.campaigns.sheets import Options, WrongColumns
from console.campaigns.tasks import run_import
from console.shell import spreadsheets
from console.shell.spreadsheets import UnreadableSheet
from console.stock.models import Sku
from tests import make
from tests.campaigns.sheetkit import applied, counts, sheet, start, tried
from tests.make import NOW

Outcome = ImportRow.Outcome
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def test_a_dry_run_says_what_each_row_would_do_and_does_nothing(
    campaign: Campaign,
) -> None:
    job = tried(campaign, sheet("A,65,10,0", "B,70,5,1", "C,80,x,0"))
    assert counts(job) == (1, 1, 0, 0, 1)
    assert job.state == "checked"
    rows = {row.sku: row for row in job.rows.all()}
    assert rows["A"].changes == {"sale_price": ["70.00", "65.00"]}
    assert rows["C"].errors == {
        "units": "“x” is not a whole number. Enter units like 120."
    }
    assert campaign.lines.count() == 1
    assert Campaign.objects.get().state == State.DRAFT


@pytest.mark.parametrize(
    "row,column,words",
    [
        ("B,abc,5,0", "sale_price", "is not a sale price"),
        ("B,,5,0", "sale_price", "is blank"),
        ("B,100,5,0", "sale_price", "not below the list price"),
        ("B,120,5,0", "sale_price", "not below the list price"),
        ("B,0,5,0", "sale_price", "above 0"),
        ("B,-5,5,0", "sale_price", "above 0"),
        ("B,NaN,5,0", "sale_price", "is not a sale price"),
        ("B,1.2345,5,0", "sale_price", "three decimals"),
        ('B,"1.200,00",5,0', "sale_price", "a comma behind a point"),
        ("B,70,-5,0", "units", "cannot be −5. Enter 1 or more"),
        ("B,70,5.5,0", "units", "is not a whole number"),
        ("B,70,--5,0", "units", "is not a whole number"),
        ("B,70,,0", "units", "are blank"),
        ("B,70,0,0", "units", "cannot be 0. Enter 1 or more"),
        ("B,70,99999999999,0", "units", "between 1 and"),
        ("B,70,5,5", "buffer", "leaves nothing to sell"),
        ("B,70,5,-1", "buffer", "cannot be −1. Enter 0 or more"),
        ("Z,70,5,0", "sku", "There is no SKU Z"),
        (",70,5,0", "sku", "is blank"),
        ("=A1,70,5,0", "sku", "There is no SKU =A1"),
    ],
)
def test_a_bad_row_is_named_by_column(
    campaign: Campaign, row: str, column: str, words: str
) -> None:
    job = tried(campaign, sheet(row, "C,70,5,0"))
    assert counts(job) == (1, 0, 0, 0, 1)
    bad = job.rows.get(outcome="failed")
    assert (bad.number, list(bad.errors)) == (2, [column])
    assert words in bad.errors[column]


def test_a_sku_that_comes_twice_is_named(campaign: Campaign) -> None:
    job = tried(campaign, sheet("B,70,5,0", "B,60,5,0"))
    assert counts(job) == (1, 0, 0, 0, 1)
    assert "in the sheet twice" in job.rows.get(number=3).errors["sku"]


@pytest.mark.parametrize(
    "body,words",
    [
        (sheet("A,1,1,1", head="sku,prize,units,buffer"), "Unknown column “prize”"),
        (sheet("A,1", head="sku,units"), "The column sale_price is missing"),
        (sheet("A,1,1,A", head="sku,sale_price,units,sku"), "there twice"),
        (
            sheet("A,1,1,1", head="sku,sale_price,units,quantity"),
            "The columns units and quantity say the same: keep one.",
        ),
        (b"\x00\x01\x02\x03 no sheet at all", "This is no sheet"),
        (b"PK\x03\x04 no workbook", "cannot be read"),
        (b"\xd0\xcf\x11\xe0 old", "old Excel file"),
        (b"", "is missing"),
    ],
)
def test_a_bad_file_is_refused_as_a_whole(
    campaign: Campaign, body: bytes, words: str
) -> None:
    job = tried(campaign, body or b"\n")
    assert job.state == "failed"
    assert words in job.error
    assert not job.rows.exists()


@pytest.mark.parametrize(
    "body",
    [
        "\ufeffsku;sale_price;units;buffer\r\nB;70,50;1,000;0\r\n".encode(),
        "sku\tsale_price\tunits\tbuffer\nB\t70.50\t1000\t0\n".encode("utf-16"),
        b"sku,sale_price,Quantity,buffer\nB,70.50,1000,0\n",
        "SKU,Sale Price,Units,Buffer\nB,70.50,1000.0,\n".encode("cp1252"),
    ],
)
def test_sheets_of_many_kinds_say_the_same(campaign: Campaign, body: bytes) -> None:
    job = tried(campaign, body.replace(b"1,000", b"1000"))
    assert counts(job) == (1, 0, 0, 0, 0)
    changes = job.rows.get().changes
    assert (changes["sale_price"][1], changes["units"][1]) == ("70.50", 1000)


def test_a_workbook_keeps_codes_as_they_are(campaign: Campaign) -> None:
    make.sku("1500000000000")
    book = openpyxl.Workbook()
    book.active.append(["sku", "sale_price", "units", "buffer"])
    book.active.append([1.5e12, 70.5, 5, None])
    out = io.BytesIO()
    book.save(out)
    job = tried(campaign, out.getvalue())
    assert counts(job) == (1, 0, 0, 0, 0)
    assert job.rows.get().sku == "1500000000000"


def test_all_or_nothing_refuses_while_a_row_is_bad(campaign: Campaign) -> None:
    job = tried(campaign, sheet("B,70,5,0", "C,x,5,0"))
    with pytest.raises(RowsFailed):
        imports.confirm(job.pk, mode="all", actor=campaign.author)
    assert campaign.lines.count() == 1


def test_valid_rows_only_leaves_the_bad_ones_out(campaign: Campaign) -> None:
    job = applied(campaign, sheet("A,65,10,0", "B,70,5,0", "C,x,5,0"), mode="valid")
    assert job.state == "done"
    told = campaign.lines.order_by("position").values_list("sku__code", "sale_price")
    assert list(told) == [("A", 65), ("B", 70)]


def test_rows_left_out_of_an_import_can_still_be_fetched(
    campaign: Campaign, client: Client
) -> None:
    job = applied(campaign, sheet("B,70,5,0", "C,x,5,0"), mode="valid")
    client.force_login(make.user("merchandiser"))
    there = f"/campaigns/{campaign.code}/import/{job.pk}/"
    told = client.get(there).content.decode()
    assert "Imported 1 row<" in told
    assert "1 row with an error left out: correct and import only those." in told
    assert f"{there}errors.csv" in told


def test_a_second_upload_changes_nothing(campaign: Campaign) -> None:
    body = sheet("A,65,10,0", "B,70,5,0")
    applied(campaign, body)
    again = tried(campaign, body)
    assert counts(again) == (0, 0, 2, 0, 0)
    assert again.state == "done"


def test_a_sheet_that_would_change_nothing_is_not_applied(campaign: Campaign) -> None:
    applied(campaign, sheet("A,65,10,0"))
    again = tried(campaign, sheet("A,65,10,0", "nowhere,70,5,0"))
    assert again.state == "checked"
    with pytest.raises(ImportNotReady, match="would change the plan"):
        imports.confirm(again.pk, mode="valid", actor=campaign.author)


def test_an_import_makes_an_approved_plan_a_draft(campaign: Campaign) -> None:
    campaigns.submit(campaign.code, actor=campaign.author, now=NOW)
    applied(campaign, sheet("B,70,5,0"))
    assert Campaign.objects.get().state == State.DRAFT


def test_a_plan_at_work_takes_no_sheet() -> None:
    campaign = make.armed()
    campaigns.warm(campaign.code, actor=None, now=NOW)
    with pytest.raises(WrongState):
        start(campaign, sheet("B,70,5,0"))


def test_a_row_gone_bad_since_imports_nothing(campaign: Campaign) -> None:
    job = tried(campaign, sheet("A,65,10,0", "B,70,5,0"))
    imports.confirm(job.pk, mode="all", actor=campaign.author)
    Sku.objects.filter(code="B").update(regular_price=60)
    run_import(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "Row 3 changed" in job.error
    assert campaign.lines.get().sale_price == 70


@pytest.mark.parametrize("most", [2000, 0], ids=["small", "large"])
def test_a_done_import_tells_what_it_did_not_what_it_would_have_done(
    campaign: Campaign, client: Client, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(import_work, "SMALL", most)
    body = ["A,65,10,0", "B,70,5,0", "C,70,5,0", "D,x,5,0"]
    job = tried(campaign, sheet(*body))
    assert counts(job) == (2, 1, 0, 0, 1)
    campaign.lines.update(sale_price=65)
    values = LineTerms(sale_price=Decimal(71), units=5)
    campaigns.add_line(campaign.code, sku_code="B", values=values,
                       actor=campaign.author, now=NOW)  # fmt: skip
    imports.confirm(job.pk, mode="valid", actor=campaign.author)
    run_import(job.pk)
    job.refresh_from_db()
    assert counts(job) == (1, 1, 1, 0, 1)
    client.force_login(campaign.author)
    page = client.get(f"/campaigns/{campaign.code}/import/{job.pk}/").text
    assert "Imported 2 rows" in page
    assert dict(job.rows.values_list("sku", "outcome")) == {
        "A": "unchanged", "B": "updated", "C": "created", "D": "failed",
    }  # fmt: skip
    told = Entry.objects.get(verb="campaign.import").after
    assert [told[name] for name in Outcome.values] == [1, 1, 1, 0, 1]


def workbook(part: bytes) -> bytes:
    """A workbook whose only sheet holds something else."""
    whole, broken = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(whole)
    with zipfile.ZipFile(whole) as good, zipfile.ZipFile(broken, "w") as bad:
        for name in good.namelist():
            sheet = name.startswith("xl/worksheets/")
            bad.writestr(name, part if sheet else good.read(name))
    return broken.getvalue()


def test_reading_says_what_it_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_bytes(sheet(*["A,1,1,0"] * 3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spreadsheets, "MOST_ROWS", 2)
        with pytest.raises(UnreadableSheet):
            list(sheets.rows(file, Options()))
    file.write_bytes(b"")
    with pytest.raises(WrongColumns):
        list(sheets.rows(file, Options()))
    for broken in (b"<worksheet><sheetData><row>", b"no XML"):
        file.write_bytes(workbook(broken))
        with pytest.raises(UnreadableSheet, match="workbook cannot be read"):
            list(sheets.rows(file, Options()))
        assert spreadsheets.length(file) == 0
    assert shopify.is_export(["Handle", "Variant SKU", "Variant Price", "Title"])
