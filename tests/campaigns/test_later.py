"""The look-ahead: what a plan takes from the claims of sales after it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import LineTerms
from console.campaigns.queries import later, readiness
from console.campaigns.queries.readiness.parts import Candidate
from console.fatigue.models import Audience
from console.prices.rules.lookahead import Fall
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

DAY = timedelta(days=1)


def with_price(one: Campaign, price: int, code: str = "TV") -> Campaign:
    values = LineTerms(sale_price=Decimal(price), units=5)
    campaigns.add_line(
        one.code, sku_code=code, values=values, actor=one.author, now=NOW
    )
    return one


@pytest.fixture
def people() -> Audience:
    return make.audience("Everyone")


@pytest.fixture
def black_friday(people: Audience) -> Campaign:
    """A television of 100 for 60, in thirty days."""
    sku = make.sku("TV")
    make.level(sku)
    make.prices.note("TV", Decimal(100), from_at=NOW - 60 * DAY)
    one = make.campaign(
        of=people, lines=0, name="Black Friday", opens_at=NOW + 30 * DAY
    )
    return with_price(one, 60)


def early(people: Audience, days: float, price: int = 70) -> Campaign:
    one = make.campaign(of=people, lines=0, opens_at=NOW + days * DAY, hours=48)
    return with_price(one, price)


def warnings(one: Campaign) -> list[str]:
    return [check.text for check in readiness.verdict(one, now=NOW).warnings]


def test_a_sale_before_black_friday_lowers_its_claim(
    people: Audience, black_friday: Campaign
) -> None:
    told = "Black Friday claim falls 40% → 14%"
    assert told in warnings(early(people, days=13))


def test_a_sale_a_month_before_lowers_nothing(
    people: Audience, black_friday: Campaign
) -> None:
    Campaign.objects.filter(pk=black_friday.pk).update(
        opens_at=NOW + 45 * DAY, closes_at=NOW + 46 * DAY
    )
    assert not any("claim falls" in text for text in warnings(early(people, days=2)))


def test_a_sale_of_other_goods_lowers_nothing(
    people: Audience, black_friday: Campaign
) -> None:
    one = make.campaign(of=people, opens_at=NOW + 13 * DAY)
    assert not any("claim falls" in text for text in warnings(one))


@pytest.mark.parametrize("few", [0, later.FEW])
def test_only_the_goods_of_the_plan_count_however_they_are_looked_for(
    people: Audience,
    black_friday: Campaign,
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make.level(make.sku("RADIO"))
    with_price(black_friday, 30, "RADIO")
    plan = readiness.candidate(early(people, days=13))
    assert plan.opens_at and plan.closes_at
    monkeypatch.setattr(later, "FEW", few)
    (fall,) = later.falls(plan, plan.opens_at, plan.closes_at, now=NOW)
    assert (fall.of, fall.before, fall.after) == (1, 40, 14)


def test_a_second_look_reads_no_lines_until_one_is_edited(
    people: Audience, black_friday: Campaign
) -> None:
    plan = readiness.candidate(early(people, days=13))
    first = looked(plan)
    with CaptureQueriesContext(connection) as asked:
        assert looked(plan) == first
    assert [one["sql"] for one in asked if "campaigns_line" in one["sql"]] == []
    black_friday.refresh_from_db()
    line = black_friday.lines.get()
    campaigns.edit_line(
        line.pk,
        values=LineTerms(sale_price=Decimal(50)),
        version=line.version,
        actor=black_friday.author,
        now=NOW + timedelta(seconds=1),
    )
    assert [(fall.before, fall.after) for fall in looked(plan)] == [(50, 28)]


def looked(plan: Candidate) -> list[Fall]:
    assert plan.opens_at and plan.closes_at
    return later.falls(plan, plan.opens_at, plan.closes_at, now=NOW, recent=True)


def test_what_is_over_or_aborted_is_not_looked_at(
    people: Audience, black_friday: Campaign
) -> None:
    Campaign.objects.filter(pk=black_friday.pk).update(state="aborted")
    assert not any("claim falls" in text for text in warnings(early(people, days=13)))


@pytest.mark.parametrize("kind", ["personal", "conditional"])
def test_a_price_not_everybody_may_have_takes_and_loses_nothing(
    people: Audience, black_friday: Campaign, kind: str
) -> None:
    one = early(people, days=13)
    Campaign.objects.filter(pk=one.pk).update(price_kind=kind)
    one.refresh_from_db()
    assert not any("claim falls" in text for text in warnings(one))
    for sale, own in ((one, "members"), (black_friday, kind)):
        Campaign.objects.filter(pk=sale.pk).update(price_kind=own)
    one.refresh_from_db()
    assert not any("claim falls" in text for text in warnings(one))


def test_the_calendar_asks_for_a_day_before_it_is_chosen(
    merchant: Client, people: Audience, black_friday: Campaign
) -> None:
    one = early(people, days=2)
    url = reverse("campaigns:ahead", args=[one.code])
    at = (NOW + 13 * DAY).replace(tzinfo=None)
    asked = {"opens": at.isoformat(), "closes": (at + DAY).isoformat()}
    assert merchant.get(url, asked).json() == {
        "falls": ["Black Friday claim falls 40% → 14%"]
    }
    assert merchant.get(url, {"opens": "soon"}).status_code == 422
