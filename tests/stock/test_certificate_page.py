"""The page of certificates and its files."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.stock import operations as stock
from console.stock.models import SkuCertificate
from console.stock.rules import Want
from console.stock.verify_certificate import main, verify
from tests import make
from tests.make import NOW
from tests.stock.shipkit import paid

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
HERE = "/stock/FS-1/certificate/"


def ended(skus: int = 1, *, over: bool = True) -> list[str]:
    """A sale with one sold unit of each SKU, perhaps over."""
    codes = [make.sku(f"SKU-{n:03}") for n in range(skus)]
    for one in codes:
        make.level(one, units=5)
    wants = [Want(one.pk, 3) for one in codes]
    stock.lock("FS-1", wants=wants, actor=None, now=NOW)
    make.gate()
    paid(*((one.code, 1) for one in codes[:50]))
    if over:
        end = NOW + timedelta(hours=1)
        stock.close_gate("FS-1", now=end)
        stock.return_units("FS-1", actor=None, now=end)
    return [one.code for one in codes]


def here() -> str:
    return reverse("stock:certificate", args=["FS-1"])


def body(client: Client, form: str) -> bytes:
    reply = client.get(reverse("stock:certificate_file", args=["FS-1", form]))
    assert reply.status_code == 200
    return b"".join(reply.streaming_content)


def test_a_running_sale_has_nothing_final(viewer: Client) -> None:
    ended(over=False)
    page = viewer.get(here()).content.decode()
    assert "Not final yet" in page and "download" not in page
    assert "Certificate<" not in viewer.get(reverse("stock:panel", args=["FS-1"])).text


def test_an_ended_sale_tells_each_sku_and_is_found_from_its_stock(
    viewer: Client,
) -> None:
    (code,) = ended()
    page = viewer.get(here()).content.decode()
    one = SkuCertificate.objects.get()
    for text in (code, "0 oversold", one.hash, "3 locked, 1 sold, 2 back"):
        assert text in page
    assert here() in viewer.get(reverse("stock:panel", args=["FS-1"])).text


@pytest.mark.parametrize("skus", [1, 3])
def test_the_page_takes_the_same_queries_for_any_number_of_skus(
    viewer: Client, skus: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ended(skus)
    with django_assert_num_queries(7):
        viewer.get(here(), **HTMX)


def test_it_is_paged_and_filtered(viewer: Client) -> None:
    ended(53)
    page = viewer.get(here(), {"page": "2"}).content.decode()
    assert "51 to 53 of 53" in page
    page = viewer.get(here(), {"q": "SKU-007"}, **HTMX).content.decode()
    assert page.count("<tr id=") == 1 and "<html" not in page
    assert "No SKU matches" in viewer.get(here(), {"q": "zz"}).text


def test_a_table_of_them(viewer: Client) -> None:
    ended(2)
    rows = list(csv.DictReader(io.StringIO(body(viewer, "csv").decode("utf-8-sig"))))
    assert [row["sku"] for row in rows] == ["SKU-000", "SKU-001"]
    assert (rows[0]["locked"], rows[0]["sold"], rows[0]["oversold"]) == ("3", "1", "0")
    assert rows[0]["hash"] == SkuCertificate.objects.get(sku__code="SKU-000").hash


def test_json_of_them(viewer: Client) -> None:
    make.campaign(code="FS-1")
    assert json.loads(body(viewer, "json")) == []
    ended(2)
    told = json.loads(body(viewer, "json"))
    assert [one["content"]["sold"] for one in told] == [1, 1]


def test_the_file_with_entries_holds_without_a_database(
    viewer: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended(3)
    path = tmp_path / "certificate.jsonl"
    path.write_bytes(body(viewer, "jsonl"))
    lines, holds = verify(str(path))
    assert holds and len(lines) == 3
    assert main([str(path)]) == 0 and main([]) == 2
    assert main([str(tmp_path / "none")]) == 1
    assert "cannot be read" in capsys.readouterr().out
