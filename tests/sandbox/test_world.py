"""The end of a world: nothing of it is left, and the next one begins like the first."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.sandbox.stand import Console, Sandbox, until


def _filled(sandbox: Sandbox, console: Console) -> None:
    """A world with products, shoppers, an order, a fault and webhooks it owes."""
    console.fail = 10_000
    sandbox.sell()
    sandbox.put("/shop/config", console.config())
    sandbox.put("/cloud/groups", [{"name": "web", "floor": 9}])
    key = {"Idempotency-Key": "k"}
    sandbox.http.post("/erp/orders", json={"ref": "A-1"}, headers=key)
    sandbox.http.get("/edge/p/S-1")
    sandbox.price("FS-1", S_1="7.50")
    sandbox.put("/faults", {"erp_frozen": True})
    until(lambda: sandbox.get("/shop/shoppers")["webhooks_owed"] >= 5)


def _left(sandbox: Sandbox) -> list[object]:
    """What a world without a past has none of."""
    shoppers = sandbox.get("/shop/shoppers")
    return [
        sandbox.get("/shop/products"),
        sandbox.get("/shop/config")["gate_url"],
        sandbox.get("/faults")["erp_frozen"],
        sandbox.get("/erp/stats")["orders"],
        sandbox.get("/cdn/stats")["objects"],
        [shoppers[name] for name in ("arrived", "inside", "webhooks_owed")],
        sandbox.get("/cloud/groups/web")["floor"],
    ]


NEW = [[], "", False, 0, 0, [0, 0, 0], 4]


def test_nothing_is_left_and_nobody_calls(sandbox: Sandbox, console: Console) -> None:
    _filled(sandbox, console)
    sandbox.end_world()
    assert _left(sandbox) == NEW
    time.sleep(0.2)
    asked, failed = len(console.asked), len(console.failed_ids)
    time.sleep(1)
    assert (len(console.asked), len(console.failed_ids)) == (asked, failed)


def test_nothing_comes_back_after_a_crash(tmp_path: Path, console: Console) -> None:
    sandbox = Sandbox(tmp_path / "world").start()
    try:
        _filled(sandbox, console)
        sandbox.end_world()
        sandbox.stop(signal.SIGKILL)
        sandbox.start()
        assert _left(sandbox) == NEW
    finally:
        sandbox.stop()


def test_the_dice_start_anew(sandbox: Sandbox) -> None:
    first = _missed(sandbox)
    assert first
    sandbox.end_world()
    assert _missed(sandbox) == first


def test_control_without_an_end_the_dice_go_on(sandbox: Sandbox) -> None:
    assert _missed(sandbox) != _missed(sandbox)


def test_ends_at_once_leave_one_world(sandbox: Sandbox, console: Console) -> None:
    _filled(sandbox, console)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: sandbox.end_world(), range(8)))
    assert _left(sandbox) == NEW
    time.sleep(0.2)
    asked, failed = len(console.asked), len(console.failed_ids)
    time.sleep(1)
    assert (len(console.asked), len(console.failed_ids)) == (asked, failed)


def _missed(sandbox: Sandbox) -> list[str]:
    """Which of sixty price writes get lost."""
    prices = dict.fromkeys(sandbox.sell(60), "5")
    sandbox.put("/faults", {"shop_price_drop": 0})
    sandbox.put("/shop/prices", {"campaign": "FS-1", "prices": dict.fromkeys(prices)})
    sandbox.put("/faults", {"shop_price_drop": 0.3})
    sandbox.put("/shop/prices", {"campaign": "FS-1", "prices": prices})
    rows = sandbox.get("/shop/prices")
    return [row["sku"] for row in rows if row["sale"] is None]
