"""Periods in which nothing is armed, or runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Freeze
from console.campaigns.queries import readiness
from console.campaigns.queries.placing import placing, shape_of
from console.campaigns.rules import (
    EndsBeforeStart,
    Frozen,
    Incomplete,
    NotAllowedYet,
    State,
    UnknownMarket,
)
from console.stock.models import Sku
from tests import make
from tests.campaigns.test_markets import market
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HTMX = {"HX-Request": "true"}


def frozen(
    start: datetime, end: datetime, category: str = "", markets: Sequence[str] = ()
) -> Freeze:
    return campaigns.freeze(
        "ERP migration",
        starts_at=start,
        ends_at=end,
        category=category,
        markets=markets,
        actor=make.user("operator"),
        now=NOW,
    )


def approved(one: Campaign) -> Campaign:
    return campaigns.approve(
        one.code, content_hash=one.content_hash, actor=make.user("approver"), now=NOW
    )


def blockers(one: Campaign) -> list[str]:
    return [check.text for check in readiness.verdict(one, now=NOW).blockers]


def test_a_sale_during_a_freeze_is_blocked_until_it_is_lifted() -> None:
    one = make.campaign()
    assert one.opens_at
    held = frozen(one.opens_at + HOUR, one.opens_at + DAY)
    assert blockers(one) == ["Frozen until Sun 29 Nov, 00:00: ERP migration"]
    campaigns.lift(held.pk, actor=make.user("approver"), now=NOW)
    campaigns.lift(held.pk, actor=make.user("approver"), now=NOW)
    assert blockers(one) == []
    assert Entry.objects.filter(verb="campaign.lift").count() == 1


def test_a_freeze_is_half_open() -> None:
    one = make.campaign()
    assert one.opens_at and one.closes_at
    frozen(one.opens_at - DAY, one.opens_at)
    frozen(one.closes_at, one.closes_at + DAY)
    assert blockers(one) == []


def test_a_freeze_of_a_category_stops_its_sales_only() -> None:
    boots, hats = make.campaign(), make.campaign()
    Sku.objects.filter(pk=boots.lines.get().sku_id).update(category="Boots")
    frozen(NOW, NOW + DAY, category="Boots")
    assert blockers(boots)
    assert blockers(hats) == []


def test_a_freeze_of_a_market_stops_the_sales_there_only() -> None:
    market("DE"), market("FR"), market("US", currency="USD")
    french, everywhere = make.campaign(markets=["FR"]), make.campaign()
    frozen(NOW, NOW + DAY, markets=["DE", "US"])
    assert blockers(french) == []
    assert blockers(everywhere) == ["Frozen until Sat 28 Nov, 20:00: ERP migration"]
    frozen(NOW, NOW + DAY, markets=["FR"])
    assert blockers(french)


def test_a_freeze_of_a_category_in_a_market_stops_what_is_both() -> None:
    market("DE"), market("FR")
    boots, hats = make.campaign(), make.campaign()
    french = make.campaign(markets=["FR"])
    skus = [one.lines.get().sku_id for one in (boots, french)]
    Sku.objects.filter(pk__in=skus).update(category="Boots")
    held = frozen(NOW, NOW + DAY, category="Boots", markets=["DE"])
    assert [bool(blockers(one)) for one in (boots, hats, french)] == [
        True,
        False,
        False,
    ]
    assert held.label == "ERP migration (Boots in DE)"


def test_a_freeze_of_a_market_leaves_a_shop_without_markets_alone() -> None:
    market("DE", currency="SEK")
    one = make.campaign()
    frozen(NOW, NOW + DAY, markets=["DE"])
    assert blockers(one) == []


def test_a_freeze_of_a_market_suspends_what_is_armed_there() -> None:
    market("DE"), market("FR")
    german, french = make.armed(markets=["DE"]), make.armed(markets=["FR"])
    frozen(NOW, NOW + DAY, markets=["DE"])
    german.refresh_from_db(), french.refresh_from_db()
    assert (german.suspended_at, french.suspended_at) == (NOW, None)


def test_a_freeze_of_a_market_that_is_not_there_is_refused() -> None:
    market("DE")
    with pytest.raises(UnknownMarket, match="There is no market IT") as refused:
        frozen(NOW, NOW + DAY, markets=["DE", "IT"])
    assert refused.value.field == "markets"


def test_the_calendar_says_which_sales_a_freeze_concerns(merchant: Client) -> None:
    market("DE"), market("FR"), make.campaign()
    frozen(NOW, NOW + DAY, markets=["FR", "DE"])
    frozen(NOW, NOW + DAY, category="Boots")
    page = merchant.get("/calendar/?at=2026-11-27").text
    assert "ERP migration (DE, FR)" in page
    assert "ERP migration (Boots)" in page
    rows = merchant.get(reverse("campaigns:freezes")).text
    assert 'data-label="Concerns">DE, FR<' in rows


def test_what_is_approved_during_a_freeze_waits_to_be_armed() -> None:
    one = make.submitted(opens_at=NOW + 5 * DAY)
    held = frozen(NOW - HOUR, NOW + HOUR)
    assert approved(one).state == State.APPROVED
    approver = make.user("approver")
    with pytest.raises(Frozen, match="ERP migration") as refused:
        campaigns.arm(one.code, actor=approver, now=NOW)
    assert refused.value.status == 409
    campaigns.lift(held.pk, actor=approver, now=NOW)
    assert campaigns.arm(one.code, actor=approver, now=NOW).state == State.ARMED


def test_an_override_is_a_reason_and_one_approver_more() -> None:
    one = make.campaign()
    assert one.opens_at
    frozen(NOW - HOUR, one.opens_at + DAY)
    with pytest.raises(NotAllowedYet):
        campaigns.submit(one.code, actor=one.author, now=NOW)
    sent = campaigns.submit(
        one.code, actor=one.author, now=NOW, override="ERP team agreed"
    )
    assert approved(sent).state == State.IN_REVIEW
    assert approved(sent).state == State.ARMED
    said = Entry.objects.filter(verb="campaign.submit").latest("pk")
    assert said.reason == "ERP team agreed"


def test_the_override_is_asked_for_by_what_stands_in_the_way(client: Client) -> None:
    one = make.campaign()
    assert one.opens_at
    frozen(NOW - HOUR, one.opens_at + DAY)
    client.force_login(make.user("merchandiser"))
    page = client.get(reverse("campaigns:submit", args=[one.code])).text
    assert "Why pass over: Frozen until" in page
    assert "fatigue policy" not in page


def test_the_calendar_forbids_its_days_to_a_draft() -> None:
    one = make.campaign(opens_at=NOW + 5 * DAY)
    held = frozen(NOW + 9 * DAY, NOW + 11 * DAY)
    found = placing(one, shape_of(one), first=(NOW + 8 * DAY).date(), days=5, now=NOW)
    assert [day.v for day in found.days] == ["ok", "no", "no", "ok", "ok"]
    assert found.days[1].why == ("Frozen until Tue 8 Dec, 20:00: ERP migration",)
    local = (held.starts_at + HOUR).replace(tzinfo=None)
    with pytest.raises(NotAllowedYet, match="Frozen"):
        campaigns.move(
            one.code, opens_local=local, closes_local=local + HOUR,
            version=one.version, actor=one.author, now=NOW,
        )  # fmt: skip


def test_a_freeze_that_cannot_be_is_refused() -> None:
    with pytest.raises(EndsBeforeStart):
        frozen(NOW, NOW)
    with pytest.raises(Incomplete):
        campaigns.freeze(
            " ", starts_at=NOW, ends_at=NOW + DAY, actor=make.user("operator"), now=NOW
        )
    with (
        pytest.raises(IntegrityError, match="freeze_ends_after_it_starts"),
        transaction.atomic(),
    ):
        Freeze.objects.create(
            name="X", starts_at=NOW, ends_at=NOW, by=make.user("operator")
        )


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for _ in range(count):
        frozen(NOW, NOW + DAY)
    client.force_login(make.user("viewer"))
    client.get(reverse("campaigns:freezes"))
    with django_assert_num_queries(4):
        page = client.get(reverse("campaigns:freezes")).text
    assert page.count("ERP migration") == count
    assert "Lift</button>" not in page


def test_an_operator_freezes_and_lifts_from_the_page(client: Client) -> None:
    client.force_login(make.user("operator"))
    url = reverse("campaigns:freeze")
    said = {"name": "Stocktaking", "starts": "2026-12-01T08:00", "ends": ""}
    assert client.post(url, said, headers=HTMX).status_code == 422
    bad = client.post(url, said | {"ends": "2026-12-01T07:00"}, headers=HTMX)
    assert "after the start" in bad.text
    client.post(url, said | {"ends": "2026-12-02T08:00"}, headers=HTMX)
    made = Freeze.objects.get()
    assert made.starts_at == datetime.fromisoformat("2026-12-01T07:00+00:00")
    assert "Stocktaking" in client.get("/calendar/?at=2026-12-01").text
    client.post(reverse("campaigns:lift", args=[made.pk]), headers=HTMX)
    made.refresh_from_db()
    assert made.lifted_at == NOW


def test_a_program_names_markets_too(client: Client) -> None:
    client.force_login(make.user("operator"))
    said = {"name": "Tax", "starts_at": NOW, "ends_at": NOW + DAY, "markets": ["DE"]}
    send = {"path": "/api/v1/freezes", "content_type": "application/json"}
    assert client.post(data=said, **send).json()["field"] == "markets"
    market("DE")
    assert client.post(data=said, **send).json()["markets"] == ["DE"]
    (listed,) = client.get("/api/v1/freezes").json()
    assert listed["markets"] == ["DE"]


def test_markets_are_chosen_from_those_there_are(client: Client) -> None:
    client.force_login(make.user("operator"))
    url = reverse("campaigns:freeze")
    assert 'name="markets"' not in client.get(url).text
    market("DE"), market("FR")
    assert client.get(url).text.count('name="markets"') == 2
    said = {"name": "Tax", "starts": "2026-12-01T08:00", "ends": "2026-12-02T08:00"}
    assert client.post(url, said | {"markets": "IT"}, headers=HTMX).status_code == 422
    client.post(url, said | {"markets": ["FR", "DE"]}, headers=HTMX)
    assert Freeze.objects.get().markets == ["DE", "FR"]
