"""What can be broken on purpose, beyond what the parts' own tests break."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx2

from config.env import ROOT
from tests.calls import http
from tests.sandbox.stand import TOKEN, Console, Sandbox, free_port, until


def _cart(sandbox: Sandbox, sku: str, units: int = 1) -> httpx2.Response:
    body = {"sku": sku, "units": units}
    return http.post(f"{sandbox.url}/edge/cart", json=body)


def test_a_teaser_cannot_be_bought_before_its_sale(sandbox: Sandbox) -> None:
    row = {"sku": "T", "name": "Tease", "price": "30", "teaser": True}
    sandbox.put("/shop/products", [row])
    assert "Coming soon" in sandbox.http.get("/shop/p/T").text
    assert _cart(sandbox, "T").status_code == 409
    sandbox.put("/faults", {"shop_open_early": True})
    assert _cart(sandbox, "T").status_code == 201
    assert "Coming soon" in sandbox.http.get("/shop/p/T").text
    sandbox.put("/faults", {"shop_open_early": None})
    sandbox.price("FS-1", T="19")
    assert _cart(sandbox, "T").json()["price"] == "19.00"


def test_page_and_basket_agree_unless_told_otherwise(sandbox: Sandbox) -> None:
    sandbox.sell(stock=2)
    sandbox.price("FS-1", S_1="7.50")
    assert _cart(sandbox, "S-1").json()["price"] == "7.50"
    sandbox.put("/faults", {"cart_price_old": True})
    assert _cart(sandbox, "S-1").json()["price"] == "10.00"
    assert _cart(sandbox, "S-1", 3).json()["field"] == "units"
    assert _cart(sandbox, "NOPE").status_code == 404


def test_somebody_else_puts_a_floor_back(sandbox: Sandbox) -> None:
    version = sandbox.get("/cloud/groups/web")["version"]
    sandbox.put("/faults", {"cloud_floor_reset_s": 0.4})
    any_version = {"If-Match": version}
    sandbox.http.patch("/cloud/groups/web", json={"floor": 9}, headers=any_version)
    raised = sandbox.get("/cloud/groups/web")
    assert raised["floor"] == 9
    until(lambda: sandbox.get("/cloud/groups/web")["floor"] == 4, within_s=2)
    assert sandbox.get("/cloud/groups/web")["version"] != raised["version"]


def test_purges_have_a_budget(sandbox: Sandbox) -> None:
    sandbox.put("/faults", {"cdn_purge_rate_per_s": 2})
    body = {"tags": ["any"]}
    replies = [sandbox.http.post("/cdn/purge", json=body) for _ in range(6)]
    refused = [reply for reply in replies if reply.status_code == 429]
    assert refused and int(refused[0].headers["retry-after"]) >= 1


def test_parts_can_be_slow(sandbox: Sandbox) -> None:
    sandbox.put("/faults", {"shop_slow_s": 0.3})
    began = time.monotonic()
    sandbox.get("/shop/prices")
    assert time.monotonic() - began >= 0.3
    assert sandbox.get("/shop/health")["p95_ms"] >= 300
    assert sandbox.get("/erp/health")["p95_ms"] is None


def test_failures_count_in_health(sandbox: Sandbox) -> None:
    sandbox.put("/faults", {"erp_500": 1})
    headers = {"Idempotency-Key": "k"}
    reply = sandbox.http.post("/erp/orders", json={"ref": "A"}, headers=headers)
    assert reply.status_code == 500
    health = sandbox.get("/erp/health")
    assert (health["ok"], health["error_share"]) == (False, 1)
    assert sandbox.get("/stats")["erp"] == health
    assert http.get(f"{sandbox.url}/healthz").json()["parts"]["erp"] is False


def test_one_call_puts_everything_right(sandbox: Sandbox) -> None:
    sandbox.put("/faults", {"erp_frozen": True, "cloud_429": 0.5})
    normal = sandbox.http.delete("/faults").json()
    assert normal["erp_frozen"] is False and normal["cloud_429"] == 0
    assert sandbox.get("/faults") == normal


def test_double_clicks_meet_one_hold(sandbox: Sandbox, console: Console) -> None:
    sandbox.sell()
    sandbox.put("/shop/config", console.config(double_click_share=1))
    sandbox.price("FS-1", S_1="7.50")
    told = until(lambda: _double(sandbox))
    assert told["double_holds"] == 0


def _double(sandbox: Sandbox) -> dict[str, int] | None:
    told: dict[str, int] = sandbox.get("/shop/shoppers")
    return told if told["double_clicks"] >= 10 else None


def test_the_front_page_shows_the_world_and_nothing_inline(
    sandbox: Sandbox, console: Console
) -> None:
    sandbox.sell()
    sandbox.put("/shop/config", console.config())
    sandbox.price("FS-<1>", S_1="7.50")
    until(lambda: sandbox.get("/shop/shoppers")["paid"] >= 3)
    sandbox.put("/faults", {"erp_frozen": True})
    page = http.get(sandbox.url)
    assert page.status_code == 200
    for words in ["7.50 EUR", "/edge/p/S-1", "FS-&lt;1&gt;", "erp_frozen", "Frozen"]:
        assert words in page.text
    assert "style=" not in page.text and "onclick" not in page.text
    assert "unsafe" not in page.headers["content-security-policy"]
    for name in ["sandbox.css", "sandbox.js"]:
        assert http.get(f"{sandbox.url}/{name}").status_code == 200


def test_it_does_not_start_without_a_token_or_a_place_to_write(tmp_path: Path) -> None:
    assert "Set SANDBOX_TOKEN" in _fails({"SANDBOX_TOKEN": ""})
    nowhere = str(tmp_path / "no" / "such" / "file")
    said = _fails({"SANDBOX_TOKEN": TOKEN, "SANDBOX_STATE": nowhere})
    assert "SANDBOX_STATE cannot be opened" in said


def _fails(env: dict[str, str]) -> str:
    words = ["-m", "granian", "--interface", "asgi", "--port", str(free_port())]
    ended = subprocess.run(
        [sys.executable, *words, "sandbox.app:app"],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert ended.returncode != 0
    return ended.stdout + ended.stderr


def test_every_switch_setting_and_address_is_documented(sandbox: Sandbox) -> None:
    page = (ROOT / "docs/sandbox.md").read_text()
    config = sandbox.get("/shop/config")
    names = [*sandbox.get("/faults"), *config, *config["curve"]]
    assert [name for name in names if name not in page] == []
    sources = "".join(p.read_text() for p in (ROOT / "sandbox").glob("*.py"))
    paths = set(re.findall(r'router\.add\("\w+", f?"(/[^"{]*)', sources)) - {"/"}
    assert [path for path in paths if path.rstrip("/") not in page] == []
