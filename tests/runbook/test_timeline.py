"""The strip: order is kept, the opening stands out, marks do not hide each other."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from console.runbook.timeline import stacked, timeline
from tests.make import NOW

HOUR = timedelta(hours=1)
seconds = st.integers(-90_000, 30_000)


def strip(*offsets: int, length: timedelta = 2 * HOUR):
    instants = [NOW + timedelta(seconds=s) for s in offsets]
    return timeline(instants, opens_at=NOW, closes_at=NOW + length)


@given(st.lists(seconds, min_size=1, max_size=30), st.integers(1, 20_000))
def test_later_is_never_further_left(offsets: list[int], length: int) -> None:
    one = strip(*offsets, length=timedelta(seconds=length))
    places = [one.at(NOW + timedelta(seconds=s)) for s in sorted(offsets)]
    assert places == sorted(places)
    assert all(0 <= place <= 100 for place in places)
    assert list(one.anchors) == sorted(set(one.anchors))


def test_hours_before_and_minutes_around_the_opening_are_both_readable() -> None:
    one = strip(-86_400, -5400, -300, 7200, 9000)
    minutes = one.at(NOW) - one.at(NOW - timedelta(minutes=10))
    day = one.at(NOW - 2 * HOUR) - one.at(NOW - 24 * HOUR)
    assert minutes > 10
    assert day > 5


def test_the_opening_is_a_tick_of_its_own() -> None:
    ticks = strip(-5400, 7200).ticks()
    assert [offset for _, _, offset in ticks if offset == 0] == [0]
    assert ticks[0][1] == 0.0


def test_a_sale_of_seconds_has_a_strip_too() -> None:
    one = strip(-8, 15, 40, length=timedelta(seconds=15))
    assert one.at(NOW) < one.at(NOW + timedelta(seconds=15)) < 100


def test_marks_that_touch_take_two_rows() -> None:
    assert stacked([(0, 10), (5, 10), (30, 1)]) == [0, 1, 0]
    assert stacked([(0, 0), (0, 0)]) == [0, 1]
