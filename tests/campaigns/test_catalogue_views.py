"""The page of the catalogue: listed, brought in, out as a file, and by program."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.campaigns.catalogue import reading
from console.people.models import Scope
from console.prices import queries
from console.prices.models import PricePoint
from console.stock.models import Sku
from tests import make
from tests.campaigns.cataloguekit import PAST, bring, refused, sheet, sku

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NEW = sheet("sku,name,list_price,cost", "NEW,Tent,219.00,88")


def sent(client: Client, body: bytes, name: str = "c.csv", **said: Any) -> Any:
    file = SimpleUploadedFile(name, body)
    headers = said.pop("headers", {})
    url = reverse("campaigns:update_catalogue")
    return client.post(url, {"file": file, **said}, headers=headers)


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, out = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


def test_a_sheet_of_headings_alone_is_not_called_known_already(
    merchant: Client,
) -> None:
    told = sent(merchant, sheet("sku,name"), headers=HTMX, only_look="on").text
    assert "no row below its headings" in told
    assert "tally" not in told and "says all of it already" not in told


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_three(
    merchant: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        make.sku(f"ROW-{number}", category="Tents")
    merchant.get(reverse("campaigns:catalogue"))
    with django_assert_num_queries(5):
        page = merchant.get(reverse("campaigns:catalogue")).text
    assert page.count("Product ROW-") == count


def test_the_list_is_found_by_code_name_category_and_brand(merchant: Client) -> None:
    make.sku("A1", name="Anorak", category="Jackets", brand="Fjell")
    make.sku("B1", name="Boots")
    for text in ("a1", "anor", "jack", "fjell", "jackets fjell"):
        page = merchant.get(reverse("campaigns:catalogue"), {"q": text}).text
        assert ("Anorak" in page, "Boots" in page) == (True, False), text
    page = merchant.get(reverse("campaigns:catalogue"), {"q": "zz"}).text
    assert "No SKU matches" in page


def test_an_empty_catalogue_says_how_to_begin(merchant: Client) -> None:
    assert (
        "No product is known yet" in merchant.get(reverse("campaigns:catalogue")).text
    )


def test_a_sheet_is_looked_at_then_brought_in_and_counted(merchant: Client) -> None:
    looked = sent(merchant, NEW, only_look="on", headers=HTMX)
    assert "<b>1</b> new SKU" in looked.text
    assert "nothing is changed yet" in looked.text
    assert not Sku.objects.exists()
    assert "HX-Trigger" not in looked
    done = sent(merchant, NEW, headers=HTMX)
    assert "The sheet was brought in." in done.text
    assert "catalogue-changed" in done["HX-Trigger"]
    assert "<html" not in done.text
    assert Entry.objects.get(verb="catalogue.update").after["file"] == "c.csv"
    again = sent(merchant, NEW)
    assert "Nothing in this sheet is new" in again.text
    assert ("<html" in again.text, sku("NEW").cost) == (True, 88)


def test_bad_rows_are_told_with_their_column(merchant: Client) -> None:
    bad = sheet("sku,list_price", "NEW,100", "<b>,x")
    reply = sent(merchant, bad, headers=HTMX)
    assert reply.status_code == 422
    assert "2 rows are wrong, so nothing was changed." in reply.text
    assert "“x” is not a list price. Enter it like 119.00." in reply.text
    assert "<b>,x" not in reply.text and "&lt;b&gt;" in reply.text
    whole = sent(merchant, bad)
    assert (whole.status_code, "<html" in whole.text) == (422, True)


def test_of_many_bad_rows_the_first_are_shown(merchant: Client) -> None:
    reply = sent(merchant, sheet("sku,cost", *["A,x"] * 80))
    assert "50 of 80 errors are shown." in reply.text


@pytest.mark.parametrize(
    "body,said",
    [
        (b"sku,colour\nA,red", "Unknown column “colour”."),
        (b"name\nTent", "The column sku is missing."),
        (b"sku,cost,cost\nA,1,2", "The column cost is there twice."),
        (b"", "The submitted file is empty."),
        (b"PK\x03\x04nothing", "The workbook cannot be read."),
        (b"\x00\x01\x02", "This is no sheet."),
    ],
)
def test_a_file_that_is_bad_as_a_whole_is_told(
    merchant: Client, body: bytes, said: str
) -> None:
    reply = sent(merchant, body, headers=HTMX)
    assert (reply.status_code, said in reply.text) == (422, True), reply.text


def test_a_larger_catalogue_is_refused(
    merchant: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 2)
    full = sheet("sku,name,list_price", *[f"S{n},Tent,100" for n in range(2)])
    assert sent(merchant, full).status_code == 200
    reply = sent(merchant, full + b"\nS3,Tent,100")
    assert (reply.status_code, Sku.objects.count()) == (422, 2)
    assert "The sheet has more than 2 rows. Split it." in reply.text


def test_a_workbook_with_days_and_numbers_is_read(merchant: Client) -> None:
    body = workbook(
        ("SKU", "Name", "List price", "Cost", "From at", "Remark"),
        ("A", "Anorak", 119.9, 40, None, None),
        ("A", None, 99, None, date(2020, 1, 1), "Old shop"),
    )
    assert sent(merchant, body, "c.xlsx").status_code == 200
    assert (sku("A").regular_price, sku("A").cost) == (Decimal("119.9"), 40)
    assert [p.amount for p in queries.history("A")] == [99, Decimal("119.9")]


def test_a_time_the_clock_skips_or_shows_twice_is_refused() -> None:
    make.sku("A")
    assert refused(
        PAST, "A,90,,2025-03-30 02:30,Old shop", "A,91,,2025-10-26 02:30,Old shop"
    ) == [
        (2, "from_at", "02:30 does not exist on Sun 30 Mar 2025 in Europe/Berlin: the "
         "clocks jump ahead. The next time that does is 03:00."),
        (3, "from_at", "2025-10-26 02:30 comes twice, since the clocks go back. Enter "
         "it as 2025-10-26T02:30:00+02:00 or as 2025-10-26T02:30:00+01:00."),
    ]  # fmt: skip
    said = ["2025-10-26T02:30:00+01:00", "2025-10-26", "2025-03-30 03:00"]
    bring(PAST, *[f"A,{90 + n},,{at},Old shop" for n, at in enumerate(said)])
    assert [point.from_at for point in queries.history("A")] == [
        datetime(2025, 3, 30, 1, tzinfo=UTC),
        datetime(2025, 10, 25, 22, tzinfo=UTC),
        datetime(2025, 10, 26, 1, 30, tzinfo=UTC),
    ]


def test_headings_may_stand_between_spaces(merchant: Client) -> None:
    body = sheet("Handle , Title,Variant SKU , Variant Price", "tea,Tea,TEA,24.5")
    assert sent(merchant, body).status_code == 200
    assert (sku("TEA").name, sku("TEA").regular_price) == ("Tea", Decimal("24.5"))


def test_the_currency_of_a_shopify_export_is_said_beside_it(merchant: Client) -> None:
    head = "Handle,Title,Variant SKU,Variant Price,Cost per item"
    body = sheet(head, "tea,Tea,TEA,2487,900")
    assert sent(merchant, body, currency="JPY").status_code == 200
    assert (sku("TEA").regular_price, sku("TEA").currency) == (2487, "JPY")
    assert [p.currency for p in queries.history("TEA", currency="JPY")] == ["JPY"]
    assert sent(merchant, body, currency="YEN").status_code == 422
    file = SimpleUploadedFile("c.csv", sheet(head, "cup,Cup,CUP,24.5,9"))
    said = {"file": file, "currency": "USD"}
    assert merchant.post("/api/v1/catalogue", said).status_code == 200
    assert sku("CUP").currency == "USD"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_goes_out_comes_in_again_and_changes_nothing(
    merchant: Client, form: str
) -> None:
    make.sku("-A", name="=1+1", variant="+x", brand="@y", cost=Decimal("40.5"))
    make.sku("B", price="16000", currency="JPY", name='Tent, "large"')
    make.sku("KIT-5'-10", name="Rope 5'-6")
    make.sku("C", price="0")
    first = merchant.get(reverse("campaigns:catalogue_file", args=[form]))
    before = list(Sku.objects.order_by("pk").values())
    file = first.getvalue()
    assert sent(merchant, file, f"c.{form}").status_code == 200
    assert list(Sku.objects.order_by("pk").values()) == before
    rows = PricePoint.objects.count()
    again = sent(merchant, file, f"c.{form}")
    assert "Nothing in this sheet is new" in again.text
    assert PricePoint.objects.count() == rows


def test_no_cell_that_goes_out_is_a_formula(merchant: Client) -> None:
    make.sku("A", name="=1+1", category="@x", cost=Decimal(40))
    make.sku("B", price="16000", currency="JPY")
    reply = merchant.get(reverse("campaigns:catalogue_file", args=["csv"]))
    assert reply.getvalue().decode("utf-8-sig").splitlines() == [
        "sku,name,variant,category,brand,list_price,currency,cost,from_at,net,channel,"
        "remark",
        "A,'=1+1,,'@x,,100.00,EUR,40.00,,,,",
        "B,Product B,,,,16000,JPY,,,,,",
    ]
    found = merchant.get(reverse("campaigns:catalogue_file", args=["csv"]), {"q": "b"})
    assert found.getvalue().count(b"\n") == 2


def test_who_may_not_edit_prices_sees_the_list_and_no_form(client: Client) -> None:
    client.force_login(make.user("viewer"))
    page = client.get(reverse("campaigns:catalogue"))
    assert (page.status_code, "Bring a sheet in" in page.text) == (200, False)
    assert sent(client, NEW).status_code == 403
    assert not Sku.objects.exists()


def test_outside_of_a_scope_nothing_comes_in(client: Client) -> None:
    make.sku("A", category="Tents")
    person = make.user("merchandiser")
    Scope.objects.create(user=person, categories=["Boots"])
    client.force_login(person)
    reply = sent(client, sheet("sku,cost", "A,5"), headers=HTMX)
    assert (reply.status_code, sku("A").cost) == (403, None)


def test_a_program_lists_brings_in_and_takes_out(merchant: Client) -> None:
    url = "/api/v1/catalogue"
    file = SimpleUploadedFile("c.csv", NEW)
    looked = merchant.post(url, {"file": file, "only_look": "true"})
    assert (looked.status_code, Sku.objects.count()) == (200, 0)
    did = merchant.post(url, {"file": SimpleUploadedFile("c.csv", NEW)})
    assert did.json() == looked.json() == {
        "rows": 1, "made": 1, "changed": 0, "same": 0, "prices": 1, "past": 0,
    }  # fmt: skip
    (one,) = merchant.get(url, {"q": "tent"}).json()["items"]
    assert (one["sku"], one["list_price"], one["cost"]) == ("NEW", "219.00", "88.00")
    assert b"NEW,Tent" in merchant.get(f"{url}.csv").getvalue()
    assert merchant.get(f"{url}.xlsx").getvalue().startswith(b"PK")


def test_a_program_is_told_which_cells_are_wrong(merchant: Client) -> None:
    file = SimpleUploadedFile("c.csv", sheet("sku,cost", "A,x"))
    reply = merchant.post("/api/v1/catalogue", {"file": file})
    said = reply.json()
    assert (reply.status_code, said["code"], said["field"]) == (422, "bad_rows", "file")
    assert said["values"]["rows"][0] == {
        "row": 2, "sku": "A", "field": "cost",
        "message": "“x” is not a cost. Enter it like 119.00.",
    }  # fmt: skip
