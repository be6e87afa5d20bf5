"""The gate over real HTTP: what it grants, what it refuses and how it says so."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from console.stock import operations as stock
from console.stock import queries
from console.stock.client import GateClient
from console.stock.models import Reservation
from console.stock.rules import Item
from tests import make
from tests.calls import http
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.conftest import Door
from tests.stock.gatekit import database_of_tests, gate_process
from tests.stock.longer import short_and_long


def post(door: Door, path: str, body: object = None, **headers: str) -> httpx2.Response:
    return http.post(
        f"{door.url}/api/gate/v1/{path}",
        content=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {door.token}"} | headers,
    )


def asked(code: str, units: int = 1, **more: object) -> dict[str, object]:
    lines = [{"sku": code, "units": units}]
    return {"campaign": "FS-1", "buyer": "b-1", "lines": lines} | more


def reserve(door: Door, body: object, key: str = "") -> httpx2.Response:
    return post(door, "reservations", body, **{"Idempotency-Key": key or uuid4().hex})


def test_a_sale_through_the_client(door: Door) -> None:
    one = make.allocation(quantity=5, campaign="FS-C")
    make.gate("FS-C")
    with GateClient(door.url, door.token) as gate:
        lines = [Item(one.sku.code, 2)]
        held = gate.reserve("FS-C", buyer="b", lines=lines, key="k")
        assert gate.reserve("FS-C", buyer="b", lines=lines, key="k") == held
        told = gate.availability("FS-C")
        assert (told.skus, told.checking(timezone.now())) == ({one.sku.code: 3}, False)
        for _ in range(2):
            assert gate.confirm(held.id, order="O-1").shortfall == 0
        other = gate.reserve("FS-C", buyer="b", lines=lines)
        assert [gate.release(other.id) for _ in range(2)] == ["released"] * 2
    (count,) = queries.counters("FS-C", now=timezone.now())
    assert (count.sold, count.reserved, count.left) == (2, 0, 3)
    assert queries.violations() == []


def test_a_repeated_request_gets_the_same_bytes(door: Door) -> None:
    one = make.allocation(quantity=5)
    make.gate()
    first, again = (reserve(door, asked(one.sku.code), "k-1") for _ in range(2))
    assert (first.status_code, first.content) == (201, again.content)
    told = reserve(door, asked(one.sku.code, 2), "k-1")
    assert (told.status_code, told.json()["code"]) == (422, "idempotency_mismatch")


@pytest.mark.timeout(300)
@short_and_long("each", 5, 250)
def test_a_hundred_identical_requests_hold_one_unit(each: int, door: Door) -> None:
    """Five each of twenty shops, or five thousand in all."""
    one = make.allocation(quantity=50)
    make.gate()

    def ask(_: int) -> set[bytes]:
        return {_hundredth(door, one.sku.code) for _ in range(each)}

    got = in_parallel(20, ask)
    assert len(set[bytes]().union(*got)) == 1  # type: ignore[arg-type]
    assert Reservation.objects.count() == 1
    assert queries.counters("FS-1", now=timezone.now())[0].reserved == 1


def _hundredth(door: Door, code: str) -> bytes:
    answer = reserve(door, asked(code), "the-same")
    assert answer.status_code == 201
    return answer.content


def test_sold_out_paused_and_closed_say_so(door: Door) -> None:
    one = make.allocation(quantity=2)
    make.gate()
    told = reserve(door, asked(one.sku.code, 3))
    assert told.status_code == 409
    assert told.json() == {
        "code": "not_enough_stock",
        "message": f"{one.sku.code}: 2 left to sell.",
        "field": "lines[0].units",
        "detail": {"sku": one.sku.code, "left": 2},
    }
    stock.pause_gate("FS-1", now=NOW)
    assert _why(reserve(door, asked(one.sku.code))) == ("gate_paused", "campaign")
    stock.close_gate("FS-1", now=NOW)
    assert _why(reserve(door, asked(one.sku.code))) == ("gate_closed", "campaign")


def _why(told: httpx2.Response) -> tuple[str, str]:
    assert told.is_client_error
    return told.json()["code"], told.json()["field"]


def test_a_payment_says_what_contradicts_it(door: Door) -> None:
    one = make.allocation(quantity=5)
    make.gate()
    there = f"reservations/{reserve(door, asked(one.sku.code)).json()['id']}"
    assert post(door, f"{there}/confirm", {"order": "O-1"}).status_code == 200
    other = post(door, f"{there}/confirm", {"order": "O-2"})
    assert _why(other) == ("confirmed_for_another_order", "order")
    assert _why(post(door, f"{there}/release")) == ("already_confirmed", "id")


NOBODY = UUID("5d3f0a3e-0000-4000-8000-000000000000")
PAID = {"order": "O"}
NO_ORDER = ("bad_request", "order")
BAD = [
    (b"{", 400, "malformed_json", ""),
    (b"[1]", 400, "malformed_json", ""),
    (b"[" * 50_000, 400, "malformed_json", ""),
    (b"\xff\xfe", 400, "malformed_json", ""),
    (b" " * 70_000, 413, "body_too_large", ""),
    (b"x" * 1_000_000, 413, "body_too_large", ""),
    (asked("S", 0), 422, "bad_quantity", "lines[0].units"),
    (asked("S", -1), 422, "bad_quantity", "lines[0].units"),
    (asked("S", 10**30), 422, "bad_quantity", "lines[0].units"),
    (asked("S", 1.5), 422, "bad_request", "lines[0].units"),
    (asked("S", True), 422, "bad_request", "lines[0].units"),
    (asked("S", "1"), 422, "bad_request", "lines[0].units"),
    (asked("no such"), 422, "unknown_sku", "lines[0].sku"),
    (asked("S", 1.0e30), 422, "bad_quantity", "lines[0].units"),
    (asked("S\x00"), 422, "bad_request", "lines[0].sku"),
    (asked("S\u2028"), 422, "bad_request", "lines[0].sku"),
    (asked("S\u202e"), 422, "bad_request", "lines[0].sku"),
    (asked("S", buyer="\ud800"), 422, "bad_request", "buyer"),
    (asked("S", buyer=""), 422, "bad_request", "buyer"),
    (asked("S", buyer=None), 422, "bad_request", "buyer"),
    (asked("S", campaign="FS-9"), 404, "unknown_campaign", "campaign"),
    (asked("S", lines=[]), 422, "bad_request", "lines"),
    (asked("S", lines={}), 422, "bad_request", "lines"),
    (asked("S", lines=[1]), 422, "bad_request", "lines[0]"),
    (asked("S", lines=[{"sku": "S", "units": 1}] * 51), 422, "bad_request", "lines"),
    (asked("S", lines=[{"sku": "S", "units": 1}] * 1600), 422, "bad_request", "lines"),
    (asked("S", lines=[{}] * 10_000), 422, "bad_request", "lines[0]"),
    (asked("S", lines=[{"sku": "S", "units": 1}] * 10_000), 413, "body_too_large", ""),
    (asked("S", ttl_s=0), 422, "bad_request", "ttl_s"),
    (asked("S", ttl_s="9"), 422, "bad_request", "ttl_s"),
    (asked("S", colour="red"), 422, "bad_request", "colour"),
]


@pytest.mark.parametrize("body,status,code,field", BAD, ids=range(len(BAD)))
def test_bad_input_is_told_where(
    door: Door, body: object, status: int, code: str, field: str
) -> None:
    make.gate()
    told = reserve(door, body)
    assert (told.status_code, told.json()["code"], told.json()["field"]) == (
        status,
        code,
        field,
    )
    assert Reservation.objects.count() == 0


def test_a_whole_number_is_one_however_json_spells_it(door: Door) -> None:
    one = make.allocation(quantity=5)
    make.gate()
    told = reserve(door, asked(one.sku.code, 3.0, ttl_s=60.0))
    assert (told.status_code, told.json()["lines"][0]["units"]) == (201, 3)


def test_a_reservation_without_a_key_is_refused(door: Door) -> None:
    told = post(door, "reservations", asked("S"))
    assert (told.status_code, told.json()["field"]) == (422, "Idempotency-Key")


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer nobody"])
def test_a_wrong_key_opens_nothing(door: Door, header: str) -> None:
    told = http.post(
        f"{door.url}/api/gate/v1/reservations",
        headers={"Authorization": header},
    )
    assert told.status_code == 401
    assert told.headers["www-authenticate"] == "Bearer"


def test_a_key_opens_only_what_its_scopes_say(gate_url: str, door: Door) -> None:
    narrow = stock.issue_token("reader", scopes=["gate.read"], actor=None, now=NOW)
    late = timezone.now() - timedelta(seconds=1)
    old = stock.issue_token("old", expires_at=late, actor=None, now=NOW)
    assert _status_with(door, narrow) in {
        (401, "token_unknown"),
        (403, "scope_missing"),
    }
    assert _eventually(door, narrow) == (403, "scope_missing")
    assert _eventually(door, old) == (401, "token_expired")


def _status_with(door: Door, token: str) -> tuple[int, str]:
    told = reserve(Door(door.url, token), asked("S"))
    return told.status_code, told.json()["code"]


def _eventually(door: Door, token: str) -> tuple[int, str]:
    """A new key is known within a fraction of a second."""
    for _ in range(100):
        told = _status_with(door, token)
        if told[1] != "token_unknown":
            break
        time.sleep(0.02)
    return told


def test_another_client_cannot_touch_a_reservation(door: Door) -> None:
    one = make.allocation(quantity=5)
    make.gate()
    held = reserve(door, asked(one.sku.code)).json()["id"]
    other = Door(door.url, stock.issue_token("rival", actor=None, now=NOW))
    assert _eventually(other, other.token)[0] == 422
    for path, body in (("confirm", {"order": "O-1"}), ("release", None)):
        told = post(other, f"reservations/{held}/{path}", body)
        assert (told.status_code, _why(told)) == (404, ("unknown_reservation", "id"))


@pytest.mark.parametrize(
    "path,body,status,why",
    [
        ("reservations/nonsense/confirm", PAID, 404, ("unknown_reservation", "id")),
        ("reservations/nonsense/release", None, 404, ("unknown_reservation", "id")),
        (f"reservations/{NOBODY}/confirm", PAID, 404, ("unknown_reservation", "id")),
        (f"reservations/{NOBODY}/confirm", {"order": ""}, 422, NO_ORDER),
        (f"reservations/{NOBODY}/confirm", {}, 422, NO_ORDER),
        (f"reservations/{NOBODY}/release", None, 404, ("unknown_reservation", "id")),
        ("availability", None, 405, ("method_not_allowed", "")),
        ("nothing", None, 404, ("not_found", "")),
    ],
)
def test_addresses_that_lead_nowhere(
    door: Door, path: str, body: object, status: int, why: tuple[str, str]
) -> None:
    told = post(door, path, body)
    assert (told.status_code, _why(told)) == (status, why)


def test_the_gate_describes_itself(door: Door) -> None:
    told = http.get(f"{door.url}/api/gate/v1/openapi.json").json()
    assert set(told["paths"]) == {
        "/reservations",
        "/reservations/{id}/confirm",
        "/reservations/{id}/release",
        "/waiting",
        "/waiting/{id}",
        "/availability",
        "/scarcity",
    }


def test_the_edge_server_opens_the_gate(transactional_db: None) -> None:
    """One process serves the gate and the live stream, as in production."""
    one = make.allocation(quantity=5)
    make.gate()
    token = stock.issue_token("edge", actor=None, now=NOW)
    edge = gate_process(database_of_tests(), target="config.asgi:application")
    with edge as url, GateClient(url, token) as gate:
        lines = [Item(one.sku.code, 1)]
        held = gate.reserve("FS-1", buyer="b", lines=lines)
        assert gate.confirm(held.id, order="O-1").shortfall == 0
        assert http.get(f"{url}/healthz").status_code == 200


def test_keys_by_command(transactional_db: None, capsys) -> None:
    call_command("gate_token", "issue", "shop", "--scope", "gate.read", "--days", "9")
    assert len(capsys.readouterr().out.strip()) > 40
    call_command("gate_token", "list")
    assert "gate.read" in capsys.readouterr().out
    call_command("gate_token", "revoke", "shop")
    for words in (["revoke", "shop"], ["issue"]):
        with pytest.raises(CommandError):
            call_command("gate_token", *words)
