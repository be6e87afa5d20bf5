"""Sheets of lines: read, tried, applied, and never half done."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns import sheets, shopify
from console.campaigns.models import Campaign, ImportJob, ImportRow
from console.campaigns.operations import imports
from console.campaigns.operations.imports import ImportNotReady, RowsFailed
from console.campaigns.queries.imports import preview
from console.campaigns.rules import State, WrongState
from console.campaigns.sheets import Options, UnreadableSheet, WrongColumns
from console.campaigns.tasks import run_import, take_up, work
from console.prices import queries as prices
from console.stock import queries as stock
from console.stock.models import Sku
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent
SHOPIFY = (HERE / "shopify.csv").read_bytes()


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody hears the bell: tests call the worker themselves."""
    monkeypatch.setattr(imports, "ring", lambda _job_id: None)


def sheet(*rows: str, head: str = "sku,sale_price,units,buffer") -> bytes:
    return "\n".join([head, *rows]).encode()


def start(campaign: Campaign, body: bytes, **options: Any) -> ImportJob:
    return imports.start(
        campaign.code,
        SimpleUploadedFile("lines.csv", body),
        options=Options(**options),
        actor=campaign.author,
        now=NOW,
    )


def tried(campaign: Campaign, body: bytes, **options: Any) -> ImportJob:
    job = start(campaign, body, **options)
    run_import(job.pk)
    return ImportJob.objects.get(pk=job.pk)


def applied(campaign: Campaign, body: bytes, mode: str = "all") -> ImportJob:
    job = tried(campaign, body)
    imports.confirm(job.pk, mode=mode, actor=campaign.author)
    run_import(job.pk)
    return ImportJob.objects.get(pk=job.pk)


def counts(job: ImportJob) -> tuple[int, int, int, int, int]:
    told = preview(job)
    return told.created, told.updated, told.unchanged, told.skipped, told.failed


@pytest.fixture
def campaign() -> Campaign:
    """A draft with one line of SKU A, and SKUs B and C beside it."""
    made = make.campaign(lines=0)
    make.line(made, author=made.author, code="A")
    for code in ("B", "C"):
        make.level(make.sku(code))
    return made


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


def test_a_second_upload_changes_nothing(campaign: Campaign) -> None:
    body = sheet("A,65,10,0", "B,70,5,0")
    applied(campaign, body)
    again = tried(campaign, body)
    assert counts(again) == (0, 0, 2, 0, 0)
    assert again.state == "done"


def test_the_same_file_under_way_is_the_same_job(campaign: Campaign) -> None:
    body = sheet("B,70,5,0")
    assert start(campaign, body).pk == start(campaign, body).pk
    assert start(campaign, body, percent_off="30").pk != start(campaign, body).pk


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


def test_a_killed_worker_is_taken_over_where_it_stopped(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 2)
    Sku.objects.bulk_create(
        Sku(code=f"X{n}", name="X", regular_price=100) for n in range(5)
    )
    job = start(campaign, sheet(*(f"X{n},70,5,0" for n in range(5)), "X1,70,5,0"))
    first = imports.claim(job.pk, now=NOW)
    assert first
    rows = imports.read(first)
    imports.check(first, rows[:2], total=6, now=NOW)
    # Killed here. Its lease runs out, and another worker takes over.
    assert imports.claim(job.pk, now=NOW) is None
    later = NOW + timedelta(minutes=5)
    assert imports.waiting(now=later) == [job.pk]
    second = imports.claim(job.pk, now=later)
    assert second
    work(second)
    job.refresh_from_db()
    assert (job.state, job.checked, job.total) == ("checked", 6, 6)
    assert counts(job) == (5, 0, 0, 0, 1)
    # The first was only slow: it finds that it lost the job, and writes nothing.
    with pytest.raises(ImportNotReady):
        imports.check(first, rows[2:4], total=6, now=later)


def test_a_worker_killed_while_applying_starts_over(campaign: Campaign) -> None:
    job = tried(campaign, sheet("B,70,5,0"))
    imports.confirm(job.pk, mode="all", actor=campaign.author)
    assert imports.claim(job.pk, now=NOW)
    assert imports.waiting(now=NOW) == []
    take_up()
    later = NOW + timedelta(minutes=5)
    again = imports.claim(job.pk, now=later)
    assert again
    work(again)
    work(again)
    assert campaign.lines.count() == 2


def test_given_up_it_changes_nothing(campaign: Campaign) -> None:
    job = tried(campaign, sheet("B,70,5,0"))
    imports.cancel(job.pk, now=NOW)
    with pytest.raises(ImportNotReady):
        imports.confirm(job.pk, mode="all", actor=campaign.author)
    assert campaign.lines.count() == 1


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


def test_reading_says_what_it_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_bytes(sheet(*["A,1,1,0"] * 3))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheets, "MOST_ROWS", 2)
        with pytest.raises(UnreadableSheet):
            list(sheets.rows(file, Options()))
    file.write_bytes(b"")
    with pytest.raises(WrongColumns):
        list(sheets.rows(file, Options()))
    assert shopify.is_export(["Handle", "Variant SKU", "Variant Price", "Title"])


def test_a_person_uploads_watches_and_confirms(
    client: Client, campaign: Campaign
) -> None:
    client.force_login(campaign.author)
    url = reverse("campaigns:import", args=[campaign.code])
    assert client.get(url).status_code == 200
    assert client.post(url, {"percent_off": "20"}).status_code == 422
    file = SimpleUploadedFile("lines.csv", sheet("B,70,5,0", "C,=x,5,0"))
    reply = client.post(url, {"file": file, "percent_off": "20"})
    job = ImportJob.objects.get()
    there = reverse("campaigns:import_job", args=[campaign.code, job.pk])
    assert reply.url == there
    assert "Trying" in client.get(there).content.decode()
    run_import(job.pk)
    page = client.get(there).content.decode()
    assert "Import the 1 valid row only" in page
    assert "is not a sale price" in page
    bad = client.get(reverse("campaigns:import_errors", args=[campaign.code, job.pk]))
    rows = list(csv.DictReader(io.StringIO(bad.content.decode("utf-8-sig"))))
    assert [(row["row"], row["sku"], row["sale_price"]) for row in rows] == [
        ("3", "C", "'=x")
    ]
    apply = reverse("campaigns:import_apply", args=[campaign.code, job.pk])
    assert client.post(apply, {"mode": "all"}).status_code == 409
    client.post(apply, {"mode": "valid"})
    run_import(job.pk)
    assert "Imported" in client.get(there).content.decode()
    assert campaign.lines.count() == 2


def test_a_sheet_that_is_too_large_is_refused_while_it_arrives(
    client: Client, campaign: Campaign, settings: Any
) -> None:
    settings.UPLOAD_LIMIT_MB = 1
    client.force_login(campaign.author)
    url = reverse("campaigns:import", args=[campaign.code])
    file = SimpleUploadedFile("lines.csv", b"x" * 2_000_000)
    reply = client.post(url, {"file": file})
    assert reply.status_code == 413
    assert "larger than 1 MB" in reply.content.decode()
    assert not ImportJob.objects.exists()
