"""Two programs edit what has no counter: the second is told what the first saved."""

from __future__ import annotations

from typing import Any

import pytest

from console.campaigns.models import Market
from tests import make
from tests.api.conftest import Caller
from tests.api.contract import check

pytestmark = pytest.mark.django_db
MARA, TOM = {"name": "Mara", "reach": "+49 30 1"}, {"name": "Tom", "reach": "#sale"}


def put(who: Caller, path: str, body: Any, version: object = None) -> Any:
    """By the version as an ETag."""
    etag = {} if version is None else {"If_Match": f'"{version}"'}
    return who.send("PUT", path, body, **etag)


def is_stale(reply: Any, **newer: Any) -> Any:
    told = check(reply)
    assert (reply.status_code, told["code"], told["field"]) == (
        409, "stale_edit", "version",
    )  # fmt: skip
    assert told["values"]["newer"] == newer
    return told["values"]["version"]


def is_blind(reply: Any) -> None:
    assert (reply.status_code, check(reply)["code"]) == (428, "version_missing")


def test_people(merchant: Caller) -> None:
    path = f"/campaigns/{make.campaign().code}/people"
    read = merchant.get(path)
    version = check(read)["version"]
    assert read["ETag"] == f'"{version}"'
    is_blind(put(merchant, path, {"contacts": [MARA]}))
    first = put(merchant, path, {"contacts": [MARA]}, version)
    assert check(first)["contacts"] == [MARA | {"role": ""}]
    stale = put(merchant, path, {"contacts": [TOM]}, version)
    now = is_stale(stale, contacts=check(merchant.get(path))["contacts"])
    assert first["ETag"] == f'"{now}"'
    body = {"contacts": [MARA, TOM], "version": now}
    assert len(check(put(merchant, path, body))["contacts"]) == 2


def test_announcements(merchant: Caller) -> None:
    path = f"/campaigns/{make.campaign().code}/announcements"
    said = {"medium": "email", "when": "T-24h"}
    (one,) = check(merchant.post(path, said))
    there = f"{path}/{one['id']}"
    is_blind(put(merchant, there, said))
    (first,) = check(put(merchant, there, said | {"when": "T-12h"}, one["version"]))
    assert first["version"] != one["version"]
    stale = put(merchant, there, said | {"when": "T-6h"}, one["version"])
    now = is_stale(stale, when="T-12h")
    assert now == first["version"]
    (last,) = check(put(merchant, there, said | {"when": "T-6h", "version": now}))
    assert last["when"] == "T-6h"


def test_markets(approver: Caller) -> None:
    said = {"name": "Germany", "zone": "Europe/Berlin", "currency": "EUR",
            "countries": ["DE"]}  # fmt: skip
    made = put(approver, "/markets/DE", said)
    version = check(made)["version"]
    assert made["ETag"] == f'"{version}"'
    is_blind(put(approver, "/markets/DE", said | {"name": "Mine"}))
    check(put(approver, "/markets/DE", said | {"countries": ["DE", "AT"]}, version))
    stale = put(approver, "/markets/DE", said | {"name": "Mine"}, version)
    now = is_stale(stale, name="Germany", countries=["AT", "DE"])
    assert [one["version"] for one in check(approver.get("/markets"))] == [now]
    body = said | {"name": "Mine", "version": now}
    assert check(put(approver, "/markets/DE", body))["name"] == "Mine"
    taken = put(approver, "/markets/DE", said, 0)
    assert (taken.status_code, check(taken)["code"]) == (409, "market_taken")
    assert Market.objects.get().name == "Mine"


def test_places_of_shops(approver: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.capacity.outlets.storefronts", lambda: ["berlin"])
    said = {"name": "Germany", "zone": "Europe/Berlin", "currency": "EUR",
            "countries": ["DE"]}  # fmt: skip
    put(approver, "/markets/DE", said)
    (shop,) = check(approver.get("/shops"))
    assert (shop["name"], shop["channel"], shop["markets"]) == ("berlin", "web", [])
    path = "/shops/berlin/place"
    is_blind(put(approver, path, {"markets": ["DE"]}))
    first = check(put(approver, path, {"markets": ["DE"]}, shop["version"]))
    assert first["markets"] == ["DE"]
    stale = put(approver, path, {"markets": []}, shop["version"])
    assert is_stale(stale, markets=["DE"]) == first["version"]
    unknown = put(approver, "/shops/nope/place", {"markets": []}, 1)
    assert unknown.status_code == 404
