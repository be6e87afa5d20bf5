"""The steps that raise and drop a fence: apply, verify, revert, run twice."""

from __future__ import annotations

import pytest
from django.utils import timezone

from console.runbook import operations as runbook
from console.runbook.models import Step
from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import Fence
from console.stock.steps import drop_fence, raise_fence
from tests import make
from tests.stock.feedkit import feed, mugs, on_hand, say, told
from tests.ticking import run

pytestmark = pytest.mark.django_db
WANTED = {"campaign": "FS-1"}


@pytest.fixture
def _sale() -> None:
    level = mugs(100)
    wants = [make.Want(level.sku_id, 40, 0)]
    stock.lock("FS-1", wants=wants, actor=None, now=clock.now())


def step(kind: str) -> Step:
    return make.step(kind=f"stock.{kind}", wanted=WANTED, target="")


def test_raised_verified_and_reverted(_sale: None) -> None:
    made = run(step("raise_fence"))
    assert (made.state, made.reversible) == ("verified", True)
    assert Fence.objects.get().dropped_at is None
    runbook.revert(made.pk, actor=None, now=timezone.now())
    assert run_back(made).state == "reverted"
    assert Fence.objects.get().dropped_at is not None


def run_back(made: Step) -> Step:
    made.refresh_from_db()
    return run(made)


def test_each_runs_twice_safely(_sale: None) -> None:
    made, dropped = step("raise_fence"), step("drop_fence")
    assert raise_fence(made) == raise_fence(made)
    assert Fence.objects.count() == 1
    assert drop_fence(dropped) == drop_fence(dropped)
    assert Fence.objects.filter(dropped_at=None).count() == 0


def test_dropping_ends_once_all_that_was_parked_is_booked(_sale: None) -> None:
    raise_fence(step("raise_fence"))
    now = clock.now()
    lines = (told(f"m{n}", "received", 1, age_s=n, now=now) for n in range(3))
    say(feed(), told("c", "counted", 80, age_s=9, now=now), *lines, now=now)
    assert on_hand() == 100
    made = run(step("drop_fence"))
    assert made.note == "4 parked movements settled, 1 to look at on the Stock tab"
    assert on_hand() == 83
    found = queries.fence_of("FS-1")
    assert found is not None and found.open


def test_a_sale_without_stock_has_nothing_to_fence() -> None:
    made = run(step("raise_fence"))
    assert made.note == "Nothing is locked, so nothing is fenced"
    assert run(step("drop_fence")).note == "No fence was up"
