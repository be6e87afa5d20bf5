"""A count is known as one also where it agrees with the books."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.conf import settings as configured
from django.db import connection

from console.stock import clock
from console.stock import operations as stock
from console.stock.models import FeedMovement, Level, PendingCount
from console.stock.operations import LevelSize
from console.stock.rules import Reason
from tests import make
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
