"""The calendar, the list, the palette and the export of campaigns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.campaigns import operations as campaigns
from console.campaigns.models import Occasion
from console.campaigns.queries import readiness
from console.fatigue import operations as fatigue
from console.fatigue.rules import (
    EVERYTHING,
    FREE,
    Quiet,
)
from tests import make
from tests.make import NOW

HTMX = {"HX-Request": "true"}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]


@pytest.mark.parametrize("zoom", ["month", "quarter", "year"])
def test_the_calendar_shows_sales_scores_and_occasions(
    merchant: Client, zoom: str
) -> None:
    everybody = make.audience("Everyone", min_gap_days=7)
    make.armed(of=everybody, name="First Frost")
    make.campaign(of=everybody, name="Advent Lamps", opens_at=NOW + timedelta(days=2))
    make.campaign(of=everybody, name="Someday", opens_local=None, closes_local=None)
    Occasion.objects.create(name="Black Friday", on=NOW.date())
    mourning = Quiet("Totensonntag", NOW.date(), NOW.date())
    limits = replace(FREE, quiet=(mourning,))
    fatigue.add_policy(EVERYTHING, limits, reason="", actor=None, now=NOW)
    url = reverse("campaigns:calendar")
    page = merchant.get(url, {"zoom": zoom, "at": "2026-11-27"}).content.decode()
    for word in ("Everyone", "First Frost", "Black Friday", "Totensonntag", "Someday"):
        assert word in page
    assert 'data-state="blocked"' in page


def test_the_first_calendar_teaches(merchant: Client) -> None:
    assert "Plan the first sale" in merchant.get("/calendar/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    merchant: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for _ in range(count):
        make.campaign()
    merchant.get(reverse("campaigns:list"))
    with django_assert_num_queries(7):
        page = merchant.get(reverse("campaigns:list"))
    assert page.content.decode().count("<tr id=") == count


def test_the_list_filters(merchant: Client) -> None:
    make.campaign(name="Boots")
    make.submitted(name="Lamps")
    url = reverse("campaigns:list")

    def shown(**asked: str) -> set[str]:
        page = merchant.get(url, asked).context["listing"].page
        return {one.name for one in page}

    assert shown() == {"Boots", "Lamps"}
    assert shown(group="review") == {"Lamps"}
    assert shown(q="boo") == {"Boots"}
    assert shown(q="nothing") == set()
    assert shown(sort="name") == {"Boots", "Lamps"}
    assert shown(sort="nonsense", page="99") == {"Boots", "Lamps"}


def test_the_palette_and_the_next_event_find_campaigns(merchant: Client) -> None:
    campaign = make.armed(name="First Frost")
    found = merchant.get(reverse("campaigns:search"), {"q": "frost"}).json()
    assert found[0]["t"] == str(campaign)
    card = merchant.get(reverse("campaigns:next_event"), headers=HTMX).text
    assert "First Frost" in card
    campaigns.warm(campaign.code, actor=None, now=NOW)


def test_an_export_is_neutral_to_spreadsheets(merchant: Client) -> None:
    campaign = make.campaign(lines=0)
    author = campaign.author
    for code in ("=cmd()", "+1", "-2", "@x"):
        make.line(campaign, author=author, code=code)
    url = reverse("campaigns:export", args=[campaign.code, "csv"])
    body = merchant.get(url).getvalue().decode("utf-8-sig")
    assert "'=cmd()" in body
    assert body.splitlines()[0] == (
        "sku,name,variant,regular_price,sale_price,units,buffer"
    )
    assert not [row for row in body.splitlines()[1:] if row[0] in "=+-@"]
    url = reverse("campaigns:export", args=[campaign.code, "xlsx"])
    assert merchant.get(url).getvalue()[:2] == b"PK"


def test_the_meter_and_the_row_below_it_say_the_same_score() -> None:
    for hours in range(1, 7):
        made = make.campaign(hours=hours, lines=1)
        verdict = readiness.verdict(made, now=NOW)
        (fatigue,) = (s for s in verdict.sections if s.key == "fatigue")
        (row,) = (c for c in fatigue.checks if c.text.startswith("Score"))
        assert row.value == str(fatigue.figures["score"])
