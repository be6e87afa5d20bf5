"""Feeds and replays at once, in pairs: with the claim, and without."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest
from django.db import transaction

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Feed, FeedMovement
from console.stock.operations import booking, held, ledger
from console.stock.operations.ledger import locked_levels
from tests import make
from tests.racing import in_parallel
from tests.stock.feedkit import (
    NOW,
    feed,
    line,
    mugs,
    on_hand,
    post,
    say,
    states,
    told,
)

pytestmark = pytest.mark.django_db(transaction=True)
WHO = {"actor": None, "now": NOW}
END = NOW + timedelta(hours=1)
SIDES = 8


@pytest.fixture
def parked() -> None:
    """Thirty movements of ten units each that waited behind a fence which is down."""
    level = mugs(100)
    stock.lock("FS-1", wants=[make.Want(level.sku_id, 40, 0)], **WHO)
    stock.raise_fence("FS-1", **WHO)
    say(feed(), *(told(f"m{n:02}", "received", 10, age_s=n + 1) for n in range(30)))
    stock.return_units("FS-1", actor=None, now=END)


def test_eight_bells_at_once_replay_each_parked_movement_once(parked: None) -> None:
    counts = in_parallel(SIDES, lambda _: stock.book_due(now=END, most=5))
    assert all(isinstance(count, int) for count in counts)
    while stock.book_due(now=END):
        pass
    assert on_hand() == 400
    assert set(states().values()) == {"applied"}
    assert queries.violations() == []


def test_control_bells_that_claim_nothing_replay_again_and_again(parked: None) -> None:
    rows = list(FeedMovement.objects.select_related("feed").order_by("occurred_at"))

    def carelessly(_: int) -> None:
        with transaction.atomic():
            booking._book(rows, END)

    in_parallel(SIDES, carelessly)
    assert on_hand() == 100 + SIDES * 300


def test_the_same_message_from_eight_sides_at_once_counts_once() -> None:
    mugs(100)
    till = feed()
    lines = [told(f"m{n}", "sold", 1, age_s=n + 1) for n in range(20)]
    answers = in_parallel(SIDES, lambda n: say(till, *(lines, lines[::-1])[n % 2]))
    results = [one.result for told_ in answers for one in told_]  # type: ignore[union-attr]
    assert sorted(results) == ["accepted"] * 20 + ["duplicate"] * 20 * (SIDES - 1)
    stock.book_due(now=END)
    assert on_hand() == 80
    assert queries.violations() == []


def test_feeds_that_tell_of_the_same_shelf_at_once_lose_nothing() -> None:
    mugs(1_000)
    tills = [feed(f"till-{n}") for n in range(SIDES)]

    def tell(number: int) -> None:
        for n in range(10):
            say(tills[number], told(f"m{n}", "sold", 1), told(f"r{n}", "returned", 2))

    assert in_parallel(SIDES, tell) == [None] * SIDES
    stock.book_due(now=END)
    assert on_hand() == 1_000 + SIDES * 10
    assert queries.violations() == []


def test_what_is_of_a_level_somebody_has_locked_waits_alone(parked: None) -> None:
    cup = make.level(make.sku("CUP"), units=5, at=make.location("Main"))
    say(Feed.objects.get(), told("cup", "sold", 2, sku="CUP"))
    FeedMovement.objects.filter(external_id="cup").update(state="waiting")
    locked, done = Event(), Event()

    def holder() -> None:
        with transaction.atomic():
            locked_levels([cup.sku_id])
            locked.set()
            assert done.wait(20)

    def bell() -> int:
        assert locked.wait(20)
        try:
            return stock.book_due(now=END)
        finally:
            done.set()

    assert in_parallel(2, lambda n: (holder, bell)[n]()) == [None, 30]
    assert states()["cup"] == "waiting"
    assert stock.book_due(now=END) == 1


def test_who_tells_again_of_what_a_person_decides_on_is_told_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ledger, "LOCK_WAIT_S", 0.3)
    mugs(10)
    feed()
    body = {"movements": [line("a", "sold", 1, sku="CUP")]}
    assert post(body).status_code == 200
    deciding, done = Event(), Event()

    def decide() -> None:
        with transaction.atomic():
            held._held("till", FeedMovement.objects.values("pk"), None)
            deciding.set()
            assert done.wait(20)

    def again() -> tuple[int, str]:
        assert deciding.wait(20)
        try:
            reply = post(body)
            return reply.status_code, reply.json()["code"]
        finally:
            done.set()

    found = in_parallel(2, lambda n: (decide, again)[n]())
    assert found == [None, (409, "stock_busy")]
