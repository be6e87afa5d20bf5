"""The steps that raise and drop a fence: apply, verify, revert, run twice."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest
from django.db import transaction
from django.utils import timezone

from console.audit.models import Entry
from console.runbook import operations as runbook
from console.runbook.handlers import Seen
from console.runbook.models import Step
from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import Fence, Level
from console.stock.operations import ledger
from console.stock.operations.ledger import locked_levels
from console.stock.steps import drop_fence, raise_fence, return_units
from tests import make
from tests.racing import in_parallel
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


def test_the_trail_says_that_the_run_sheet_did_it(_sale: None) -> None:
    raise_fence(step("raise_fence"))
    drop_fence(step("drop_fence"))
    told = Entry.objects.filter(verb__endswith="_fence").order_by("pk")
    assert list(told.values_list("verb", "reason")) == [
        ("stock.raise_fence", "run sheet"),
        ("stock.drop_fence", "run sheet"),
    ]


def while_taken(lock: Callable[[], object], act: Callable[[], Seen]) -> Seen:
    """What a step sees while somebody else has locked what it needs."""
    locked, done = Event(), Event()

    def holder() -> None:
        with transaction.atomic():
            lock()
            locked.set()
            assert done.wait(30)

    def acting() -> Seen:
        assert locked.wait(20)
        try:
            return act()
        finally:
            done.set()

    first, seen = in_parallel(2, lambda n: (holder, acting)[n]())
    assert first is None
    if isinstance(seen, Exception):
        raise seen
    assert isinstance(seen, Seen)
    return seen


@pytest.mark.django_db(transaction=True)
def test_each_waits_for_stock_that_somebody_keeps_and_fails_not(
    _sale: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "LOCK_WAIT_S", 0.3)
    sku, rising = Level.objects.get().sku_id, step("raise_fence")
    seen = while_taken(lambda: locked_levels([sku]), lambda: raise_fence(rising))
    assert (seen.pending, seen.values) == (True, {"up": False})
    assert run(rising).state == "verified"

    def fence() -> Fence:
        return Fence.objects.select_for_update().get()

    for dropping, kind in ((drop_fence, "drop_fence"), (return_units, "return_units")):
        one = step(kind)
        seen = while_taken(fence, lambda act=dropping, one=one: act(one))  # type: ignore[misc]
        assert seen.pending and seen.note.startswith("Waiting for whoever")
    assert run(one).state == "verified"
    assert Fence.objects.get().dropped_at is not None
