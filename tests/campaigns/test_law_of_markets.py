"""What the law of each market measures, and where the 30-day low is only advice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Market
from console.campaigns.operations.kept import keep_law
from console.campaigns.queries import readiness
from console.campaigns.queries.asof import as_of
from console.campaigns.queries.products import products
from console.campaigns.rules import StartMode
from console.fatigue.models import Audience
from console.prices import operations as prices
from console.prices.rules import Reason
from tests import make
from tests.campaigns.test_claims import priced
from tests.campaigns.test_later import black_friday, early, people, warnings
from tests.campaigns.test_law_options import GROWN
from tests.campaigns.test_lost import told as lost
from tests.campaigns.test_markets import market
from tests.make import NOW

__all__ = ["black_friday", "people"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
DAY = timedelta(days=1)
NOT_BELOW = "not below the 30-day low"


def at_the_low() -> Campaign:
    """A sale for 70 of what another sale offered for 70 ten days before."""
    one = make.campaign()
    priced(one, (10, "70", Reason.SALE), (9, "100", Reason.REVERT))
    return one


def said(one: Campaign) -> tuple[int, int]:
    """How many blockers and warnings of its verdict are about the 30-day low."""
    found = readiness.verdict(one, now=NOW)
    bad, warn = (
        [check.text for check in checks if NOT_BELOW in check.text]
        for checks in (found.hard, found.warnings)
    )
    return len(bad), len(warn)


@pytest.mark.parametrize("law,blocks", [("eu", True), ("eu-fi", True), ("us", False)])
def test_a_price_at_the_30_day_low_is_stopped_only_where_a_law_measures_it(
    law: str, blocks: bool
) -> None:
    market("XX", "DE", pack=law)
    one = at_the_low()
    assert said(one) == ((1, 0) if blocks else (0, 1))
    (row,) = products(one, now=NOW).rows
    assert row.check == ("bad" if blocks else "warn", "Not lower")


def test_one_law_that_measures_is_enough_to_stop_it() -> None:
    market("UK", "GB", pack="uk")
    market("DE")
    assert said(at_the_low()) == (1, 0)


def test_a_draft_without_a_date_is_asked_about_by_the_law_of_its_markets() -> None:
    market("UK", "GB", pack="uk")
    one = at_the_low()
    Campaign.objects.filter(pk=one.pk).update(
        opens_at=None, closes_at=None, opens_local=None, closes_local=None
    )
    one.refresh_from_db()
    assert said(one) == (0, 1)
    (row,) = products(one, now=NOW).rows
    assert row.check[0] == "warn"


@pytest.mark.parametrize("law,suspended", [("eu", True), ("uk", False), ("us", False)])
def test_advice_never_suspends_an_armed_plan(law: str, suspended: bool) -> None:
    market("XX", "GB", pack=law)
    one = make.armed()
    prices.note(one.lines.get().sku.code, Decimal(65), from_at=NOW)
    found = campaigns.recheck(one.code, now=NOW)
    assert (found.suspended_at is not None) is suspended


def rolling() -> Campaign:
    """50 for what fell from 100 over 80 and 70, in three markets with their laws."""
    market("DE", name="Germany")
    market("FI", name="Finland", pack="eu-fi", zone="Europe/Helsinki")
    market("US", name="States", pack="us", zone="America/New_York")
    one = make.campaign(start_mode=StartMode.ROLLING)
    priced(one, *GROWN)
    one.lines.update(sale_price=Decimal(50))
    one.refresh_from_db()
    return one


BADGES = {"DE": "−28%", "FI": "−50%", "US": None}


def badges(one: Campaign) -> dict[str, str | None]:
    """What each market shows in the first instant of the sale there."""
    found = {}
    for code in BADGES:
        opening = as_of(one, NOW, now=NOW, market=code).opening
        assert opening
        then = as_of(one, opening.window.opens_at, now=NOW, market=code)
        assert then.phase == "live"
        (line,) = then.lines
        found[code] = line.claim.badge if line.claim else None
    return found


def test_as_of_an_instant_each_market_shows_the_claim_of_its_law() -> None:
    assert badges(rolling()) == BADGES


def test_the_law_kept_for_each_market_holds_after_markets_change() -> None:
    one = rolling()
    keep_law(one, now=NOW)
    Market.objects.update(pack="eu", options=[])
    assert badges(one) == BADGES


def test_the_page_says_which_law_measures_nothing(merchant: Client) -> None:
    market("DE", name="Germany")
    market("US", name="States", pack="us")
    one = make.campaign()
    url = reverse("campaigns:as_of", args=[one.code])
    assert one.opens_at
    at = {"at": f"{one.opens_at:%Y-%m-%dT%H:%M}"}
    assert "−30%" in merchant.get(url, at | {"market": "DE"}).text
    page = merchant.get(url, at | {"market": "US"}).text
    assert "Not measured: the law of States asks for no 30-day low" in page
    assert "−30%" not in page


FALLS = "Black Friday claim falls 40% → 14%"


def sold_in(one: Campaign, *codes: str) -> Campaign:
    Campaign.objects.filter(pk=one.pk).update(markets=list(codes))
    one.refresh_from_db()
    return one


@pytest.mark.parametrize("law,falls", [("eu", True), ("us", False)])
def test_a_later_sale_no_law_measures_loses_no_claim(
    law: str, falls: bool, people: Audience, black_friday: Campaign
) -> None:
    market("DE")
    market("US", pack=law)
    sold_in(black_friday, "US")
    one = sold_in(early(people, days=13), "DE")
    assert (FALLS in warnings(one)) is falls
    assert lost() == ([f"{FALLS}, after {one.name}"] if falls else [])


def test_what_no_law_measures_still_lowers_the_low_of_others(
    people: Audience, black_friday: Campaign
) -> None:
    """A price history knows no markets: its price counts for the verdict of others."""
    market("DE")
    market("US", pack="us")
    sold_in(black_friday, "DE")
    assert FALLS in warnings(sold_in(early(people, days=13), "US"))


@pytest.mark.usefixtures("black_friday")
def test_a_sale_of_all_markets_has_the_laws_of_its_currency(people: Audience) -> None:
    market("US", pack="us")
    market("CH", pack="eu", currency="CHF")
    assert FALLS not in warnings(early(people, days=13))
