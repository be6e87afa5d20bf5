"""The overlay of lost claims on the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns.models import Campaign, Line
from console.campaigns.queries import lost as query
from console.campaigns.queries.spans import Span
from console.fatigue.models import Audience
from console.prices.operations import note
from console.prices.rules.lost import Loss
from console.stock.models import Sku
from tests.campaigns.test_later import black_friday, early, people
from tests.make import NOW

__all__ = ["black_friday", "people"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

DAY = timedelta(days=1)
PAGE = reverse("campaigns:calendar")


def losses(day: Any = None, kind: str = "quarter") -> Sequence[Loss]:
    day = day or NOW.date()
    span = Span.of(kind, day, zone="Europe/Berlin", today=NOW.date())
    return query.lost(span, now=NOW).losses


def told(day: Any = None, kind: str = "quarter") -> list[str]:
    return [loss.text for loss in losses(day, kind)]


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


def sells(one: Campaign, **prices: int) -> None:
    """Let a sale sell more products, each with a history of 100."""
    for code, price in prices.items():
        sku, made = Sku.objects.get_or_create(
            code=code, defaults={"name": code, "regular_price": 100}
        )
        if made:
            for currency in ("EUR", "USD"):
                since = NOW - 60 * DAY
                note(code, Decimal(100), from_at=since, currency=currency)
        Line.objects.create(
            campaign=one, sku=sku, regular_price=100, sale_price=price, units=1
        )


def test_each_product_counts_for_the_sales_that_share_it(
    people: Audience, before: Campaign, black_friday: Campaign
) -> None:
    """A shares both, B all but Black Friday's friend, C nobody."""
    sells(before, A=50, C=10)
    sells(black_friday, A=60, B=65)
    third = early(people, days=15)
    third.lines.all().delete()
    Campaign.objects.filter(pk=third.pk).update(name="Third")
    sells(third, B=70)
    found = {loss.fall.name: loss for loss in losses()}
    assert set(found) == {"Black Friday"}
    lost = found["Black Friday"]
    assert (lost.fall.skus, lost.fall.of, lost.by) == (3, 3, ("Singles Day", "Third"))
    assert (lost.fall.worst, lost.fall.worst_before) == ("A", 40)


def test_each_currency_is_looked_at_for_itself(
    people: Audience, before: Campaign, black_friday: Campaign
) -> None:
    pair = [early(people, days=days) for days in (14, 16)]
    for one, price in zip(pair, (50, 60), strict=True):
        one.lines.all().delete()
        Campaign.objects.filter(pk=one.pk).update(currency="USD", name=f"At {price}")
        sells(one, A=price)
    assert [(one.fall.name, one.by) for one in losses()] == [
        ("At 60", ("At 50",)),
        ("Black Friday", ("Singles Day",)),
    ]


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
