"""A count is known as one also where it agrees with the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.conf import settings as configured
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import strategies as some

from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import Feed, FeedMovement, Level, PendingCount
from console.stock.operations import LevelSize
from console.stock.rules import Reason
from tests import make
from tests.examples import examples
from tests.stock.feedkit import NOW, feed, mugs, on_hand, say, states, told
from tests.stock.sheetkit import sheet, tried, written

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def count(units: int, *, at: datetime, why: str = "count: shelf 3") -> None:
    """A person says what is there."""
    level = Level.objects.get()
    size = LevelSize(units, 0, 0)
    stock.adjust(
        level.pk, size=size, version=level.version, reason=why, actor=None, now=at
    )


def late_return(now: datetime = NOW) -> str:
    """A till tells of three units that came back a minute ago; how it ends."""
    say(feed(), told("r", "returned", 3, age_s=60, now=now), now=now)
    return states()["r"]


def test_a_count_that_agrees_covers_what_was_before_it() -> None:
    mugs(10)
    count(10, at=NOW)
    assert late_return() == "covered"
    assert on_hand() == 10
    assert FeedMovement.objects.get().code == ""


@pytest.mark.parametrize("why", ["receipt", "damage: fell", "loss", ""])
def test_what_says_how_many_came_or_went_is_no_count(why: str) -> None:
    mugs(10)
    count(10, at=NOW, why=why)
    assert late_return() == "applied"
    assert on_hand() == 13


def test_a_feeds_count_that_agrees_covers_what_was_before_it() -> None:
    mugs(10)
    say(feed("scale"), told("c", "counted", 10, age_s=30))
    assert late_return() == "covered"
    assert on_hand() == 10


def test_what_happened_after_a_count_that_agreed_is_booked() -> None:
    mugs(10)
    count(10, at=NOW - 2 * MINUTE)
    assert late_return() == "applied"
    assert on_hand() == 13


def test_a_row_of_a_sheet_that_changes_nothing_is_a_count_too() -> None:
    before = mugs(10)
    make.level(make.sku("CUP"), units=5, at=make.location("Main"))
    job = written(sheet("MUG,Main,10,0,0", "CUP,Main,6,0,0"))
    assert (job.unchanged, job.updated) == (1, 1)
    mug = Level.objects.get(sku__code="MUG")
    assert (mug.version, mug.counted_at) == (before.version, before.counted_at)
    assert late_return(clock.now()) == "covered"
    assert on_hand() == 10


def test_a_sheet_that_changes_nothing_at_all_is_a_count_too() -> None:
    mugs(10)
    job = tried(sheet("MUG,Main,10,0,0"))
    assert (job.state, job.unchanged) == ("done", 1)
    assert late_return(clock.now()) == "covered"


def test_a_count_that_waited_for_a_second_person_is_of_when_it_was_counted() -> None:
    level = mugs(10)
    one, other = make.user("operator"), make.user("admin")
    most = configured.ADJUST_ALONE_UNITS + 100
    stock.adjust(
        level.pk, size=LevelSize(most, 0, 0), version=level.version,
        reason="count", actor=one, now=NOW - 2 * MINUTE,
    )  # fmt: skip
    stock.approve_count(PendingCount.objects.get().pk, actor=other, now=NOW)
    assert late_return() == "applied"
    assert on_hand() == most + 3
    say(feed("scale"), told("c", "counted", 50, age_s=90))
    assert on_hand() == 53


def test_levels_counted_before_there_were_feeds_know_it() -> None:
    level = mugs(10)
    count(12, at=NOW - 9 * MINUTE)
    stock.receive(
        level.sku_id, level.location_id, units=5, reason=Reason.RECEIPT,
        actor=None, now=NOW,
    )  # fmt: skip
    Level.objects.update(last_count_at=None)
    migration = import_module("console.stock.migrations.0017_feeds")
    with connection.cursor() as cursor:
        cursor.execute(migration.COUNTED_BEFORE)
    assert Level.objects.get().last_count_at == NOW - 9 * MINUTE


@dataclass(frozen=True)
class Event:
    """Something that happened so many minutes ago, and when we heard of it.

    Counts are above any promise, so that people may write them; those of people are
    written as they count, at half a minute.
    """

    kind: str
    units: int
    ago: int
    delay: int

    @property
    def counts(self) -> int | None:
        return self.units + 1_000 if self.kind in ("counted", "person") else None

    @property
    def age(self) -> float:
        return self.ago + 0.5 * (self.kind == "person")

    @property
    def heard(self) -> float:
        return self.age if self.kind == "person" else max(0, self.ago - self.delay)


KINDS = ["sold", "sent", "returned", "received", "counted", "person"]
EVENTS = some.lists(
    some.builds(
        Event,
        some.sampled_from(KINDS),
        some.integers(1, 30),
        some.integers(0, 40),
        some.integers(0, 20),
    ),
    min_size=1,
    max_size=12,
)


def there(events: list[Event]) -> int:
    """What is there: the newest count, of one instant the last name; what came then."""
    units, since = 1_000, float("inf")
    for one in events:
        if one.counts is not None and one.age <= since:
            units, since = one.counts, one.age
    for one in events:
        if one.counts is None and one.age < since:
            units += one.units if one.kind in ("returned", "received") else -one.units
    return units


@examples(40, [HealthCheck.function_scoped_fixture])
@given(events=EVENTS, promised=some.sampled_from([0, 900, 990, 1_000]))
def test_messages_people_and_promises_in_any_order_end_with_what_is_there(
    events: list[Event], promised: int
) -> None:
    """Promises keep some of it waiting; once they are kept, all of it is booked."""
    code = (sku := make.sku()).code
    make.level(sku, units=1_000, at=make.location("Main"))
    if promised:
        stock.lock(code, wants=[make.Want(sku.pk, promised, 0)], actor=None, now=NOW)
    till = Feed.objects.filter(name="till").first() or feed()
    for heard in sorted({one.heard for one in events}, reverse=True):
        at = NOW - heard * MINUTE
        lines = [
            told(f"{code}/{n:02}", one.kind, one.counts or one.units,
                 age_s=60 * one.ago, sku=code)
            for n, one in enumerate(events)
            if one.heard == heard and one.kind != "person"
        ]  # fmt: skip
        say(till, *lines, *lines[:2], now=at)
        for one in events:
            if one.heard == heard and one.counts is not None and one.kind == "person":
                level = Level.objects.get(sku=sku)
                size, version = LevelSize(one.counts, 0, 0), level.version
                stock.adjust(
                    level.pk, size=size, version=version, reason="count",
                    actor=None, now=at,
                )  # fmt: skip
        assert on_hand(code) >= promised
    stock.return_units(code, actor=None, now=NOW)
    while stock.book_due(now=NOW + 9 * MINUTE):
        pass
    assert on_hand(code) == there(events)
    assert set(states().values()) <= {"applied", "covered"}
    assert queries.violations() == []
