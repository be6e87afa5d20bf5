"""Markets, channels and shops: kept, offered, and what a sale makes of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Market, MarketCountry, PriceOwner
from console.campaigns.operations import MarketTerms, Terms
from console.campaigns.queries import places, readiness
from console.campaigns.rules import (
    Incomplete,
    MarketsDiffer,
    MarketsOverlap,
    StartMode,
    UnknownMarket,
    UnknownZone,
)
from console.prices.models import WEB
from console.prices.rules.packs import UnknownPack
from console.providers.models import Connection
from console.runbook.models import Step
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def market(code: str, *countries: str, **said: Any) -> Market:
    values = {"name": code, "zone": "Europe/Berlin", "currency": "EUR"} | said
    return campaigns.save_market(
        MarketTerms(code=code, countries=countries or (code,), **values),
        actor=make.user("approver"),
        now=NOW,
    )


def retimed(one: Campaign, **changes: Any) -> Campaign:
    said = {name: getattr(one, name) for name in Terms.__dataclass_fields__}
    terms = Terms(**said | changes)
    return campaigns.edit(
        one.code, terms=terms, version=one.version, actor=one.author, now=NOW
    )


def checks(one: Campaign) -> list[str]:
    told = readiness.verdict(one, now=NOW).sections
    return [check.text for s in told if s.key == "where" for check in s.checks]


def test_markets_never_share_a_country() -> None:
    market("DACH", "DE", "AT")
    with pytest.raises(MarketsOverlap, match="AT belongs to DACH"):
        market("ALPS", "AT", "CH")
    assert not Market.objects.filter(code="ALPS").exists()
    market("DACH", "DE")
    assert market("ALPS", "AT", "CH").countries.count() == 2


def test_the_database_refuses_a_country_twice() -> None:
    first = market("DE")
    with pytest.raises(IntegrityError), transaction.atomic():
        MarketCountry.objects.bulk_create([MarketCountry(country="DE", market=first)])


@pytest.mark.django_db(transaction=True)
def test_of_two_markets_that_want_one_country_one_wins() -> None:
    people = [make.user("approver") for _ in range(2)]

    def add(n: int) -> Market:
        terms = MarketTerms(f"M{n}", "Market", "UTC", "EUR", ["DE"])
        return campaigns.save_market(terms, actor=people[n], now=NOW)

    told = in_parallel(2, add)
    assert [type(one) for one in told if isinstance(one, Exception)] == [MarketsOverlap]


def test_a_market_that_cannot_be_is_refused_by_field() -> None:
    for said, error in (
        ({"name": " "}, Incomplete),
        ({"zone": "Mars/Olympus"}, UnknownZone),
        ({"pack": "mars"}, UnknownPack),
    ):
        with pytest.raises(error):
            market("DE", **said)
    market("DE")
    with pytest.raises(MarketsDiffer):
        market("DE", currency="USD")


def test_a_campaign_in_a_market_of_another_currency_is_refused() -> None:
    market("US", zone="America/New_York", currency="USD")
    one = make.campaign()
    with pytest.raises(MarketsDiffer, match="US sells in USD"):
        retimed(one, markets=["US"])
    with pytest.raises(UnknownMarket, match="FR"):
        retimed(one, markets=["FR"])
    with pytest.raises(UnknownMarket, match="channel app"):
        retimed(one, channels=["app"])
    with pytest.raises(UnknownMarket, match="at least one"):
        retimed(one, channels=[])


def test_a_sale_at_local_midnight_lasts_from_the_first_market_to_the_last() -> None:
    market("DE"), market("IE", zone="Europe/Dublin")
    midnight = datetime.fromisoformat("2026-11-28")
    one = retimed(
        make.campaign(),
        markets=["IE", "DE"],
        start_mode=StartMode.ROLLING,
        opens_local=midnight,
        closes_local=midnight + 24 * HOUR,
    )
    assert one.markets == ["DE", "IE"]
    assert one.opens_at and one.closes_at
    assert one.closes_at - one.opens_at == 25 * HOUR
    found = {o.place.code: o.window.opens_at for o in places.openings(one)}
    assert found["IE"] - found["DE"] == HOUR


def test_the_terms_of_a_place_are_part_of_what_is_approved() -> None:
    market("DE"), market("FR")
    one = make.submitted(markets=["DE"])
    assert retimed(one, markets=["DE", "FR"]).state == "draft"


def test_without_markets_of_its_own_a_sale_is_in_all_of_its_currency() -> None:
    market("DE"), market("US", currency="USD")
    one = make.campaign()
    assert [place.code for place in places.places_of(one)] == ["DE"]
    touched = readiness.candidate(one).touch.reach
    assert "market:DE" in {str(scope) for scope in touched}


def shop(name: str, *markets: str, channel: str = WEB) -> Connection:
    made = make.connection(name, "sandbox_shop")
    campaigns.place_shop(
        name, channel=channel, markets=markets, actor=make.user("admin"), now=NOW
    )
    return made


def price_steps(one: Campaign) -> dict[str, Step]:
    steps = Step.objects.filter(plan=one.plan, kind="prices.apply")
    return {step.target: step for step in steps}


def test_each_shop_gets_its_prices_when_its_market_opens() -> None:
    market("DE"), market("IE", zone="Europe/Dublin")
    shop("berlin", "DE"), shop("dublin", "IE")
    one = make.armed(start_mode=StartMode.ROLLING, opens_at=NOW + 8 * HOUR)
    steps = price_steps(one)
    assert steps["dublin"].due_at - steps["berlin"].due_at == HOUR
    assert steps["berlin"].due_at == one.opens_at
    ends = Step.objects.filter(plan=one.plan, kind="runbook.revert", phase="revert")
    ends = ends.filter(title="Put the prices back").order_by("due_at")
    assert [end.due_at for end in ends] == [one.closes_at and one.closes_at - HOUR, one.closes_at]  # fmt: skip  # noqa: E501


def test_a_shop_of_another_market_or_channel_is_left_alone() -> None:
    market("DE"), market("FR")
    campaigns.add_channel("App", actor=make.user("admin"), now=NOW)
    shop("berlin", "DE"), shop("paris", "FR"), shop("app", "DE", channel="app")
    steps = price_steps(make.armed(markets=["DE"]))
    assert list(steps) == ["berlin"]
    assert (steps["berlin"].wanted["channel"], steps["berlin"].wanted["currency"]) == (
        "web",
        "EUR",
    )


def test_a_shop_with_one_price_for_more_markets_than_the_sale_blocks_it() -> None:
    market("DE"), market("FR")
    shop("europe", "DE", "FR")
    one = make.campaign(markets=["DE"])
    assert checks(one) == [
        "europe: its price also holds in FR. Add them, or leave this shop's markets out"
    ]
    assert checks(retimed(one, markets=["DE", "FR"])) == []


@pytest.mark.parametrize("made", [("DE", "IE"), ("IE", "DE")])
def test_a_shop_cannot_follow_two_midnights_with_one_price(
    made: tuple[str, str],
) -> None:
    zones = {"DE": "Europe/Berlin", "IE": "Europe/Dublin"}
    for code in made:
        market(code, zone=zones[code])
    shop("europe", *made)
    one = make.campaign(start_mode=StartMode.ROLLING)
    assert checks(one) == [
        "europe: one price for DE and IE cannot start at different times. "
        "Choose one instant"
    ]


def test_a_new_market_belongs_to_the_sales_that_are_everywhere() -> None:
    market("DE")
    one = make.armed()
    assert _places(one) == 1
    market("FR"), market("US", currency="USD")
    assert _places(one) == 2


def _places(one: Campaign) -> int:
    ranges = PriceOwner.objects.get(campaign=one).places
    return sum(each.upper - each.lower for each in ranges)


def test_ending_a_rolling_sale_before_all_markets_opened_drops_their_prices() -> None:
    market("DE"), market("IE", zone="Europe/Dublin")
    shop("berlin", "DE"), shop("dublin", "IE")
    one = make.armed(start_mode=StartMode.ROLLING)
    assert one.opens_at
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(one.code, actor=None, now=one.opens_at)
    at = one.opens_at + HOUR / 2
    campaigns.end_now(one.code, reason="Mistake", actor=make.user("operator"), now=at)
    assert price_steps(one)["dublin"].state == "skipped"


def test_the_page_adds_and_changes_markets(client: Client) -> None:
    client.force_login(make.user("approver"))
    url = reverse("campaigns:add_market")
    said = {"code": "DE", "name": "Germany", "countries": "DE", "pack": "eu",
            "zone": "Europe/Berlin", "currency": "EUR"}  # fmt: skip
    assert client.post(url, said).status_code == 302
    wrong = client.post(url, said | {"code": "AT", "name": "Austria"})
    assert wrong.status_code == 422
    assert "DE belongs to DE already" in wrong.text
    there = reverse("campaigns:edit_market", args=["DE"])
    page = client.get(there)
    assert 'value="DE"' in page.text
    version = page.context["form"]["version"].value()
    changed = said | {"countries": "DE, AT", "version": version}
    assert client.post(there, changed).status_code == 302
    page = client.get(reverse("campaigns:markets")).text
    assert "AT, DE" in page


@pytest.mark.usefixtures("still_clock")
def test_the_plan_shows_when_each_market_opens_in_utc(client: Client) -> None:
    market("DE"), market("IE", zone="Europe/Dublin")
    one = make.campaign(start_mode=StartMode.ROLLING)
    client.force_login(make.user("merchandiser"))
    page = client.get(reverse("campaigns:plan", args=[one.code])).text
    assert "Opens, UTC" in page
    assert page.count("Fri 27 Nov, 22:00") + page.count("Fri 27 Nov, 23:00") >= 2


def test_the_calendar_has_a_lane_for_each_market(client: Client) -> None:
    market("DE"), market("US", currency="USD")
    one = make.armed(markets=["DE"])
    client.force_login(make.user("viewer"))
    page = client.get(reverse("campaigns:calendar") + "?by=market&at=2026-11-27").text
    assert page.count(one.code) >= 1
    assert "US" in page
