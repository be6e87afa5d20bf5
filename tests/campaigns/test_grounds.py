"""What forbids a draft a day besides policies: freezes, and owners of its prices."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import Way
from console.campaigns.queries.placing import Placing, placing, shape_of, soonest
from console.campaigns.rules import NotAllowedYet
from tests import make
from tests.campaigns.test_conflicts import sharing
from tests.campaigns.test_placing import local, moved_to, owning
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

DAY = timedelta(days=1)
FIRST = date(2026, 12, 1)


@pytest.fixture
def one() -> Campaign:
    """A draft on the evening of 1 December, in UTC."""
    return make.campaign(
        opens_local=local("2026-12-01T20:00"), closes_local=local("2026-12-01T22:00")
    )


def frozen(first: date, days: int = 1) -> None:
    start = datetime.combine(first, time(), NOW.tzinfo)
    campaigns.freeze(
        "ERP migration", starts_at=start, ends_at=start + days * DAY,
        actor=make.user("operator"), now=NOW,
    )  # fmt: skip


def judged(one: Campaign, days: int) -> Placing:
    return placing(one, shape_of(one), first=FIRST, days=days, now=NOW)


def at(day: int, hour: int = 20) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=NOW.tzinfo)


def test_the_next_day_beyond_those_shown_is_not_a_frozen_one(one: Campaign) -> None:
    assert judged(one, 9).after == date(2026, 12, 10)
    frozen(date(2026, 12, 10), days=3)
    assert judged(one, 9).after == date(2026, 12, 13)


def test_a_freeze_of_months_is_stepped_over_at_once(one: Campaign) -> None:
    frozen(date(2026, 12, 2), days=200)
    found = judged(one, 9)
    assert [day.v for day in found.days] == ["ok", *["no"] * 8]
    assert found.after == soonest(one, now=NOW + 5 * DAY) == date(2027, 6, 20)


def test_a_day_on_which_another_sale_owns_the_price_is_forbidden(
    one: Campaign,
) -> None:
    owner = owning(one, opens_at=at(3, 21), hours=26)
    found = judged(one, 5)
    assert [day.v for day in found.days] == ["ok", "ok", "no", "no", "ok"]
    (why,) = found.days[2].why
    assert why.startswith(f"{owner.code} sets the price of 1 SKU of this one")


def test_the_next_day_is_one_on_which_nobody_owns_the_price(one: Campaign) -> None:
    for day in (10, 11, 13):
        owning(one, opens_at=at(day))
    frozen(date(2026, 12, 12))
    assert judged(one, 9).after == date(2026, 12, 14)


def test_sales_that_touch_are_drafts_or_elsewhere_forbid_nothing(
    one: Campaign,
) -> None:
    campaigns.add_channel("App", actor=make.user("admin"), now=NOW)
    owning(one, opens_at=at(2, 18))
    owning(one, opens_at=at(2, 22))
    sharing(one, opens_at=at(3))
    owning(one, opens_at=at(4), channels=["app"])
    assert {day.v for day in judged(one, 5).days} == {"ok"}


def test_a_drop_on_a_day_whose_price_another_owns_is_refused(one: Campaign) -> None:
    owner = owning(one, opens_at=at(3))
    with pytest.raises(NotAllowedYet, match=f"{owner.code} sets the price of 1 SKU"):
        moved_to(one, local("2026-12-03T20:00"))
    with pytest.raises(NotAllowedYet, match=r"Choose a day that is allowed\.$"):
        moved_to(one, local("2026-12-03T21:59"))
    one.refresh_from_db()
    assert one.opens_local == local("2026-12-01T20:00")


def test_a_plan_is_not_moved_behind_a_sale_into_another_owner(one: Campaign) -> None:
    first = owning(one, opens_at=at(1, 21))
    owner = owning(one, opens_at=at(2))
    with pytest.raises(NotAllowedYet, match=owner.code):
        campaigns.settle(one.code, first.code, Way.MOVE, actor=one.author, now=NOW)


@pytest.mark.parametrize("count", [1, 3])
def test_judging_days_costs_the_same_for_one_owner_and_three(
    one: Campaign,
    merchant: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for n in range(count):
        owning(one, opens_at=at(3 + n))
    url = reverse("campaigns:place", args=[one.code])
    asked = {"first": "2026-12-01", "days": str(28 + count)}
    merchant.get(url, asked)
    with django_assert_num_queries(10):
        days = merchant.get(url, asked).json()["days"]
    assert sum(day["v"] == "no" for day in days) == count
