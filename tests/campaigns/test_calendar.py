"""What the calendar draws."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns.models import Occasion
from console.campaigns.queries.calendar import Calendar, calendar
from tests import make
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


@pytest.mark.usefixtures("still_clock")
def test_a_name_without_room_for_its_beginning_is_only_a_title(
    merchant: Client,
) -> None:
    people = make.audience("Everyone")
    days = [1, 2, 3]
    for day in days:
        make.campaign(of=people, opens_at=NOW + timedelta(days=day), name=f"Day {day}")
    bars = shown("year").lanes[0].events
    assert [bar.named for bar in bars] == [True, False, True]
    page = merchant.get(reverse("campaigns:calendar"), {"zoom": "year"}).content
    assert b'title="Day 2. ' in page


@pytest.mark.usefixtures("still_clock")
def test_titles_of_names_are_escaped(merchant: Client) -> None:
    people = make.audience("Everyone")
    for day in (1, 2, 3):
        opens = NOW + timedelta(days=day)
        make.campaign(of=people, opens_at=opens, name='"><b>Bold</b>')
    page = merchant.get(reverse("campaigns:calendar"), {"zoom": "year"}).content
    assert b'title="&quot;&gt;&lt;b&gt;Bold' in page
    assert b"<b>Bold</b>" not in page


@pytest.mark.parametrize("kind", ["month", "quarter", "year"])
def test_a_wider_view_leads_back_to_the_month_it_came_from(kind: str) -> None:
    assert shown(kind).span.asked == NOW.date().replace(day=1)


def test_zooming_out_to_a_year_and_in_again_shows_the_same_month(
    client: Client,
) -> None:
    make.campaign()
    client.force_login(make.user("merchandiser"))
    year = client.get("/calendar/?zoom=year&at=2026-11-01").content.decode()
    assert 'name="at" value="2026-11-01"' in year
