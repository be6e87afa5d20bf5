"""Steps at the cache: warm in two passes, purge and read back."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from console.capacity import warming
from console.providers.operations import open_port
from console.providers.ports import Storefront
from console.runbook.models import Step
from console.runbook.rules import State
from tests.capacity.stepping import a_step
from tests.sandboxed import SKUS, Sandbox
from tests.ticking import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def _urls() -> list[str]:
    return open_port(Storefront, "shop").urls(SKUS)


def test_pages_are_warmed_in_two_passes() -> None:
    step = run(a_step("warm", connection="cdn", urls=_urls()))
    assert step.state == State.VERIFIED
    assert step.seen["hit_share"] == 1
    assert len(step.seen["ttfb_ms"]) == 2
    assert "100% from cache" in step.note


def test_a_page_that_is_not_there_fails_with_its_address() -> None:
    urls = [*_urls(), _urls()[0] + "-gone"]
    step = run(a_step("warm", connection="cdn", urls=urls))
    assert step.state == State.FAILED
    assert "-gone (404)" in step.error


def test_a_cache_that_does_not_keep_pages_is_told(world: Sandbox) -> None:
    world.tell("PUT", "/shop/config", {"page_ttl_s": 0})
    try:
        step = run(a_step("warm", connection="cdn", urls=_urls()))
    finally:
        world.tell("PUT", "/shop/config", {"page_ttl_s": 60})
    assert step.state == State.FAILED
    assert "Only 0% of the pages stay in the cache" in step.error


def test_warming_backs_off_when_the_origin_slows(world: Sandbox) -> None:
    pages = [
        {"sku": f"P{n}", "name": "P", "price": "1.00", "stock": 1} for n in range(40)
    ]
    world.tell("PUT", "/shop/products", pages)
    tags = [f"sku-P{n}" for n in range(40)]
    world.tell("POST", "/cdn/purge", {"tags": tags, "soft": False})
    urls = open_port(Storefront, "shop").urls([f"P{n}" for n in range(40)])
    warmer = open_port(warming.Warmer, "cdn")
    slow = threading.Timer(0.3, lambda: world.faults(origin_slow_s=0.5))
    slow.start()
    progress = warming.Progress()
    warming.work(warmer, urls, progress, rate=None)
    slow.join()
    assert progress.slowed >= 2
    assert progress.rate < warming.RATE_PER_S / 2


def test_warming_goes_on_where_another_worker_left_off() -> None:
    warmer = open_port(warming.Warmer, "cdn")
    urls = _urls()
    progress = warming.Progress()
    warming.work(warmer, urls[:3], progress, rate=None)
    half = warming.Progress(passes=[warming.Pass(3, 0, [1.0] * 3)], rate=9.0)
    again = warming.Progress.of(half.seen(len(urls)).values)
    assert (again.passes[0].pages, again.rate) == (3, 9.0)
    warming.work(warmer, urls, again, rate=None)
    assert again.done


def _purge(**wanted: Any) -> Step:
    tags = [f"sku-{sku}" for sku in SKUS]
    said = {"connection": "cdn", "tags": tags, "soft": True, "probe_urls": _urls()}
    return a_step("purge", **(said | wanted))


@pytest.mark.parametrize("soft", [True, False])
def test_a_purge_is_read_back(soft: bool) -> None:
    run(a_step("warm", connection="cdn", urls=_urls()))
    step = run(_purge(soft=soft))
    assert (step.state, len(step.seen["purged_at"])) == (State.VERIFIED, 1)
    assert step.seen["old"] == []


def test_a_purge_that_was_lost_is_done_again(world: Sandbox) -> None:
    run(a_step("warm", connection="cdn", urls=_urls()))
    time.sleep(2.1)
    world.faults(cdn_purge_drop=1)
    timer = threading.Timer(2.0, lambda: world.faults(cdn_purge_drop=None))
    timer.start()
    step = run(_purge())
    timer.join()
    assert step.state == State.VERIFIED
    assert step.note.startswith("Purged twice")


@pytest.mark.parametrize("probe_urls", [[]])
def test_a_purge_without_pages_to_look_at_counts_as_done(probe_urls: list[str]) -> None:
    assert run(_purge(probe_urls=probe_urls)).state == State.VERIFIED
