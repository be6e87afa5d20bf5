"""The ERP: a limited rate, a freezer, and a memory for keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx2

from tests.sandbox.stand import Sandbox


def _send(sandbox: Sandbox, ref: str, key: str = "") -> httpx2.Response:
    headers = {"Idempotency-Key": key or f"key-{ref}"}
    return sandbox.http.post("/erp/orders", json={"ref": ref}, headers=headers)


def test_the_same_key_is_the_same_order(sandbox: Sandbox) -> None:
    assert _send(sandbox, "A-1").status_code == 201
    again = _send(sandbox, "A-1")
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert _send(sandbox, "A-2", key="key-A-1").status_code == 422
    stats = sandbox.get("/erp/stats")
    assert (stats["orders"], stats["duplicates"], stats["double_refs"]) == (1, 1, 0)


def test_two_keys_for_one_order_are_counted_as_harm(sandbox: Sandbox) -> None:
    assert _send(sandbox, "A-1", key="one").status_code == 201
    assert _send(sandbox, "A-1", key="two").status_code == 201
    assert sandbox.get("/erp/stats")["double_refs"] == 1


def test_twins_at_once_make_one_order(sandbox: Sandbox) -> None:
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda _: _send(sandbox, "A-1"), range(6)))
    assert sorted(reply.status_code for reply in replies) == [200] * 5 + [201]
    assert sandbox.get("/erp/stats")["orders"] == 1


def test_faster_than_its_rate_is_throttled(sandbox: Sandbox) -> None:
    sandbox.put("/faults", {"erp_rate_per_s": 5})
    replies = [_send(sandbox, f"A-{number}") for number in range(20)]
    refused = [reply for reply in replies if reply.status_code == 429]
    assert len(refused) >= 10
    assert int(refused[0].headers["retry-after"]) >= 1
    stats = sandbox.get("/erp/stats")
    assert stats["orders"] + stats["throttled"] == 20
    assert sandbox.get("/erp/health")["error_share"] == 0


def test_frozen_takes_nothing_but_still_knows_and_says_so(sandbox: Sandbox) -> None:
    _send(sandbox, "A-1")
    sandbox.put("/faults", {"erp_frozen": True})
    reply = _send(sandbox, "A-2")
    assert reply.status_code == 503 and reply.headers["retry-after"]
    asked = sandbox.http.post("/erp/orders/known", json={"refs": ["A-1", "A-2"]})
    assert asked.json() == {"known": ["A-1"]}
    health = sandbox.get("/erp/health")
    assert (health["ok"], health["note"]) == (False, "Frozen: takes no orders")
    sandbox.put("/faults", {"erp_frozen": False})
    assert _send(sandbox, "A-2").status_code == 201


def test_a_poisoned_order_is_refused_for_good_and_others_pass(sandbox: Sandbox) -> None:
    sandbox.put("/faults", {"erp_reject_ref": "BAD"})
    assert _send(sandbox, "BAD-1").status_code == 422
    assert _send(sandbox, "A-1").status_code == 201


def test_no_key_or_no_ref_is_refused_naming_it(sandbox: Sandbox) -> None:
    reply = sandbox.http.post("/erp/orders", json={"ref": "A-1"})
    assert (reply.status_code, reply.json()["field"]) == (400, "Idempotency-Key")
    key = {"Idempotency-Key": "k"}
    reply = sandbox.http.post("/erp/orders", json={"total": 1}, headers=key)
    assert (reply.status_code, reply.json()["field"]) == (400, "ref")
    reply = sandbox.http.post("/erp/orders", content=b"{", headers=key)
    assert reply.status_code == 400
