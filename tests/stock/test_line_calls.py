"""Waiting for a SKU over real HTTP: join, ask, be offered, pay, leave."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from uuid import uuid4

import httpx2
import pytest
from django.conf import settings

from console.errors import Refusal
from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.client import GateClient
from tests import make
from tests.calls import http
from tests.make import NOW
from tests.stock.conftest import Door
from tests.stock.test_gate import asked, post, reserve


def call(door: Door, method: str, path: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {door.token}"}
    return http.request(method, f"{door.url}/api/gate/v1/{path}", headers=headers)


def test_waiting_over_http(door: Door) -> None:
    one = make.allocation(quantity=1)
    make.gate()
    held = reserve(door, asked(one.sku.code)).json()
    body = {"campaign": "FS-1", "sku": one.sku.code, "buyer": "b-2"}
    first, again = (
        post(door, "waiting", body, **{"Idempotency-Key": "w-1"}) for _ in range(2)
    )
    assert (first.status_code, first.content) == (201, again.content)
    mine = first.json()
    assert mine == body | {
        "id": mine["id"],
        "units": 1,
        "state": "waiting",
        "ahead": 0,
        "offered": 0,
        "expires_at": None,
    }
    post(door, f"reservations/{held['id']}/release")
    stock.ring(now=clock.now())
    assert reserve(door, asked(one.sku.code)).json()["code"] == "not_enough_stock"
    stock.offer(now=clock.now())
    told = call(door, "GET", f"waiting/{mine['id']}").json()
    assert (told["state"], told["offered"]) == ("offered", 1)
    ends = datetime.fromisoformat(told["expires_at"]).timestamp() - time.time()
    assert settings.OFFER_TTL_S - 10 < ends <= settings.OFFER_TTL_S
    paid = post(door, f"reservations/{mine['id']}/confirm", {"order": "O-1"})
    assert (paid.status_code, paid.json()["shortfall"]) == (200, 0)
    assert call(door, "GET", f"waiting/{mine['id']}").json()["state"] == "taken"
    gone = call(door, "DELETE", f"waiting/{mine['id']}")
    assert (gone.status_code, gone.json()["code"]) == (409, "already_taken")
    assert gone.json()["field"] == "id"
    assert queries.violations() == []


def test_the_client_waits_asks_and_leaves(door: Door) -> None:
    one = make.allocation(quantity=1)
    make.gate()
    reserve(door, asked(one.sku.code))
    with GateClient(door.url, door.token) as gate:
        first, second = (
            gate.wait("FS-1", one.sku.code, buyer=key, key=key) for key in "ab"
        )
        assert (first.state, first.ahead, second.ahead) == ("waiting", 0, 1)
        assert gate.wait("FS-1", one.sku.code, buyer="a", key="a") == first
        assert [gate.leave(first.id) for _ in range(2)] == ["left", "left"]
        assert gate.waiting(second.id).ahead == 0
        with pytest.raises(Refusal, match="Nobody waits") as told:
            gate.waiting(first.id)
    assert (told.value.code, told.value.field) == ("unknown_waiter", "id")


def test_a_badge_that_is_older_than_its_budget_is_being_checked(door: Door) -> None:
    one = make.allocation(quantity=3)
    make.gate()
    with GateClient(door.url, door.token) as gate:
        told = gate.availability("FS-1")
    budget = timedelta(seconds=settings.AVAILABILITY_FRESH_S)
    assert (told.skus, told.fresh_for_s) == (
        {one.sku.code: 3},
        settings.AVAILABILITY_FRESH_S,
    )
    assert not told.checking(told.at + budget)
    assert told.checking(told.at + budget + timedelta(milliseconds=1))


def test_waiting_over_http_is_refused_in_words(door: Door) -> None:
    one = make.allocation(quantity=1)
    make.gate()
    body = {"campaign": "FS-1", "sku": one.sku.code, "buyer": "b-2"}
    key = {"Idempotency-Key": "w"}
    for wrong, status, code, field in (
        (body, 409, "still_in_stock", "sku"),
        (body | {"units": True}, 422, "bad_request", "units"),
        (body | {"units": 0}, 422, "bad_quantity", "units"),
        (body | {"sku": "S\x00"}, 422, "bad_request", "sku"),
        (body | {"more": 1}, 422, "bad_request", "more"),
        (body | {"campaign": "FS-9"}, 404, "unknown_campaign", "campaign"),
        ([], 400, "malformed_json", ""),
    ):
        told = post(door, "waiting", wrong, **key)
        assert (told.status_code, told.json()["code"]) == (status, code)
        assert told.json()["field"] == field
    assert post(door, "waiting", body).json()["field"] == "Idempotency-Key"
    for method in ("GET", "DELETE"):
        told = call(door, method, f"waiting/{uuid4()}")
        assert (told.status_code, told.json()["code"]) == (404, "unknown_waiter")
        assert told.json()["field"] == "id"
    assert call(door, "POST", f"waiting/{uuid4()}").headers["Allow"] == "GET, DELETE"


def test_another_client_sees_no_waiter_of_this_one(door: Door) -> None:
    one = make.allocation(quantity=1)
    make.gate()
    reserve(door, asked(one.sku.code))
    body = {"campaign": "FS-1", "sku": one.sku.code, "buyer": "b-2"}
    mine = post(door, "waiting", body, **{"Idempotency-Key": "w"}).json()
    token = stock.issue_token("other", client="other", actor=None, now=NOW)
    time.sleep(3.1)
    other = Door(door.url, token)
    for method in ("GET", "DELETE"):
        assert call(other, method, f"waiting/{mine['id']}").status_code == 404
