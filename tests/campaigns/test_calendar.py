"""What the calendar draws."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from console.campaigns.models import Occasion
from console.campaigns.queries.calendar import Calendar, calendar
from tests.make import NOW

pytestmark = pytest.mark.django_db


def shown(kind: str = "month") -> Calendar:
    return calendar(kind, NOW.date(), zone="Europe/Berlin", now=NOW)


@pytest.mark.parametrize("kind", ["month", "quarter", "year"])
def test_names_of_occasions_close_together_stand_below_each_other(kind: str) -> None:
    first = shown(kind).span.first
    for day in range(20, 26):
        Occasion.objects.create(name=f"Occasion {day}", on=first + timedelta(days=day))
    found = shown(kind)
    assert sorted(mark.row for mark in found.marks[:4]) == [1, 2, 3, 4]
    assert found.rows == max(mark.row for mark in found.marks)


def test_occasions_far_apart_share_a_row() -> None:
    for day in (2, 20):
        Occasion.objects.create(name="Fair", on=date(NOW.year, NOW.month, day))
    assert {mark.row for mark in shown().marks} == {1}
    assert shown().rows == 1


def test_without_occasions_there_is_one_empty_row() -> None:
    assert shown().rows == 1
