"""Each channel has a price history of its own: a plan reads those it sells in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.queries import readiness
from console.campaigns.queries.asof import as_of
from console.campaigns.queries.evidence import facts
from console.campaigns.queries.pricing import priced as at_method
from console.campaigns.queries.products import products
from console.fatigue.models import Audience
from console.prices import evidence
from console.prices import operations as prices
from console.prices.operations import Note
from console.prices.rules import Method, Reason
from console.prices.rules.charms import Pricing
from console.prices.rules.evidence import check
from tests import make
from tests.campaigns.test_claims import priced, told
from tests.campaigns.test_later import people, with_price
from tests.campaigns.test_lost import told as lost
from tests.make import NOW

__all__ = ["people"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
DAY = timedelta(days=1)
WAYS = {"app": ["app"], "web": ["web"], "both": ["app", "web"]}
LOW = {"app": Decimal(80), "web": Decimal(100), "both": Decimal(80)}
CLAIM = {"app": 12, "web": 30, "both": 12}
"""Of 70, from those lows."""


@pytest.fixture(autouse=True)
def _app() -> None:
    campaigns.add_channel("App", actor=make.user("admin"), now=NOW)


def sold(way: str, *steps: tuple[int, str, Reason]) -> Campaign:
    """For 70 in some channels; 100 on the web, and these prices in the app."""
    one = make.campaign(channels=WAYS[way])
    priced(one, *(steps or ((50, "80", Reason.REGULAR),)), channel="app")
    return one


@pytest.mark.parametrize("way", WAYS)
def test_the_low_of_the_plan_its_table_and_a_method_is_the_lowest_of_its_channels(
    way: str,
) -> None:
    one = sold(way)
    (row,) = products(one, now=NOW).rows
    assert (row.low, row.percent) == (LOW[way], CLAIM[way])
    assert f"ok “Up to {CLAIM[way]}%” may be said" in told(one)
    method = Pricing(Method.PERCENT_OFF_PRIOR, Decimal(50))
    lines = list(one.lines.select_related("sku"))
    (found,) = at_method(one, lines, method, now=NOW)
    assert (found.low, found.price) == (LOW[way], LOW[way] / 2)


@pytest.mark.parametrize("way", WAYS)
def test_a_raise_before_the_cut_is_seen_where_it_was_made(way: str) -> None:
    one = sold(way, (50, "80", Reason.REGULAR), (12, "90", Reason.REGULAR))
    raised = [text for text in told(one) if "raised from €80.00" in text]
    assert bool(raised) is (way != "web")


@pytest.mark.parametrize("way", WAYS)
def test_a_sale_without_end_is_seen_where_it_runs(way: str) -> None:
    one = sold(way, (80, "80", Reason.SALE), (2, "100", Reason.REVERT))
    endless = [text for text in told(one) if "of the 90 days before" in text]
    assert bool(endless) is (way != "web")


def ways(one: Campaign, *channels: str) -> Campaign:
    Campaign.objects.filter(pk=one.pk).update(channels=list(channels))
    one.refresh_from_db()
    return one


@pytest.mark.parametrize(
    "before,after,goes_on",
    [("app", "app", True), ("app", "web", False), ("both", "web", True)],
)
def test_an_offer_follows_on_only_in_a_channel_of_the_first(
    before: str, after: str, goes_on: bool
) -> None:
    one = make.campaign(channels=WAYS[before])
    assert one.closes_at
    other = make.campaign(
        of=one.audience, lines=0, opens_at=one.closes_at + 3 * DAY, author=one.author
    )
    with_price(other, 70, one.lines.get().sku.code)
    sent = campaigns.submit(ways(other, *WAYS[after]).code, actor=one.author, now=NOW)
    assert sent.submitted_at
    found = [text for text in told(one) if "of the same SKUs" in text]
    assert bool(found) is goes_on
    assert [run.code for run in facts(one.code).others] == [other.code] * goes_on


def noted(days: int, price: int, channel: str) -> None:
    """A regular price of the television since so many days."""
    prices.note_all([Note("TV", Decimal(price), NOW - days * DAY, channel=channel)])


@pytest.fixture
def television(people: Audience) -> Audience:
    """100 on the web and in the app."""
    make.level(make.sku("TV"))
    for channel in ("web", "app"):
        noted(60, 100, channel)
    return people


def two(
    people: Audience, early: Iterable[str], late: Iterable[str]
) -> tuple[Campaign, Campaign]:
    """A sale for 70 in thirteen days, and Black Friday for 60 in thirty."""
    said: dict[str, Any] = {"of": people, "lines": 0}
    first = make.campaign(opens_at=NOW + 13 * DAY, name="Early", **said)
    then = make.campaign(opens_at=NOW + 30 * DAY, name="Black Friday", **said)
    ways(with_price(first, 70), *early), ways(with_price(then, 60), *late)
    return first, then


FALLS = "Black Friday claim falls 40% → 14%"


@pytest.mark.parametrize(
    "early,late,falls",
    [
        ("app", "app", True),
        ("app", "web", False),
        ("web", "app", False),
        ("both", "web", True),
        ("app", "both", True),
    ],
)
def test_a_sale_takes_a_claim_only_in_a_channel_of_both(
    early: str, late: str, falls: bool, television: Audience
) -> None:
    first, _ = two(television, WAYS[early], WAYS[late])
    warned = [check.text for check in readiness.verdict(first, now=NOW).warnings]
    assert (FALLS in warned) is falls
    assert any("claim falls" in text for text in warned) is falls
    assert lost() == ([f"{FALLS}, after Early"] if falls else [])


def test_what_the_app_costs_anyway_is_taken_by_no_sale(television: Audience) -> None:
    """Black Friday may claim 14% before already, by its lowest channel."""
    noted(1, 70, "app")
    first, _ = two(television, WAYS["web"], WAYS["both"])
    warned = [check.text for check in readiness.verdict(first, now=NOW).warnings]
    assert not any("claim falls" in text for text in warned)
    assert lost() == []


@pytest.mark.parametrize("way", WAYS)
def test_as_of_an_instant_the_channels_of_the_sale_count(way: str) -> None:
    one = sold(way)
    assert one.opens_at
    (before,) = as_of(one, one.opens_at - DAY / 24, now=NOW).lines
    assert before.price == LOW[way]
    (line,) = as_of(one, one.opens_at, now=NOW).lines
    assert line.claim and line.claim.percent == CLAIM[way]


def test_as_of_an_instant_a_sale_of_another_channel_has_no_price_here(
    television: Audience,
) -> None:
    first, then = two(television, WAYS["app"], WAYS["web"])
    Campaign.objects.filter(pk=first.pk).update(state="approved")
    assert first.opens_at
    (line,) = as_of(then, first.opens_at, now=NOW).lines
    assert (line.price, line.sale) == (Decimal(100), "")
    (line,) = as_of(ways(then, "app"), first.opens_at, now=NOW).lines
    assert (line.price, line.sale) == (Decimal(70), first.code)


@pytest.mark.parametrize("way", WAYS)
def test_the_evidence_seals_every_channel_and_says_what_the_plan_says(way: str) -> None:
    one = sold(way)
    sealed = evidence.pack(evidence.facts(one.code))
    assert not check(sealed.text.encode()).void
    (line,) = [part for name, part in sealed.parts.items() if name.startswith("line ")]
    assert (line["prior"], line["claim"]) == (str(LOW[way]), CLAIM[way])
    assert [one["claim"] for one in line["judgements"]] == [CLAIM[way]]
    amounts = {row["amount"] for row in line["history"]}
    assert amounts == {str(LOW[way])} | ({"100"} if "web" in WAYS[way] else set())


def test_the_page_of_the_evidence_says_which_channel_a_price_is_of(
    merchant: Client,
) -> None:
    one = sold("both", (40, "85", Reason.REGULAR), (35, "80", Reason.REGULAR))
    page = merchant.get(reverse("prices:evidence", args=[one.code])).text
    assert "app and web" in page
    assert page.count(", app</small>") == page.count(", web</small>") == 1
    alone = merchant.get(reverse("prices:evidence", args=[sold("app").code])).text
    assert "with tax, app, days" in alone
    assert ", app</small>" not in alone


def test_the_file_is_void_if_a_price_is_said_to_be_of_another_channel() -> None:
    one = sold("both")
    text = evidence.pack(evidence.facts(one.code)).text
    assert '"channel":"app"' in text
    assert check(text.encode()).holds
    assert not check(text.replace('"channel":"app"', '"channel":"ape"').encode()).holds


def test_a_sku_without_history_in_one_channel_is_measured_in_the_others() -> None:
    one = make.campaign(channels=WAYS["both"])
    assert "ok European Union: Reductions that may be announced" in told(one)
    (row,) = products(one, now=NOW).rows
    assert row.low == 100


def test_a_price_of_another_currency_is_known_by_the_channel() -> None:
    """70 yen in the app, where it costs 16,000; on the web nothing is known in yen."""
    one = make.campaign(channels=["app"], currency="JPY")
    one.lines.update(regular_price=Decimal(16_000), sale_price=Decimal(70))
    priced(one, (60, "16000", Reason.REGULAR), currency="JPY", channel="app")
    priced(one, (60, "90", Reason.REGULAR), channel="app")
    assert any("is it in EUR?" in text for text in told(one, "prices"))
