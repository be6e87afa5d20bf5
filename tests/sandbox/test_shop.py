"""The shop's API: catalogue, prices, stock, settings; who may call it at all."""

from __future__ import annotations

import pytest

from tests.calls import http
from tests.sandbox.stand import Sandbox


def test_sale_prices_lie_over_regular_ones(sandbox: Sandbox) -> None:
    sandbox.sell()
    sandbox.price("FS-1", S_1="7.5", S_2="15")
    first, third = sandbox.get("/shop/prices", sku=["S-1", "S-3"])
    assert first == {
        "sku": "S-1",
        "regular": "10.00",
        "sale": "7.50",
        "campaign": "FS-1",
    }
    assert third["sale"] is None
    sandbox.price("FS-1", S_1=None)
    prices = sandbox.get("/shop/prices")
    assert [row["sale"] for row in prices] == [None, "15.00", None, None]


def test_two_campaigns_keep_their_own_overlays(sandbox: Sandbox) -> None:
    sandbox.sell()
    sandbox.price("FS-1", S_1="7.50")
    sandbox.price("FS-2", S_1="6.00")
    assert sandbox.get("/shop/prices", sku="S-1")[0]["campaign"] == "FS-2"
    sandbox.price("FS-2", S_1=None)
    assert sandbox.get("/shop/prices", sku="S-1")[0]["sale"] == "7.50"


def test_dropped_price_writes_are_accepted_and_missing(sandbox: Sandbox) -> None:
    skus = sandbox.sell(60)
    sandbox.put("/faults", {"shop_price_drop": 0.3})
    prices = dict.fromkeys(skus, "5")
    told = sandbox.put("/shop/prices", {"campaign": "FS-1", "prices": prices})
    assert told == {"accepted": 60}
    missing = [row for row in sandbox.get("/shop/prices") if row["sale"] is None]
    assert 5 < len(missing) < 35


def test_stock_on_display(sandbox: Sandbox) -> None:
    sandbox.sell(2, stock=9)
    sandbox.put("/shop/stock", {"S-1": 3})
    told = sandbox.get("/shop/stock", sku=["S-1", "S-2", "NOPE"])
    assert told == {"S-1": 3, "S-2": 9}
    assert sandbox.get("/shop/products")[0]["stock"] == 3
    page = sandbox.http.get("/shop/p/S-1").text
    assert "3 left" in page and "<time datetime=" in page


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/shop/prices", {"campaign": "F", "prices": {"S-1": "-1"}}, "prices.S-1"),
        ("/shop/prices", {"campaign": "F", "prices": {"X": "1"}}, "prices.X"),
        ("/shop/prices", {"prices": {}}, "campaign"),
        ("/shop/stock", {"S-1": -4}, "S-1"),
        ("/shop/stock", {"X": 4}, "X"),
        ("/shop/products", [{"sku": "A", "name": "A", "price": "x"}], "0.price"),
        ("/shop/config", {"gate_url": "ftp://x"}, "gate_url"),
        ("/shop/config", {"webhook_secret": "whsec_%%"}, "webhook_secret"),
        ("/shop/config", {"curve": {"peak_per_s": -1}}, "curve.peak_per_s"),
        ("/shop/config", {"colour": "red"}, "colour"),
        ("/faults", {"cloud_429": 2}, "cloud_429"),
        ("/faults", {"cloud_4299": 1}, "cloud_4299"),
    ],
)
def test_bad_input_names_its_field(
    sandbox: Sandbox, path: str, body: object, field: str
) -> None:
    sandbox.sell()
    reply = sandbox.http.put(path, json=body)
    assert (reply.status_code, reply.json()["field"]) == (400, field)
    assert reply.json()["message"].startswith(f"{field}: ")
    assert reply.json()["message"].endswith(".")


def test_every_api_wants_the_token_and_pages_do_not(sandbox: Sandbox) -> None:
    sandbox.sell()
    closed = ["/faults", "/stats", "/cloud/groups", "/shop/products"]
    closed += ["/shop/shoppers", "/cdn/stats", "/erp/stats", "/shop/config"]
    for path in closed:
        assert http.get(sandbox.url + path).status_code == 401
        wrong = {"authorization": "Bearer nearly"}
        assert http.get(sandbox.url + path, headers=wrong).status_code == 401
        assert sandbox.http.get(path).status_code == 200
    for path in ("/edge/p/S-1", "/shop/p/S-1"):
        assert http.get(sandbox.url + path).status_code == 200
    assert http.get(f"{sandbox.url}/healthz").json()["ok"] is True


def test_secrets_are_not_shown(sandbox: Sandbox) -> None:
    sandbox.put(
        "/shop/config", {"gate_token": "hush", "webhook_secret": "whsec_aHVzaA=="}
    )
    told = sandbox.http.get("/shop/config")
    assert "hush" not in told.text and "aHVzaA" not in told.text
    assert told.json()["gate_token"] is True


def test_a_sku_may_be_spelled_with_any_sign(sandbox: Sandbox) -> None:
    row = {"sku": "A/B ü&1", "name": "<b>Hat</b>", "price": "3"}
    sandbox.put("/shop/products", [row])
    page = http.get(f"{sandbox.url}/edge/p/A%2FB%20%C3%BC%261")
    assert page.status_code == 200
    assert "&lt;b&gt;Hat" in page.text and "A/B ü&amp;1" in page.text
    body = {"tags": ["sku-A/B ü&1"], "soft": False}
    assert sandbox.http.post("/cdn/purge", json=body).json()["objects"] == 1
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_unknown_addresses_and_methods(sandbox: Sandbox) -> None:
    assert sandbox.http.get("/nowhere").status_code == 404
    reply = sandbox.http.post("/faults", json={})
    assert reply.status_code == 405 and "GET or PUT" in reply.json()["message"]


def test_pages_take_longer_the_more_are_rendered(sandbox: Sandbox) -> None:
    skus = sandbox.sell(30)
    sandbox.put("/shop/config", {"render_ms": 100})
    alone = _ms(sandbox, skus[:1])
    together = _ms(sandbox, skus)
    assert together > alone * 1.5


def _ms(sandbox: Sandbox, skus: list[str]) -> float:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(skus)) as pool:
        pages = pool.map(lambda sku: sandbox.http.get(f"/shop/p/{sku}"), skus)
        return max(page.elapsed.total_seconds() for page in pages)
