"""The overlay of lost claims on the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns.models import Campaign
from console.campaigns.queries import lost as query
from console.campaigns.queries.spans import Span
from console.fatigue.models import Audience
from tests.campaigns.test_later import black_friday, early, people
from tests.make import NOW

__all__ = ["black_friday", "people"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

DAY = timedelta(days=1)
PAGE = reverse("campaigns:calendar")


def told(day: Any = None, kind: str = "quarter") -> list[str]:
    day = day or NOW.date()
    span = Span.of(kind, day, zone="Europe/Berlin", today=NOW.date())
    return [loss.text for loss in query.lost(span, now=NOW).losses]


@pytest.fixture
def before(people: Audience, black_friday: Campaign) -> Campaign:
    one = early(people, days=13)
    Campaign.objects.filter(pk=one.pk).update(name="Singles Day")
    return one


@pytest.mark.usefixtures("before")
def test_what_a_planned_sale_loses_and_to_whom_is_told() -> None:
    assert told() == ["Black Friday claim falls 40% → 14%, after Singles Day"]


def test_a_personal_price_takes_nothing(before: Campaign) -> None:
    Campaign.objects.filter(pk=before.pk).update(price_kind="personal")
    assert told() == []


@pytest.mark.usefixtures("before")
def test_only_sales_that_open_in_the_span_are_told(black_friday: Campaign) -> None:
    assert black_friday.opens_at
    assert told(black_friday.opens_at.date(), "month") == told()
    assert told(black_friday.opens_at.date() + 40 * DAY, "month") == []


def test_a_sale_before_the_span_takes_too(
    before: Campaign, black_friday: Campaign
) -> None:
    first = (NOW + 45 * DAY).date().replace(day=1)
    opens = datetime.combine(first, time(12), UTC)
    for one, days in ((before, -9), (black_friday, 0)):
        at = opens + days * DAY
        Campaign.objects.filter(pk=one.pk).update(opens_at=at, closes_at=at + DAY)
    assert len(told(first, "month")) == 1


def test_sales_over_or_of_another_currency_take_nothing(before: Campaign) -> None:
    Campaign.objects.filter(pk=before.pk).update(currency="USD")
    assert told() == []
    Campaign.objects.filter(pk=before.pk).update(currency="EUR", state="aborted")
    assert told() == []


@pytest.mark.usefixtures("before")
def test_the_overlay_is_drawn_only_when_asked(merchant: Client) -> None:
    plain = merchant.get(PAGE, {"zoom": "quarter"}).content.decode()
    shown = merchant.get(PAGE, {"zoom": "quarter", "claims": "1"}).content.decode()
    assert "claim 40% → 14%" not in plain
    assert "ev--lost" in shown
    assert "claim 40% → 14%, after Singles Day" in shown


@pytest.mark.usefixtures("black_friday")
def test_without_losses_the_page_says_so(merchant: Client) -> None:
    page = merchant.get(PAGE, {"claims": "1"}).content.decode()
    assert "No planned sale takes anything" in page


@pytest.mark.usefixtures("before")
def test_too_many_lines_are_not_looked_at(
    merchant: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "MOST_LINES", 1)
    page = merchant.get(PAGE, {"zoom": "quarter", "claims": "1"}).content.decode()
    assert "choose a shorter span" in page


@pytest.mark.usefixtures("before")
def test_more_sales_ask_no_more_queries(
    people: Audience, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(5):
        told()
    for days in (14, 15, 16):
        early(people, days=days)
    with django_assert_num_queries(5):
        told()
