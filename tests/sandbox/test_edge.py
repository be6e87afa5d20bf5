"""The edge: hits, misses, age, soft and hard purge by tag."""

from __future__ import annotations

import concurrent.futures
import time

import httpx2

from tests.calls import http
from tests.sandbox.stand import Sandbox, until


def _page(sandbox: Sandbox, sku: str = "S-1") -> httpx2.Response:
    return http.get(f"{sandbox.url}/edge/p/{sku}")


def _cache(sandbox: Sandbox, sku: str = "S-1") -> str:
    return _page(sandbox, sku).headers["x-cache"]


def test_first_a_miss_then_hits_with_age(sandbox: Sandbox) -> None:
    sandbox.sell()
    first = _page(sandbox)
    assert (first.status_code, first.headers["x-cache"]) == (200, "MISS")
    assert first.headers["surrogate-key"] == "sku-S-1"
    assert "max-age=60" in first.headers["cache-control"]
    time.sleep(1.1)
    again = _page(sandbox)
    assert again.headers["x-cache"] == "HIT" and int(again.headers["age"]) >= 1
    assert again.content == first.content
    stats = sandbox.get("/cdn/stats")
    assert (stats["hits"], stats["misses"], stats["objects"]) == (1, 1, 1)


def test_a_page_grows_stale_and_is_renewed_behind_the_scenes(sandbox: Sandbox) -> None:
    sandbox.sell()
    sandbox.put("/shop/config", {"page_ttl_s": 1})
    assert _cache(sandbox) == "MISS"
    time.sleep(1.05)
    assert _cache(sandbox) == "STALE"
    until(lambda: _cache(sandbox) == "HIT")


def test_a_sale_price_shows_only_after_the_purge(sandbox: Sandbox) -> None:
    sandbox.sell()
    old = _page(sandbox).text
    sandbox.price("FS-1", S_1="7.50")
    assert _page(sandbox).text == old
    told = sandbox.http.post("/cdn/purge", json={"tags": ["sku-S-1"], "soft": False})
    assert told.json()["objects"] == 1
    new = _page(sandbox)
    assert new.headers["x-cache"] == "MISS"
    assert "7.50" in new.text and "<s>10.00 EUR</s>" in new.text
    assert new.headers["surrogate-key"] == "sku-S-1 campaign-FS-1"


def test_a_soft_purge_serves_stale_once_and_then_the_new_page(sandbox: Sandbox) -> None:
    sandbox.sell()
    _page(sandbox)
    sandbox.price("FS-1", S_1="7.50")
    sandbox.http.post("/cdn/purge", json={"tags": ["sku-S-1"]})
    stale = _page(sandbox)
    assert stale.headers["x-cache"] == "STALE" and "7.50 EUR" not in stale.text
    new = until(lambda: _hit(sandbox))
    assert "7.50 EUR" in new.text


def _hit(sandbox: Sandbox) -> httpx2.Response | None:
    page = _page(sandbox)
    return page if page.headers["x-cache"] == "HIT" else None


def test_a_purge_of_one_campaign_leaves_other_pages(sandbox: Sandbox) -> None:
    sandbox.sell()
    sandbox.price("FS-1", S_1="7.50")
    _page(sandbox), _page(sandbox, "S-2")
    body = {"tags": ["campaign-FS-1"], "soft": False}
    assert sandbox.http.post("/cdn/purge", json=body).json()["objects"] == 1
    assert (_cache(sandbox, "S-1"), _cache(sandbox, "S-2")) == ("MISS", "HIT")


def test_a_page_rendered_before_the_purge_is_not_kept_after_it(
    sandbox: Sandbox,
) -> None:
    sandbox.sell()
    sandbox.put("/faults", {"origin_slow_s": 2})
    with concurrent.futures.ThreadPoolExecutor() as pool:
        slow = pool.submit(_page, sandbox)
        time.sleep(0.7)
        sandbox.http.post("/cdn/purge", json={"tags": ["sku-S-1"], "soft": False})
        assert slow.result().headers["x-cache"] == "MISS"
    assert sandbox.get("/cdn/stats")["objects"] == 0


def test_callers_of_one_page_share_a_fill(sandbox: Sandbox) -> None:
    sandbox.sell()
    sandbox.put("/faults", {"origin_slow_s": 0.3})
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: _page(sandbox), range(8)))
    assert sandbox.get("/shop/health")["per_s"] == round(1 / 15, 2)


def test_a_broken_origin_hides_behind_a_kept_page(sandbox: Sandbox) -> None:
    sandbox.sell()
    sandbox.put("/shop/config", {"page_ttl_s": 1, "page_stale_s": 0})
    _page(sandbox)
    time.sleep(1.05)
    sandbox.put("/faults", {"shop_500": 1})
    assert _cache(sandbox) == "STALE"
    assert _page(sandbox, "S-2").status_code == 500


def test_a_dropped_purge_is_accepted_and_does_nothing(sandbox: Sandbox) -> None:
    sandbox.sell()
    _page(sandbox)
    sandbox.put("/faults", {"cdn_purge_drop": 1})
    body = {"tags": ["sku-S-1"], "soft": False}
    assert sandbox.http.post("/cdn/purge", json=body).status_code == 200
    assert _cache(sandbox) == "HIT"


def test_an_unknown_page_is_not_kept(sandbox: Sandbox) -> None:
    assert _page(sandbox, "NOPE").status_code == 404
    assert _page(sandbox, "NOPE").headers["x-cache"] == "MISS"
