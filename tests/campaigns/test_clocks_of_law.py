"""The days that count for a reduction run on the clock of its market."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, KeptLaw, Market
from console.campaigns.operations.kept import keep_law
from console.campaigns.queries import readiness
from console.campaigns.queries.asof import as_of
from console.campaigns.queries.products import products
from console.campaigns.rules import StartMode
from console.fatigue.models import Audience
from console.prices import evidence
from console.prices import operations as prices
from console.prices.operations import Note
from console.prices.rules import Reason
from console.prices.rules.evidence import check
from tests import make
from tests.campaigns.test_later import black_friday, people, warnings
from tests.campaigns.test_law import about
from tests.campaigns.test_lost import told as lost
from tests.campaigns.test_markets import market
from tests.make import NOW

__all__ = ["black_friday", "people"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
YORK = "America/New_York"
MAY = "Reductions that may be announced"


def noted(one: Campaign, *steps: tuple[datetime, int, Reason], code: str = "") -> None:
    sku = one.lines.get().sku.code
    prices.note_all(
        Note(sku, Decimal(p), at, why, campaign=code) for at, p, why in steps
    )


def changed_in_the_hour(**terms: object) -> Campaign:
    """80 until 720.5 hours before the opening, and 100 since; now for 70.

    In New York clocks were set back on 1 November, in Berlin on 25 October: 30 days are
    721 hours there and 720 here.
    """
    one = make.campaign(**terms)  # type: ignore[arg-type]
    assert one.opens_at
    month = one.opens_at - 720 * HOUR
    noted(
        one,
        (month - 5 * HOUR, 80, Reason.SALE),
        (month - HOUR / 2, 100, Reason.REVERT),
    )
    return one


def lows(one: Campaign) -> set[Decimal]:
    """The 30-day low as the plan, its table and its evidence tell it."""
    now = one.opens_at
    assert now
    (row,) = products(one, now=now).rows
    sealed = evidence.pack(evidence.facts(one.code))
    assert not check(sealed.text.encode()).void
    said = sealed.parts[f"line {row.line.sku.code}"]
    (shown,) = as_of(one, now, now=now).lines
    assert shown.claim
    assert shown.claim.percent == said["claim"] == row.percent
    assert {judged["claim"] for judged in said["judgements"]} == {row.percent}
    candidate = readiness.candidate(one)
    (judged,) = readiness.claims.priced(candidate, now=now)
    assert judged.prior and judged.prior.amount == row.low
    assert row.low
    return {row.low, Decimal(said["prior"])}


@pytest.mark.parametrize("zone,low", [(YORK, 80), ("Europe/Berlin", 100)])
def test_verdict_and_evidence_count_the_days_of_the_market(zone: str, low: int) -> None:
    market("XX", "US", zone=zone)
    assert lows(changed_in_the_hour()) == {Decimal(low)}


def test_a_shop_without_markets_counts_its_own_days_wherever_it_was_planned() -> None:
    assert lows(changed_in_the_hour(zone=YORK)) == {Decimal(100)}


def test_of_several_markets_the_longest_days_count() -> None:
    market("DE")
    market("US", zone=YORK)
    one = changed_in_the_hour()
    (row,) = products(one, now=NOW).rows
    sealed = evidence.pack(evidence.facts(one.code))
    said = sealed.parts[f"line {row.line.sku.code}"]
    assert (row.low, said["prior"]) == (Decimal(80), "80")
    claims = [judged["claim"] for judged in said["judgements"]]
    assert sorted(claims) == [12, 30], "each market by its own days"
    assert check(sealed.text.encode()).holds
    (may,) = about(one, MAY)
    assert (may.value, may.limit) == ("1", "1"), "one law, told once"


def rolling() -> Campaign:
    """One sale that opens at the same local time in Germany and in New York."""
    market("DE")
    market("US", zone=YORK)
    return make.campaign(start_mode=StartMode.ROLLING)


def judgements(one: Campaign) -> list[int]:
    sealed = evidence.pack(evidence.facts(one.code))
    assert check(sealed.text.encode()).holds
    (said,) = [part for name, part in sealed.parts.items() if name.startswith("line ")]
    return [judged["claim"] for judged in said["judgements"]]


def test_a_later_market_is_measured_up_to_its_own_opening() -> None:
    one = rolling()
    assert one.opens_at
    noted(one, (one.opens_at + HOUR, 80, Reason.REGULAR))
    assert sorted(judgements(one)) == [12, 30]
    (row,) = products(one, now=NOW).rows
    assert row.low == 80


def test_the_page_of_the_evidence_says_where_it_opens_later(merchant: Client) -> None:
    page = merchant.get(reverse("prices:evidence", args=[rolling().code])).text
    assert "days of Europe/Berlin" in page
    assert page.count("eu v2") == 2
    assert "by America/New_York" in page


def test_a_sale_takes_no_claim_of_its_own_later_market() -> None:
    """In Germany it is on sale already when it opens in New York."""
    one = rolling()
    assert one.opens_at
    own = [(one.opens_at, 70, Reason.SALE), (one.opens_at + HOUR, 100, Reason.REVERT)]
    noted(one, *own, code=one.code)
    assert judgements(one) == [30, 30]
    (row,) = products(one, now=NOW).rows
    assert row.low == 100
    there = one.opens_at + 6 * HOUR
    (line,) = as_of(one, there, now=there, market="US").lines
    assert line.claim and line.claim.percent == 30


def test_the_clocks_a_sale_was_opened_by_are_kept() -> None:
    market("US", zone=YORK)
    one = changed_in_the_hour()
    keep_law(one, now=NOW)
    before = evidence.pack(evidence.facts(one.code))
    Market.objects.update(zone="Europe/Berlin")
    assert evidence.pack(evidence.facts(one.code)) == before


def test_evidence_of_a_sale_whose_clocks_were_not_kept_counts_as_it_did() -> None:
    """By the zone it was planned in, as files sealed before say."""
    one = changed_in_the_hour(zone=YORK)
    keep_law(one, now=NOW)
    row = KeptLaw.objects.get()
    row.packs = [{k: one[k] for k in ("id", "version", "options")} for one in row.packs]
    row.save()
    assert judgements(one) == [12]


def test_one_clock_asks_once_and_each_more_once_more(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    market("DE")
    market("AT")
    one = make.campaign()
    candidate = readiness.candidate(one)
    with django_assert_num_queries(3):
        readiness.claims.priced(candidate, now=NOW)
    market("US", zone=YORK)
    candidate = readiness.candidate(one)
    with django_assert_num_queries(4):
        readiness.claims.priced(candidate, now=NOW)


SPRING = datetime(2027, 4, 20, 18, tzinfo=UTC)
"""30 days before, clocks were set forward in New York already, not in Berlin yet."""
FALLS = "Black Friday claim falls 40% → 14%"


@pytest.mark.parametrize("zone,falls", [(YORK, True), ("Europe/Berlin", False)])
def test_the_look_ahead_counts_the_days_of_the_later_sale(
    zone: str, falls: bool, people: Audience, black_friday: Campaign
) -> None:
    """The sale before ends 719.5 hours before: half an hour into New York's days."""
    market("XX", "US", zone=zone)
    Campaign.objects.filter(pk=black_friday.pk).update(
        opens_at=SPRING, closes_at=SPRING + DAY
    )
    ends = SPRING - timedelta(hours=719, minutes=30)
    one = make.campaign(of=people, lines=0, opens_at=ends - 2 * HOUR, hours=2)
    campaigns.add_line(
        one.code,
        sku_code="TV",
        values=campaigns.LineTerms(sale_price=Decimal(70), units=5),
        actor=one.author,
        now=NOW,
    )
    assert (FALLS in warnings(one)) is falls
    shown = lost(SPRING.date(), "month")
    assert shown == ([f"{FALLS}, after {one.name}"] if falls else [])
