"""The levels: what the page lists, counting, and sheets in and out."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.stock import queries
from console.stock.models import Level, Sku
from tests import make
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db


HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.mark.parametrize("levels", [1, 3])
def test_the_levels_take_the_same_queries_for_any_number(
    operator: Client, levels: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(levels):
        make.level()
    with django_assert_num_queries(7):
        assert operator.get(reverse("stock:levels")).status_code == 200


def test_counting_a_level(operator: Client) -> None:
    level = make.level(units=10)
    url = reverse("stock:adjust", args=[level.pk])
    assert "Save the count" in operator.get(url, **HTMX).content.decode()
    words = {"on_hand": 12, "committed": 1, "buffer": 2, "reason": "count"}
    words |= {"note": "shelf 4", "version": level.version}
    assert operator.post(url, words, **HTMX).status_code == 204
    assert Level.objects.get().free == 9
    assert operator.post(url, words, **HTMX).status_code == 409
    assert operator.post(url, words | {"on_hand": -1}, **HTMX).status_code == 200


@pytest.mark.parametrize(
    "asked,found",
    [({}, 3), ({"q": "needle"}, 1), ({"show": "empty"}, 1), ({"sort": "-free"}, 3)],
)
def test_levels_by_what_is_asked(viewer: Client, asked: dict, found: int) -> None:
    make.level(make.sku("NEEDLE-1"))
    make.level()
    make.level(units=0)
    page = viewer.get(reverse("stock:levels"), asked).content.decode()
    assert page.count('<tr id="level-') == found


def test_the_way_in_leads_to_the_running_sale_else_to_levels(
    viewer: Client,
) -> None:
    assert viewer.get(reverse("stock:home"))["Location"] == reverse("stock:levels")
    a_sale()
    assert "FS-1" in viewer.get(reverse("stock:home"))["Location"]


def upload(client: Client, text: str, *, look: bool = False, name: str = "l.csv"):
    words = {"file": SimpleUploadedFile(name, text.encode())}
    words |= {"only_look": "on"} if look else {}
    return client.post(reverse("stock:import"), words, **HTMX)


def test_counts_come_in_from_a_sheet(operator: Client) -> None:
    level, sku = make.level(units=10), make.sku("=NEW")
    place = level.location.name
    sheet = "sku,location,on_hand,committed\n"
    sheet += f"{level.sku.code},{place},12,3\n{sku.code},{place},5,\n,,,\n"
    page = upload(operator, sheet, look=True).content.decode()
    assert "would change" in page and Level.objects.count() == 1
    assert upload(operator, sheet).status_code == 204
    assert {(x.on_hand, x.committed) for x in Level.objects.all()} == {(12, 3), (5, 0)}
    assert queries.violations() == []
    out = operator.get(reverse("stock:export", args=["csv"])).content.decode(
        "utf-8-sig"
    )
    assert "'=NEW" in out
    assert upload(operator, out).status_code == 204
    assert Level.objects.count() == 2


def test_one_wrong_row_keeps_the_whole_sheet_out(operator: Client) -> None:
    one = make.allocation(quantity=10)
    place = Level.objects.get().location.name
    sheet = "sku,location,on_hand\n"
    for row in (
        f"{one.sku.code},{place},9",
        f"{one.sku.code},{place},-1",
        f"{one.sku.code},{place},many",
        f"nothing,{place},1",
        f"{one.sku.code},nowhere,1",
        f",{place},1",
    ):
        sheet += row + "\n"
    page = upload(operator, sheet).content.decode()
    for words in (
        "10 units are promised",
        "“-1” is not a whole number",
        "“many” is not a whole number",
        "no SKU nothing",
        "no location nowhere",
        "The sku is blank",
    ):
        assert words in page
    assert Level.objects.get().on_hand == 10


def test_a_sheet_of_an_older_count_overwrites_no_newer_one(operator: Client) -> None:
    level = make.level(units=10)
    sheet = operator.get(reverse("stock:export", args=["csv"])).content.decode()
    older = sheet.replace(",10,", ",12,", 1)
    assert upload(operator, older).status_code == 204
    page = upload(operator, sheet).text
    assert "on hand is now 12" in page
    assert Level.objects.get(pk=level.pk).on_hand == 12


@pytest.mark.parametrize(
    "name,text,told",
    [
        ("l.csv", "colour,size\n1,2\n", "Columns are missing"),
        ("l.xlsx", "not a zip", "neither CSV"),
        ("l.csv", "\x00\x01", "Columns are missing"),
    ],
)
def test_a_file_that_is_no_sheet_is_told(
    operator: Client, name: str, text: str, told: str
) -> None:
    reply = upload(operator, text, name=name)
    assert reply.status_code == 422 and told in reply.content.decode()


def test_the_sheet_goes_out_as_xlsx_too(operator: Client) -> None:
    make.level()
    reply = operator.get(reverse("stock:export", args=["xlsx"]))
    assert reply.content[:2] == b"PK"
    again = SimpleUploadedFile("l.xlsx", reply.content)
    words = {"file": again, "only_look": "on"}
    page = operator.post(reverse("stock:import"), words, **HTMX).content.decode()
    assert "The same as counted" in page and "Nothing was written" not in page


def test_the_palette_finds_skus(viewer: Client) -> None:
    make.sku("NEEDLE-1", name="Rain jacket")
    for text in ("needle", "rain"):
        (one,) = viewer.get(reverse("stock:search"), {"q": text}).json()
        assert (one["t"], one["h"]) == ("NEEDLE-1", "/stock/levels/?q=NEEDLE-1")
    assert viewer.get(reverse("stock:search"), {"q": "\0"}).json() == []


def test_a_sheet_says_which_goods_are_perishable_and_new(operator: Client) -> None:
    level, other = make.level(units=10), make.level(units=10)
    place = level.location.name
    head = "sku,location,on_hand,perishable,on_market_since\n"
    sheet = f"{head}{level.sku.code},{place},10,Yes,2026-11-20\n"
    page = upload(operator, sheet, look=True).content.decode()
    assert "would be described anew" in page
    assert not Sku.objects.filter(perishable=True).exists()
    reply = upload(operator, sheet)
    assert "1 SKU described" in reply["HX-Trigger"]
    told = Sku.objects.get(pk=level.sku_id)
    assert (told.perishable, told.on_market_since) == (True, date(2026, 11, 20))
    out = operator.get(reverse("stock:export", args=["csv"])).text
    assert ",yes,2026-11-20" in out
    assert f"{other.sku.code},{other.sku.name},,{place},10,0,0,0,10,2,no," in out
    entry = Entry.objects.get(verb="stock.describe")
    assert entry.before == {
        level.sku.code: {"perishable": False, "on_market_since": None}
    }
    upload(operator, f"{head}{level.sku.code},{place},10,,\n")
    assert Sku.objects.get(pk=level.sku_id).perishable
    upload(operator, f"{head}{level.sku.code},{place},10,no,unknown\n")
    told.refresh_from_db()
    assert (told.perishable, told.on_market_since) == (False, None)


def test_the_sheet_of_levels_comes_back_as_it_went_out(operator: Client) -> None:
    make.level(make.sku(perishable=True, on_market_since=date(2026, 11, 20)))
    for form in ("csv", "xlsx"):
        sent = operator.get(reverse("stock:export", args=[form])).content
        words = {"file": SimpleUploadedFile(f"l.{form}", sent), "only_look": "on"}
        page = operator.post(reverse("stock:import"), words, **HTMX).content.decode()
        assert "Nothing was written" not in page and "described anew" not in page


def test_a_sku_that_is_described_in_two_ways_is_refused(operator: Client) -> None:
    level = make.level(units=10)
    make.location("Second")
    head = "sku,location,on_hand,perishable,on_market_since\n"
    sheet = head + f"{level.sku.code},{level.location.name},10,yes,\n"
    sheet += f"{level.sku.code},Second,10,no,\n"
    page = upload(operator, sheet).content.decode()
    assert "is described in another way above" in page
    assert not Sku.objects.filter(perishable=True).exists()


@pytest.mark.parametrize("cells,told", [
    ("maybe,", "“maybe” is neither yes nor no"),
    (",tomorrow", "“tomorrow” is no day like 2026-11-27"),
])  # fmt: skip
def test_what_is_no_description_is_told(
    operator: Client, cells: str, told: str
) -> None:
    level = make.level(units=10)
    head = "sku,location,on_hand,perishable,on_market_since\n"
    page = upload(operator, f"{head}{level.sku.code},{level.location.name},9,{cells}\n")
    assert told in page.content.decode()
    assert Level.objects.get().on_hand == 10
