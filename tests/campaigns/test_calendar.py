"""What the calendar draws."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from console.campaigns.models import Campaign, Line, Occasion
from console.campaigns.queries.calendar import Calendar, calendar
from console.stock.models import Sku
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


def test_a_bar_names_the_day_of_an_end_that_is_not_its_first() -> None:
    people = make.audience("Everyone")
    for day, hours in enumerate((2, 4, 27), 1):
        make.campaign(of=people, opens_at=NOW + timedelta(days=day), hours=hours)
    assert [bar.when for bar in shown("quarter").lanes[0].events] == [
        "20:00–22:00", "20:00–00:00", "20:00–1 Dec, 23:00",
    ]  # fmt: skip


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


SHELVES = 41


def shelves(count: int = SHELVES) -> list[str]:
    """One sale of so many categories: a lane for each."""
    names = [f"Shelf {n:02d}" for n in range(count)]
    sale = make.campaign(name="Everything must go", lines=0)
    made = Sku.objects.bulk_create(
        Sku(code=f"S-{n}", name=n, category=n, regular_price=100) for n in names
    )
    sale.lines.bulk_create(
        Line(campaign=sale, sku=sku, regular_price=100, sale_price=70, units=1)
        for sku in made
    )
    return names


def undated_draft(category: str) -> Campaign:
    one = make.campaign(name="Later", opens_at=NOW + timedelta(days=2))
    one.lines.update(sku=Sku.objects.filter(category=category).first())
    Campaign.objects.filter(pk=one.pk).update(
        opens_at=None, closes_at=None, opens_local=None, closes_local=None
    )
    return one


def lanes(page: str) -> list[str]:
    return re.findall(r'<section class="lane" data-lane="([^"]+)"', page)


@pytest.mark.usefixtures("still_clock")
def test_lanes_beyond_forty_are_counted_and_any_of_them_can_be_shown(
    merchant: Client,
) -> None:
    names = shelves(SHELVES + 19)
    page = merchant.get("/calendar/?by=category&at=2026-11-27").text
    assert lanes(page) == [f"category:{name}" for name in names[:40]]
    assert "<b>20</b> more lanes" in page
    options = re.findall(r'<option value="(category:[^"]+)">', page)
    assert options == [f"category:{name}" for name in names[40:]]
    two = f"&lane={options[3]}&lane=category:{names[1]}&lane=category:Nowhere&lane="
    page = merchant.get(f"/calendar/?by=category&at=2026-11-27{two}").text
    assert lanes(page) == [f"category:{names[1]}", options[3]]
    assert "<b>2</b> of 60 lanes" in page
    assert page.count(f'<input type="hidden" name="lane" value="{options[3]}">') == 2
    page = merchant.get("/calendar/?by=category&at=2026-11-27&lane=brand:Other").text
    assert len(lanes(page)) == 40
    told = merchant.get(f"/api/v1/calendar?by=category&lane={options[3]}").json()
    assert [one["scope"] for one in told["lanes"]] == [options[3]]
    assert told["hidden"] == 59


@pytest.mark.usefixtures("still_clock")
def test_a_draft_of_a_lane_that_is_not_shown_is_placed_once_its_lane_is(
    merchant: Client,
) -> None:
    names = shelves()
    draft = undated_draft(names[-1])
    here = "/calendar/?by=category&at=2026-11-27"
    card = merchant.get(here).text.partition('id="drafts"')[2]
    assert "data-place-url" not in card
    (way,) = re.findall(r'href="(\?[^"]+)">Place<|href="(\?[^"]+)" title', card)
    there = unescape("".join(way))
    assert f"place={draft.code}" in there
    page = merchant.get(f"/calendar/{there}").text
    assert lanes(page) == [f"category:{names[-1]}"]
    assert f'data-lane="category:{names[-1]}">' in page.partition('id="drafts"')[2]


@pytest.mark.usefixtures("still_clock")
def test_a_draft_stands_in_its_own_lane_of_whatever_lanes_there_are(
    merchant: Client,
) -> None:
    names = shelves(3)
    draft = undated_draft(names[2])
    for by, lane in (("category", names[2]), ("audience", draft.audience.slug)):
        page = merchant.get(f"/calendar/?by={by}&at=2026-11-27").text
        assert f'data-lane="{by}:{lane}"' in page.partition('id="drafts"')[2]
        assert "more lane" not in page


@pytest.mark.usefixtures("still_clock")
def test_a_page_of_forty_one_lanes_costs_as_much_as_one_of_three(
    merchant: Client,
) -> None:
    cost = []
    for count in (3, SHELVES):
        names = shelves(count)
        undated_draft(names[0])
        merchant.get("/calendar/?by=category&at=2026-11-27")
        with CaptureQueriesContext(connection) as seen:
            merchant.get("/calendar/?by=category&at=2026-11-27")
        cost.append(len(seen))
        Campaign.objects.all().delete()
        Sku.objects.filter(category__in=names).delete()
    assert cost[0] == cost[1]
