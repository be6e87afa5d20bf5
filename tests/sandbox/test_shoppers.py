"""Shoppers: they come with the sale price, reserve, pay, abandon, and go."""

from __future__ import annotations

import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.sandbox.stand import Console, Sandbox, until


def _open(sandbox: Sandbox, console: Console, **curve: Any) -> None:
    sandbox.sell()
    sandbox.put("/shop/config", console.config(**curve))
    sandbox.price("FS-1", S_1="7.50", S_2="15", S_3="22")


def _close(sandbox: Sandbox) -> dict[str, Any]:
    """End the sale prices and wait until the last shopper has left."""
    sandbox.price("FS-1", S_1=None, S_2=None, S_3=None)
    return until(lambda: _done(sandbox), within_s=20)


def _done(sandbox: Sandbox) -> dict[str, Any] | None:
    told = sandbox.get("/shop/shoppers")
    return told if not told["inside"] and not told["webhooks_owed"] else None


def test_a_sale_brings_signed_orders_and_its_end_silence(
    sandbox: Sandbox, console: Console
) -> None:
    _open(sandbox, console)
    until(lambda: len(console.hooks) >= 20)
    told = _close(sandbox)
    asked = len(console.asked)
    time.sleep(0.6)
    assert len(console.asked) == asked
    assert console.forged == 0
    assert told["reserved"] == len(console.held)
    assert told["paid"] + told["abandoned"] == told["reserved"]
    assert told["paid"] == len({hook["id"] for hook in console.hooks})
    assert told["released"] == len(console.released) <= told["abandoned"]
    assert told["browsed"] > 0 and sandbox.get("/cdn/stats")["hits"] > 0


def test_an_order_says_what_was_reserved_at_the_sale_price(
    sandbox: Sandbox, console: Console
) -> None:
    _open(sandbox, console, two_lines_share=0.5)
    until(lambda: len(console.hooks) >= 10)
    _close(sandbox)
    held = {one["id"]: one["lines"] for one in console.held.values()}
    prices = {"S-1": 7.5, "S-2": 15.0, "S-3": 22.0}
    for hook in console.hooks:
        order = hook["order"]
        assert hook["type"] == "order.paid" and order["campaign"] == "FS-1"
        lines = [{"sku": x["sku"], "units": x["units"]} for x in order["lines"]]
        assert lines == held[order["reservation"]]
        assert all(float(x["price"]) == prices[x["sku"]] for x in order["lines"])
        total = sum(float(x["price"]) * x["units"] for x in order["lines"])
        assert float(order["total"]) == total
        assert order["currency"] == "EUR" and order["placed_at"].endswith("+00:00")
    assert any(len(hook["order"]["lines"]) == 2 for hook in console.hooks)


def test_webhooks_are_tried_again_under_the_same_id(
    sandbox: Sandbox, console: Console
) -> None:
    console.fail = 5
    _open(sandbox, console, duplicate_share=0)
    until(lambda: len(console.hooks) >= 10)
    told = _close(sandbox)
    ids = [hook["id"] for hook in console.hooks]
    assert set(console.failed_ids) <= set(ids)
    assert len(ids) == len(set(ids)) == told["paid"]
    assert told["webhook_failures"] == 5


def test_some_orders_are_told_twice_on_purpose(
    sandbox: Sandbox, console: Console
) -> None:
    _open(sandbox, console, duplicate_share=0.5)
    until(lambda: len(console.hooks) >= 20)
    _close(sandbox)
    until(lambda: max(Counter(h["id"] for h in console.hooks).values()) == 2)


def test_sold_out_is_refused_and_never_oversold(
    sandbox: Sandbox, console: Console
) -> None:
    console.left = {"S-1": 5, "S-2": 5, "S-3": 5}
    _open(sandbox, console, abandon_share=0)
    until(lambda: sum(console.left.values()) == 0)
    told = _close(sandbox)
    sold = sum(x["units"] for h in console.hooks for x in h["order"]["lines"])
    unique = {h["id"]: h["order"]["lines"] for h in console.hooks}
    assert sum(x["units"] for lines in unique.values() for x in lines) == 15 <= sold
    assert told["refused"] > 0 and told["refusals"]["not_enough_stock"] > 0


def test_shoppers_wait_a_moment_for_a_gate_that_is_not_open(
    sandbox: Sandbox, console: Console
) -> None:
    console.closed = "unknown_campaign"
    _open(sandbox, console)
    until(lambda: sandbox.get("/shop/shoppers")["inside"] >= 10)
    console.closed = ""
    until(lambda: len(console.hooks) >= 10)
    assert sandbox.get("/shop/shoppers")["left"] == 0


def test_a_closed_gate_sends_them_away(sandbox: Sandbox, console: Console) -> None:
    console.closed = "gate_closed"
    _open(sandbox, console)
    until(lambda: sandbox.get("/shop/shoppers")["left"] >= 10)
    assert sandbox.get("/shop/shoppers")["refusals"]["gate_closed"] >= 10
    assert not console.hooks


def test_some_pay_too_late(sandbox: Sandbox, console: Console) -> None:
    console.hold_s = 0.2
    _open(sandbox, console, late_share=1, abandon_share=0)
    until(lambda: len(console.hooks) >= 3)
    told = sandbox.get("/shop/shoppers")
    assert told["paid"] >= 3


def test_one_seed_brings_the_same_people(tmp_path: Path) -> None:
    first = _requests(tmp_path / "one", "alpha")
    assert first == _requests(tmp_path / "two", "alpha")
    assert first != _requests(tmp_path / "three", "beta")


def _requests(state: Path, seed: str) -> list[Any]:
    """What the first shoppers ask for, by their number."""
    with Console() as console:
        sandbox = Sandbox(state, seed=seed).start()
        try:
            _open(sandbox, console)
            until(lambda: len(console.asked) >= 30)
        finally:
            sandbox.stop()
        by_number = {int(x["key"].split("/")[3]): x["lines"] for x in console.asked}
    return [by_number[number] for number in sorted(by_number)[:20]]


def test_popularity_is_uneven(sandbox: Sandbox, console: Console) -> None:
    skus = sandbox.sell(10)
    sandbox.put("/shop/config", console.config(peak_per_s=100, floor_per_s=100))
    prices = dict.fromkeys(skus, "5")
    sandbox.put("/shop/prices", {"campaign": "FS-1", "prices": prices})
    until(lambda: len(console.asked) >= 200)
    wanted = Counter(asked["lines"][0]["sku"] for asked in console.asked)
    assert wanted.most_common(1)[0][1] > 2.5 * wanted.most_common()[-1][1]


def test_a_restart_goes_on_where_the_world_was(tmp_path: Path) -> None:
    with Console() as console:
        console.fail = 10_000
        sandbox = Sandbox(tmp_path / "world").start()
        try:
            _open(sandbox, console)
            sandbox.put("/cloud/groups", [{"name": "web", "floor": 3}])
            headers = {"Idempotency-Key": "k"}
            sandbox.http.post("/erp/orders", json={"ref": "A-1"}, headers=headers)
            until(lambda: sandbox.get("/shop/shoppers")["webhooks_owed"] >= 5)
            time.sleep(1.2)
            sandbox.stop(signal.SIGKILL)
            keys, console.fail = {x["key"] for x in console.asked}, 0
            sandbox.start()
            assert sandbox.get("/shop/prices", sku="S-1")[0]["sale"] == "7.50"
            assert sandbox.get("/cloud/groups/web")["floor"] == 3
            assert sandbox.get("/erp/stats")["orders"] == 1
            until(lambda: set(console.failed_ids) & {h["id"] for h in console.hooks})
            until(lambda: len(console.asked) >= len(keys) + 10)
            numbers = Counter(asked["key"] for asked in console.asked)
            assert max(numbers.values()) == 1
        finally:
            sandbox.stop()


def test_what_pulls_more_is_asked_for_more(sandbox: Sandbox, console: Console) -> None:
    rows = [
        {"sku": "A", "name": "A", "price": "9", "pull": 9},
        {"sku": "B", "name": "B", "price": "9", "pull": 1},
    ]
    sandbox.put("/shop/products", rows)
    sandbox.put("/shop/config", console.config(peak_per_s=100, floor_per_s=100))
    sandbox.price("FS-1", A="5", B="5")
    until(lambda: len(console.asked) >= 100)
    wanted = Counter(asked["lines"][0]["sku"] for asked in console.asked[:100])
    assert wanted["A"] > 75
