"""Uplift by program: order histories, past sales and the evidence."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from console.uplift import tasks
from console.uplift.models import HistoryFile, PastSale
from tests import make
from tests.api.conftest import Caller, caller
from tests.api.contract import check
from tests.uplift.conftest import _no_broker
from tests.uplift.kit import imported, row, sheet
from tests.uplift.test_measuring import history, measured

__all__ = ["_no_broker"]
pytestmark = pytest.mark.django_db
FILES = "/uplift/histories"
JULY = {
    "name": "July sale",
    "opens_local": "2026-07-27T00:00:00",
    "closes_local": "2026-07-30T00:00:00",
    "depth": "30",
    "skus": ["S0", " S1", "S0"],
}


def file(body: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("orders.csv", body)


def test_a_history_is_brought_watched_and_taken_out(merchant: Caller) -> None:
    body = sheet(row(), row("2", price=0), row("C4", units=-1))
    reply = merchant.upload(FILES, file=file(body), zone="Europe/London")
    assert reply.status_code == 202
    begun = check(reply)
    assert (begun["state"], begun["seen"], begun["zone"]) == (
        "reading", 0, "Europe/London",
    )  # fmt: skip
    one = f"{FILES}/{begun['id']}"
    wait = merchant.send("DELETE", one)
    assert (wait.status_code, check(wait)["code"]) == (409, "history_at_work")
    tasks.run_import(begun["id"])
    read = check(merchant.get(one))
    assert (read["state"], read["percent"]) == ("done", 100)
    counts = {n: read[n] for n in ("seen", "sales", "returns", "known", "left")}
    assert counts == {"seen": 3, "sales": 1, "returns": 1, "known": 0, "left": 1}
    (why,) = read["left_out"]
    assert (why["count"], why["rows"]) == (1, [3])
    assert [each["id"] for each in check(merchant.get(FILES))] == [begun["id"]]
    again = check(merchant.upload(FILES, file=file(body), zone="Europe/London"))
    assert again["id"] == begun["id"]
    assert merchant.send("DELETE", one).status_code == 200
    assert not HistoryFile.objects.exists()
    assert merchant.get(one).status_code == 404


def test_the_rows_left_out_come_without_their_customer(merchant: Caller) -> None:
    job = imported(sheet(row(), row("2", price=0)))
    reply = merchant.get(f"{FILES}/{job.pk}/left-out.csv")
    text = b"".join(reply).decode()
    assert text.startswith("row,reason,InvoiceNo")
    assert "UnitPrice is 0" in text and "17850" not in text


@pytest.mark.parametrize(
    "other,status,code,field",
    [
        ({"file": file(b"sku,units\nA,1")}, 422, "wrong_columns", "file"),
        ({"zone": "Mars/Olympus"}, 422, "unknown_zone", "zone"),
        ({"file": None}, 422, "bad_input", "file"),
    ],
)
def test_what_is_no_history_is_refused_by_its_field(
    merchant: Caller, other: dict[str, Any], status: int, code: str, field: str
) -> None:
    form = {"file": file(sheet(row())), "zone": "UTC"} | other
    sent = {name: value for name, value in form.items() if value is not None}
    reply = merchant.upload(FILES, **sent)
    told = check(reply)
    assert (reply.status_code, told["code"], told["field"]) == (status, code, field)
    assert not HistoryFile.objects.exists()


def test_a_past_sale_is_told_measured_and_taken_out(merchant: Caller) -> None:
    imported(history())
    reply = merchant.post("/uplift/sales", JULY)
    assert reply.status_code == 201
    told = check(reply)
    assert [one["sku"] for one in told["offers"]] == ["S0", "S1"]
    assert (told["depth"], told["source"]) == (0.3, "hand")
    assert told["figures"]["uplift"] == {
        "value": None, "low": None, "high": None, "why": "Not measured yet.",
    }  # fmt: skip
    tasks.measure()
    one = f"/uplift/sales/{told['id']}"
    read = check(merchant.get(one))
    assert read["measured_at"] and read["figures"]["uplift"]["value"] is not None
    assert merchant.send("DELETE", one).status_code == 200
    assert not PastSale.objects.filter(source="hand").exists()


@pytest.mark.parametrize(
    "other,code,field",
    [
        ({"skus": []}, "bad_input", "skus"),
        ({"skus": ["NOPE"]}, "past_sale_unknown_goods", "skus"),
        ({"skus": ["S0"] * 5001}, "bad_input", "skus"),
        ({"name": "  "}, "bad_input", "name"),
        ({"depth": "120"}, "bad_input", "depth"),
        ({"closes_local": "2026-07-20T00:00:00"}, "ends_before_start", "closes_local"),
        (
            {
                "opens_local": "2036-07-27T00:00:00",
                "closes_local": "2036-07-28T00:00:00",
            },
            "past_sale_not_over",
            "closes_local",
        ),
    ],
)
def test_a_past_sale_that_cannot_be_is_refused_by_its_field(
    merchant: Caller, other: dict[str, Any], code: str, field: str
) -> None:
    imported(history(days=7))
    told = check(merchant.post("/uplift/sales", JULY | other))
    assert (told["code"], told["field"]) == (code, field)
    assert not PastSale.objects.filter(source="hand").exists()


def test_the_evidence_and_its_sales_are_read(merchant: Caller) -> None:
    make.audience("Everyone")
    imported(history())
    (sale,) = measured()
    told = check(merchant.get("/uplift/evidence"))
    assert (told["total"], told["unmeasured"], told["files"]) == (1, 0, 1)
    assert told["recovery"]["tells"] is False and told["recovery"]["why"]
    assert [one["uplift"] for one in told["points"]] == [pytest.approx(2)]
    assert [one["half_life"] for one in told["policies"]] == [21]
    (listed,) = check(merchant.get("/uplift/sales?measured=true"))["items"]
    assert (listed["id"], listed["depth"]) == (sale.pk, 0.3)
    assert listed["figures"]["halo"]["value"] is None
    assert listed["figures"]["halo"]["why"]
    found = merchant.send("DELETE", f"/uplift/sales/{sale.pk}")
    assert (found.status_code, check(found)["code"]) == (409, "past_sale_not_by_hand")


def test_a_viewer_reads_and_changes_nothing(still_clock: None) -> None:
    viewer = caller("viewer")
    assert check(viewer.get("/uplift/evidence"))["total"] == 0
    for method, path, body in (
        ("POST", "/uplift/sales", JULY),
        ("DELETE", "/uplift/sales/1", None),
        ("DELETE", f"{FILES}/1", None),
        ("GET", f"{FILES}/1/left-out.csv", None),
    ):
        assert viewer.send(method, path, body).status_code == 403
