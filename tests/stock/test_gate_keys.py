"""What a key opens over HTTP, call by call; and how soon one is known, or no more."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import httpx2
import pytest

from console.stock import operations as stock
from console.stock.models import Allocation, ApiToken
from console.stock.rules import TokenScope
from console.stock.tokens import FRESH_S, PATIENCE_S
from tests import make
from tests.calls import http
from tests.make import NOW
from tests.stock.conftest import Door
from tests.stock.test_gate import asked

GRACE_S = 1.5
"""For an answer on a machine that is busy with other tests."""


@dataclass(frozen=True)
class Call:
    """One call of the gate: what it needs, and what it answers who may."""

    scope: TokenScope
    method: str
    path: str
    status: int
    body: Callable[[Allocation], object] = lambda _one: None


def _order(_one: Allocation) -> object:
    return {"order": "O-1"}


def _wait(one: Allocation) -> object:
    return {"campaign": "FS-1", "sku": one.sku.code, "buyer": "b-2"}


RESERVE, CONFIRM, READ = TokenScope.RESERVE, TokenScope.CONFIRM, TokenScope.READ
CALLS = {
    "reserve": Call(RESERVE, "POST", "reservations", 201, lambda x: asked(x.sku.code)),
    "confirm": Call(CONFIRM, "POST", "reservations/{held}/confirm", 200, _order),
    "release": Call(RESERVE, "POST", "reservations/{held}/release", 200),
    "wait": Call(RESERVE, "POST", "waiting", 409, _wait),
    "waiting": Call(RESERVE, "GET", "waiting/{nobody}", 404),
    "leave": Call(RESERVE, "DELETE", "waiting/{nobody}", 404),
    "availability": Call(READ, "GET", "availability?campaign=FS-1", 200),
    "scarcity": Call(READ, "GET", "scarcity?campaign=FS-1&sku={sku}", 200),
}
"""Nobody waits, and all can be had: who may is told so, who may not is told that."""


@pytest.fixture
def narrow(door: Door) -> dict[TokenScope, Door]:
    """A key of the same client for each scope alone."""
    issued = {
        scope: Door(
            door.url,
            stock.issue_token(
                f"only {scope}", client="shop", scopes=[scope], actor=None, now=NOW
            ),
        )
        for scope in TokenScope
    }
    time.sleep(PATIENCE_S + 0.05)
    return issued


def send(door: Door, call: Call, one: Allocation, held: str) -> httpx2.Response:
    path = call.path.format(held=held, nobody=uuid4(), sku=one.sku.code)
    return http.request(
        call.method,
        f"{door.url}/api/gate/v1/{path}",
        json=call.body(one),
        headers={
            "Authorization": f"Bearer {door.token}",
            "Idempotency-Key": uuid4().hex,
        },
    )


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_open_to_a_key_of_its_scope_and_to_no_other(
    narrow: dict[TokenScope, Door], name: str
) -> None:
    one, call = make.allocation(quantity=5), CALLS[name]
    make.gate()
    held = send(narrow[RESERVE], CALLS["reserve"], one, "").json()["id"]
    for scope in set(TokenScope) - {call.scope}:
        told = send(narrow[scope], call, one, held)
        assert (told.status_code, told.json()["code"]) == (403, "scope_missing"), scope
        assert call.scope in told.json()["message"]
    assert send(narrow[call.scope], call, one, held).status_code == call.status


def test_the_matrix_has_every_call_of_the_description(gate_url: str) -> None:
    told = http.get(f"{gate_url}/api/gate/v1/openapi.json").json()["paths"]
    described = {work["operationId"] for one in told.values() for work in one.values()}
    assert described == set(CALLS)


def status(door: Door) -> int:
    there = f"{door.url}/api/gate/v1/availability?campaign=FS-1"
    headers = {"Authorization": f"Bearer {door.token}"}
    return http.get(there, headers=headers).status_code


def until(door: Door, wanted: int) -> float:
    """Seconds until this is the answer, asked again and again; before it another is."""
    began = time.monotonic()
    while (told := status(door)) != wanted:
        assert told in (200, 401)
        assert time.monotonic() - began < FRESH_S + GRACE_S, told
        time.sleep(0.05)
    return time.monotonic() - began


def test_a_revoked_key_is_refused_and_a_new_one_known_in_the_promised_time(
    door: Door,
) -> None:
    """While it is in use, so that nobody but the gate itself looks again."""
    make.gate()
    assert status(door) == 200
    stock.revoke_token(ApiToken.objects.get().pk, actor=None, now=NOW)
    until(door, 401)
    new = Door(door.url, stock.issue_token("shop", actor=None, now=NOW))
    until(new, 200)
    assert status(door) == 401


def test_a_key_that_was_revoked_while_the_gate_was_idle_is_refused_at_once(
    door: Door,
) -> None:
    make.gate()
    assert status(door) == 200
    stock.revoke_token(ApiToken.objects.get().pk, actor=None, now=NOW)
    time.sleep(FRESH_S + 0.1)
    assert status(door) == 401


def test_a_key_that_is_issued_anew_replaces_the_one_of_its_name(door: Door) -> None:
    make.gate()
    assert status(door) == 200
    new = Door(door.url, stock.issue_token("shop", actor=None, now=NOW))
    until(new, 200)
    until(door, 401)
