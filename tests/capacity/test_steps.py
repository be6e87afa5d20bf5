"""The steps of this room against a real sandbox, run by the runbook."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from console.capacity import warming, watching
from console.capacity.models import LeadTime, MachineGroup, Raise
from console.providers.operations import open_port
from console.providers.ports import Scaler, Storefront
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.runbook.rules import State
from tests import make
from tests.sandboxed import SKUS, Sandbox

pytestmark = pytest.mark.django_db

SETTLED = {State.VERIFIED, State.FAILED, State.REVERTED, State.SKIPPED}


@pytest.fixture(autouse=True)
def world(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox, connected under the names the steps use."""
    for kind in ("cloud", "cdn", "shop"):
        make.connection(
            kind, f"sandbox_{kind}", base_url=sandbox.url, secret=sandbox.token
        )
    yield sandbox


def _step(kind: str, key: str = "", **wanted: Any) -> Step:
    now = timezone.now()
    key = key or f"campaign:FS-1/{kind}"
    return make.step(key, f"capacity.{kind}", wanted=wanted, due_at=now, now=now)


def _floor(floor: int, key: str = "floor", group: str = "web") -> Step:
    return _step("raise_floor", key, connection="cloud", group=group, floor=floor)


def _run(step: Step, *, within_s: float = 15.0) -> Step:
    """Work like the ticking worker does, until the step is settled."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        for claim in runbook.claim_due(now=timezone.now()):
            runbook.run(claim, now=timezone.now())
        step.refresh_from_db()
        if step.state in SETTLED:
            return step
        time.sleep(0.05)
    raise AssertionError(f"{step.key} is still {step.state}: {step.note} {step.error}")


def _revert(step: Step) -> Step:
    runbook.revert(step.pk, actor=None, now=timezone.now())
    return _run(step)


def _group(name: str = "web") -> Any:
    return open_port(Scaler, "cloud").read(name)


def _set(floor: int, name: str = "web") -> None:
    seen = _group(name)
    open_port(Scaler, "cloud").set_floor(name, floor, version=seen.version, key="x")


def test_a_floor_is_raised_and_verified_only_when_it_serves() -> None:
    step = _floor(8)
    claim = runbook.claim_due(now=timezone.now())[0]
    runbook.run(claim, now=timezone.now())
    step.refresh_from_db()
    assert step.state == State.VERIFYING, "accepted is not in effect"
    assert step.before == {"floor": 2, "serving": 2}
    step = _run(step)
    assert (step.state, step.seen["serving"]) == (State.VERIFIED, 8)
    assert MachineGroup.objects.get().floor == 8


def test_a_revert_restores_exactly_what_was_captured() -> None:
    step = _revert(_run(_floor(8)))
    assert (step.state, step.note) == (State.REVERTED, "Floor back at 2")
    assert _group().floor == 2
    assert MachineGroup.objects.get().base is None
    assert not Raise.objects.exists()


def test_how_long_the_instances_took_is_kept_once() -> None:
    step = _run(_floor(8))
    lead = LeadTime.objects.get()
    assert lead.instances == 6
    assert 0.3 < lead.seconds < 10
    _revert(step)
    assert LeadTime.objects.count() == 1


def test_it_never_lowers() -> None:
    _set(10)
    step = _run(_floor(4))
    assert (step.state, _group().floor) == (State.VERIFIED, 10)
    assert not LeadTime.objects.exists()
    assert _revert(step).note.startswith("Left as it is")
    assert _group().floor == 10


def test_a_floor_somebody_else_moved_is_left_alone() -> None:
    step = _run(_floor(8))
    _set(5)
    step = _revert(step)
    assert step.state == State.FAILED
    assert step.error_kind == "drifted"
    assert "is 5. We set 8 and would put back 2" in step.error
    assert _group().floor == 5
    _set(2)
    runbook.retry(step.pk, actor=None, now=timezone.now())
    assert _run(step).state == State.REVERTED


def test_a_lost_reply_of_the_revert_is_harmless() -> None:
    step = _run(_floor(8))
    _set(2)
    assert _revert(step).state == State.REVERTED


@pytest.mark.parametrize("first_down", ["a", "b"])
def test_overlapping_sales_stand_at_the_highest_and_end_at_the_start(
    first_down: str,
) -> None:
    steps = {"a": _run(_floor(6, "a")), "b": _run(_floor(9, "b"))}
    assert _group().floor == 9
    _revert(steps.pop(first_down))
    assert _group().floor == (9 if first_down == "a" else 6)
    _revert(steps.popitem()[1])
    assert _group().floor == 2


def test_more_than_the_maximum_is_refused_in_words() -> None:
    step = _run(_floor(21))
    assert (step.state, step.error_kind) == (State.FAILED, "floor_above_maximum")
    assert _group().floor == 2


def test_a_rate_limited_cloud_is_waited_for(world: Sandbox) -> None:
    world.faults(cloud_429=1, retry_after_s=1)
    step = _floor(5)
    timer = threading.Timer(0.5, lambda: world.faults(cloud_429=None))
    timer.start()
    step = _run(step)
    timer.join()
    assert (step.state, _group().floor) == (State.VERIFIED, 5)
    assert step.tries > 1


def test_machines_that_do_not_boot_end_in_words(world: Sandbox) -> None:
    world.faults(cloud_boot_fail=1)
    step = _floor(5)
    runbook.run(runbook.claim_due(now=timezone.now())[0], now=timezone.now())
    long_ago = timezone.now() - timedelta(minutes=5)
    Step.objects.update(started_at=long_ago)
    step = _run(step)
    assert step.state == State.FAILED
    assert "serves 2 of 5 after" in step.error
    assert _revert(step).state == State.REVERTED
    assert _group().floor == 2


def test_another_step_at_the_same_group_waits() -> None:
    step = _floor(5)
    MachineGroup.objects.create(
        connection="cloud",
        name="web",
        busy_by="other",
        busy_until=timezone.now() + timedelta(seconds=1),
    )
    runbook.run(runbook.claim_due(now=timezone.now())[0], now=timezone.now())
    step.refresh_from_db()
    assert step.note == "Another step changes this group"
    assert _group().floor == 2
    assert _run(step).state == State.VERIFIED


def test_drift_is_seen_named_and_mended() -> None:
    make.profile("web", maximum=20)
    _run(_floor(8))
    _set(3)
    watching.look(now=timezone.now())
    row = MachineGroup.objects.get()
    assert row.drifted_at is not None
    assert "lowered the floor to 3; the sale needs 8" in row.trouble
    row = watching.raise_again(row.pk, actor=None, now=timezone.now())
    assert (row.floor, row.trouble) == (8, "")
    with pytest.raises(watching.NothingToRaise):
        watching.raise_again(row.pk, actor=None, now=timezone.now())


def test_a_group_that_cannot_be_read_keeps_its_age(world: Sandbox) -> None:
    make.profile("web")
    watching.look(now=make.NOW)
    world.faults(cloud_500=1)
    assert watching.look(now=timezone.now()) == 0
    row = MachineGroup.objects.get()
    assert (row.seen_at, row.floor) == (make.NOW, 2)
    assert "answered 500" in row.trouble


def _urls() -> list[str]:
    return open_port(Storefront, "shop").urls(SKUS)


def test_pages_are_warmed_in_two_passes() -> None:
    step = _run(_step("warm", connection="cdn", urls=_urls()))
    assert step.state == State.VERIFIED
    assert step.seen["hit_share"] == 1
    assert len(step.seen["ttfb_ms"]) == 2
    assert "100% from cache" in step.note


def test_a_page_that_is_not_there_fails_with_its_address() -> None:
    urls = [*_urls(), _urls()[0] + "-gone"]
    step = _run(_step("warm", connection="cdn", urls=urls))
    assert step.state == State.FAILED
    assert "-gone (404)" in step.error


def test_a_cache_that_does_not_keep_pages_is_told(world: Sandbox) -> None:
    world.tell("PUT", "/shop/config", {"page_ttl_s": 0})
    try:
        step = _run(_step("warm", connection="cdn", urls=_urls()))
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
    return _step("purge", **(said | wanted))


@pytest.mark.parametrize("soft", [True, False])
def test_a_purge_is_read_back(soft: bool) -> None:
    _run(_step("warm", connection="cdn", urls=_urls()))
    step = _run(_purge(soft=soft))
    assert (step.state, len(step.seen["purged_at"])) == (State.VERIFIED, 1)
    assert step.seen["old"] == []


def test_a_purge_that_was_lost_is_done_again(world: Sandbox) -> None:
    _run(_step("warm", connection="cdn", urls=_urls()))
    time.sleep(2.1)
    world.faults(cdn_purge_drop=1)
    timer = threading.Timer(2.0, lambda: world.faults(cdn_purge_drop=None))
    timer.start()
    step = _run(_purge())
    timer.join()
    assert step.state == State.VERIFIED
    assert step.note.startswith("Purged twice")


@pytest.mark.parametrize("probe_urls", [[]])
def test_a_purge_without_pages_to_look_at_counts_as_done(probe_urls: list[str]) -> None:
    assert _run(_purge(probe_urls=probe_urls)).state == State.VERIFIED
