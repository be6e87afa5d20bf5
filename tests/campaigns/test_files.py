"""Tables that leave as files: harmless, and a part at a time however long they are."""

from __future__ import annotations

import csv
import tracemalloc
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from console.campaigns.models import Campaign, Line
from console.campaigns.resources import export
from console.shell.files import PART, download
from console.stock.models import Sku
from tests import make

HEADINGS = ["sku", "note"]
MOST_MB = 6
"""What a hundred thousand rows may cost; in memory at once they are thirty or more."""


def rows(count: int, taken: list[int] | None = None) -> Iterator[list[Any]]:
    for number in range(count):
        if taken is not None:
            taken.append(number)
        yield [f"SKU-{number}", f"A note of some length about row {number}"]


def body(reply: StreamingHttpResponse) -> bytes:
    sent: bytes = reply.getvalue()
    return sent


def told(reply: StreamingHttpResponse) -> list[list[str]]:
    return list(csv.reader(StringIO(body(reply).decode("utf-8-sig"))))


def test_a_csv_has_a_mark_of_its_encoding_and_nothing_that_runs() -> None:
    reply = download("a.csv", "csv", HEADINGS, [["=1+1", "+2"], ["Å", -5], ["@x", ""]])
    assert reply["Content-Disposition"] == 'attachment; filename="a.csv"'
    assert told(reply) == [HEADINGS, ["'=1+1", "'+2"], ["Å", "-5"], ["'@x", ""]]


def test_a_workbook_has_the_same_cells_and_none_that_it_cannot_hold() -> None:
    odd = [["=1+1", 5], ["a\x0bb", None]]
    reply = download("a.xlsx", "xlsx", HEADINGS, odd)
    assert reply["Content-Disposition"] == 'attachment; filename="a.xlsx"'
    sheet = openpyxl.load_workbook(BytesIO(body(reply))).worksheets[0]
    assert sheet.freeze_panes == "A2"
    assert list(sheet.iter_rows(values_only=True)) == [
        ("sku", "note"), ("'=1+1", 5), ("ab", None),
    ]  # fmt: skip


def test_rows_of_a_csv_are_taken_while_it_is_sent() -> None:
    taken: list[int] = []
    parts = iter(download("a.csv", "csv", HEADINGS, rows(10 * PART, taken)))
    assert not taken
    next(parts), next(parts)
    assert len(taken) < 2 * PART
    assert sum(1 for _ in parts) and len(taken) == 10 * PART


@pytest.mark.parametrize("form,count", [("csv", 100_000), ("xlsx", 20_000)])
def test_memory_stays_flat_however_long_the_table_is(form: str, count: int) -> None:
    tracemalloc.start()
    try:
        reply = download("a", form, HEADINGS, rows(count))
        sent = sum(len(part) for part in reply)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent > count
    assert peak < MOST_MB * 2**20


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_catalogue_and_lines_are_streamed_with_formulas_made_harmless(
    client: Client, campaign: Campaign, form: str
) -> None:
    client.force_login(campaign.author)
    skus = [Sku(code=f"=S{n}", name="N", regular_price=100) for n in range(30)]
    for place, sku in enumerate(Sku.objects.bulk_create(skus), 10):
        Line.objects.create(campaign=campaign, sku=sku, position=place, sale_price=70,
                            regular_price=100, units=5)  # fmt: skip
    there = [
        reverse("campaigns:export", args=[campaign.code, form]),
        reverse("campaigns:catalogue_file", args=[form]),
    ]
    for url in there:
        reply = client.get(url)
        assert reply.streaming
        if form == "csv":
            found = told(reply)
        else:
            sheet = openpyxl.load_workbook(BytesIO(body(reply))).worksheets[0]
            found = [list(map(str, row)) for row in sheet.iter_rows(values_only=True)]
        assert sum(row[0].startswith("'=S") for row in found) == 30


@pytest.mark.django_db
def test_a_download_asks_for_rows_once_by_a_cursor(
    campaign: Campaign, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        sku = make.sku(f"L-{number}")
        Line.objects.create(campaign=campaign, sku=sku, position=number + 9, units=5,
                            sale_price=70, regular_price=100)  # fmt: skip
    headings, found = export(campaign)
    with django_assert_num_queries(1) as asked:
        assert len(list(found)) == 13
    assert "ORDER BY" in asked.captured_queries[0]["sql"]
    assert headings[0] == "sku"
