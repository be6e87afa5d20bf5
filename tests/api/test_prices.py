"""Prices by program: histories, claims, conflicts, evidence."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from console.prices import operations as prices
from console.prices.models import Conflict
from tests import make
from tests.api.conftest import Caller
from tests.api.contract import check
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_a_history_tells_prior_price_and_claim_at_an_instant(merchant: Caller) -> None:
    prices.note("A/1", Decimal(100), from_at=NOW - timedelta(days=60))
    prices.note("A/1", Decimal(80), from_at=NOW - timedelta(days=10))
    path = "/prices/of/A/1/history"
    found = check(merchant.get(f"{path}?sale=60"))
    assert (found["prior"], found["claim_percent"]) == ("80.00", 25)
    assert [one["lowest"] for one in found["spans"]] == [True, False]
    before = check(merchant.get(f"{path}?sale=60&at=2026-11-01T00:00:00Z"))
    assert (before["prior"], before["claim_percent"]) == ("100.00", 40)
    listed = check(merchant.get("/prices?q=A/1"))
    assert [(one["amount"], one["low"]) for one in listed["items"]] == [
        ("80.00", "80.00")
    ]
    assert check(merchant.get("/prices/of/B/history"))["code"] == "not_found"
    assert merchant.get(f"{path}?currency=USD").status_code == 404


def test_the_net_price_of_the_low_is_told_or_null(merchant: Caller) -> None:
    path, past = "/prices/of/A/history", {"remark": "Old shop"}
    low = {"amount": "80.00", "from_at": "2026-10-20T00:00:00Z"} | past
    high = {"amount": "90.00", "net": "75.63", "from_at": "2026-01-01T00:00:00Z"} | past
    assert merchant.post(path, high).status_code == 201
    at = "?at=2026-11-01T00:00:00Z"
    assert check(merchant.get(path + at))["prior_net"] == "75.63"
    assert merchant.post(path, low).status_code == 201
    found = check(merchant.get(path + at))
    assert (found["prior"], found["prior_net"]) == ("80.00", None)
    assert [one["net"] for one in found["spans"]] == [None, "75.63"]
    wrong = merchant.post(path, high | {"net": "95"})
    assert check(wrong)["field"] == "net"


def test_a_price_of_the_past_is_added(merchant: Caller) -> None:
    said = {
        "amount": "90.00",
        "from_at": "2026-10-01T00:00:00Z",
        "remark": "Old shop, export of 3 November",
    }
    made = merchant.post("/prices/of/A/history", said)
    assert (made.status_code, check(made)["amount"]) == (201, "90.00")
    assert check(merchant.get("/prices/of/A/history"))["spans"][0]["reason"]
    bare = merchant.post("/prices/of/A/history", said | {"remark": ""})
    assert check(bare)["field"] == "remark"
    free = merchant.post("/prices/of/A/history", said | {"amount": 0})
    assert check(free)["field"] == "amount"


def conflict(sku: str) -> Conflict:
    return Conflict.objects.create(
        step_key=f"prices.restore/{sku}",
        plan="campaign:FS-1",
        connection="shop",
        campaign="FS-1",
        sku=sku,
        currency="EUR",
        why="base_changed",
        before_regular=Decimal(100),
        before_sale=None,
        ours=Decimal(70),
        found_regular=Decimal(90),
        found_sale=Decimal(65),
        found_at=NOW,
    )


def test_a_person_decides_about_prices(merchant: Caller) -> None:
    one, two = conflict("A"), conflict("B")
    listed = check(merchant.get("/prices/conflicts?campaign=FS-1"))
    assert [(c["keep"], c["restore"]) for c in listed["items"]] == [
        ("65.00", "90.00")
    ] * 2
    kept = check(merchant.post(f"/prices/conflicts/{one.pk}/keep"))
    assert (kept["choice"], kept["decided_by"]) == ("keep", "aino")
    back = check(merchant.post(f"/prices/conflicts/{two.pk}/restore"))
    assert back["choice"] == "restore"
    again = merchant.post(f"/prices/conflicts/{two.pk}/keep")
    assert again.status_code == 409 and check(again)["code"]
    assert check(merchant.post("/prices/conflicts/0/keep"))["code"] == "not_found"


def test_the_evidence_of_a_sale_is_read_and_sealed(merchant: Caller) -> None:
    code = make.armed().code
    path = f"/prices/evidence/{code}"
    found = check(merchant.get(path))
    assert (found["sealed_at"], found["lines"]["count"]) == (None, 1)
    assert check(merchant.post(f"{path}/seal"))["sealed_at"] is not None
    file = merchant.get(f"{path}/file")
    assert json.loads(file.content) and "attachment" in file["Content-Disposition"]
    assert check(merchant.get("/prices/evidence/none"))["code"] == "no_evidence"
