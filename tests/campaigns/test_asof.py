"""A sale as of an instant: before, at its first second, amended, sold, over."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign
from console.campaigns.operations import Change, Wish
from console.campaigns.queries.asof import Then, as_of
from console.campaigns.rules import StartMode, UnknownMarket
from console.prices import operations as history
from console.prices.operations import Note
from console.prices.rules import Reason
from console.stock import operations as stock
from console.stock.queries import counters
from console.stock.rules import Item
from tests import make
from tests.campaigns.test_markets import market
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
SECOND = timedelta(seconds=1)
CODES = ("DE", "IE")


@pytest.fixture
def sale() -> Campaign:
    """A live sale of A and B since NOW."""
    made = make.campaign(lines=0)
    for code in "AB":
        make.line(made, author=made.author, code=code, buffer=2)
    made = campaigns.submit(made.code, actor=made.author, now=NOW)
    made = campaigns.approve(
        made.code, content_hash=made.content_hash, actor=make.user("approver"), now=NOW
    )
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(made.code, actor=None, now=NOW)
    made.refresh_from_db()
    return made


def prices(then: Then) -> dict[str, tuple[Decimal, str]]:
    return {one.sku: (one.price, one.sale) for one in then.lines}


def test_before_during_and_after(sale: Campaign) -> None:
    now = NOW + timedelta(days=1)
    before = as_of(sale, NOW - SECOND, now=now)
    assert (before.phase, prices(before)["A"]) == ("before", (Decimal(100), ""))
    during = as_of(sale, NOW, now=now)
    assert (during.phase, prices(during)["A"]) == ("live", (Decimal(70), sale.code))
    (first, _) = during.lines
    assert first.claim is not None
    assert (first.claim.badge, first.claim.strike) == ("−30%", 100)
    assert "Lowest price of the last 30 days: €100.00" in first.claim.lowest
    assert sale.closes_at
    assert as_of(sale, sale.closes_at, now=now).phase == "over"


def test_its_own_price_set_before_the_gate_opened_takes_no_claim(
    sale: Campaign,
) -> None:
    steps = ((60, "100", Reason.REGULAR), (0, "70", Reason.SALE))
    history.note_all(
        Note(code, Decimal(amount), NOW - timedelta(days=days), reason)
        for code in "AB"
        for days, amount, reason in steps
    )
    opened = Campaign.objects.filter(pk=sale.pk)
    opened.update(opens_at=NOW, opened_at=NOW + SECOND)
    sale.refresh_from_db()
    then = as_of(sale, NOW + 2 * SECOND, now=NOW + timedelta(minutes=1))
    claims = [one.claim.badge for one in then.lines if one.claim]
    assert claims == ["−30%", "−30%"]


def test_its_first_second_is_what_was_recorded(sale: Campaign) -> None:
    held = stock.reserve(
        sale.code, lines=[Item("A", 3)], buyer="b", key="k", now=NOW + SECOND
    )
    stock.confirm(held.id, order="O-1", now=NOW + SECOND)
    recorded = {one.sku_code: one.left for one in counters(sale.code, now=NOW + SECOND)}
    late = stock.reserve(
        sale.code, lines=[Item("A", 1)], buyer="c", key="l", now=NOW + 2 * SECOND
    )
    stock.confirm(late.id, order="O-2", now=NOW + 5 * SECOND)
    then = as_of(sale, NOW + SECOND, now=NOW + timedelta(hours=1))
    assert {one.sku: one.left for one in then.lines} == recorded
    assert recorded == {"A": 5, "B": 8}
    assert [one.planned for one in then.lines] == [8, 8]
    assert as_of(sale, NOW + SECOND, now=NOW).lines[0].left is None


def test_a_sale_that_was_cancelled_counts_until_then(sale: Campaign) -> None:
    held = stock.reserve(
        sale.code, lines=[Item("A", 3)], buyer="b", key="k", now=NOW + SECOND
    )
    stock.confirm(held.id, order="O-1", now=NOW + SECOND)
    stock.cancel_sale(held.id, actor=None, now=NOW + 5 * SECOND)
    now = NOW + timedelta(hours=1)
    left = [as_of(sale, NOW + n * SECOND, now=now).lines[0].left for n in (1, 4, 5)]
    assert left == [5, 5, 8]


def test_an_amendment_shows_from_when_it_was_applied(sale: Campaign) -> None:
    at = NOW + timedelta(minutes=10)
    made = campaigns.propose(
        sale.code,
        Change([Wish("A", sale_price=Decimal(60)), Wish("B", remove=True)]),
        actor=sale.author,
        now=at,
    )
    campaigns.approve_amendment(
        made.pk, content_hash=made.content_hash, actor=make.user("approver"), now=at
    )
    sale.refresh_from_db()
    now = NOW + timedelta(hours=1)
    earlier = prices(as_of(sale, at - SECOND, now=now))
    assert earlier == {"A": (Decimal(70), sale.code), "B": (Decimal(70), sale.code)}
    assert prices(as_of(sale, at, now=now)) == {"A": (Decimal(60), sale.code)}


def test_a_rolling_sale_begins_in_each_market_by_its_own_clock(client: Client) -> None:
    market("DE", name="Germany"), market("IE", name="Ireland", zone="Europe/Dublin")
    one = make.campaign(start_mode=StartMode.ROLLING)
    assert one.opens_at and one.closes_at
    between, now = one.opens_at + timedelta(minutes=30), NOW
    phases = {code: as_of(one, between, now=now, market=code).phase for code in CODES}
    assert phases == {"DE": "live", "IE": "before"}
    ending = one.closes_at - timedelta(minutes=30)
    phases = {code: as_of(one, ending, now=now, market=code).phase for code in CODES}
    assert phases == {"DE": "over", "IE": "live"}
    assert as_of(one, between, now=now).phase == "live", "the first by name"
    with pytest.raises(UnknownMarket, match="not for the market FR"):
        as_of(one, between, now=now, market="FR")
    client.force_login(one.author)
    said = {"at": f"{between.astimezone(ZoneInfo(one.zone)):%Y-%m-%dT%H:%M}"}
    url = reverse("campaigns:as_of", args=[one.code])
    page = client.get(url, said | {"market": "IE"}).text
    assert "Before the sale" in page
    assert "in Ireland, from" in page
    assert client.get(url, said | {"market": "FR"}).status_code == 422
    assert "in Germany, from" in client.get(url, said).text


def test_a_paused_sale_says_so_for_as_long_as_it_was(sale: Campaign) -> None:
    by = make.user("operator")
    for minute, act in ((5, campaigns.pause), (9, campaigns.resume)):
        act(sale.code, actor=by, now=NOW + minute * 60 * SECOND)
    sale.refresh_from_db()
    now = NOW + timedelta(hours=1)
    at = (NOW + minute * 60 * SECOND for minute in (4, 5, 8, 9))
    phases = [as_of(sale, each, now=now).phase for each in at]
    assert phases == ["live", "paused", "paused", "live"]
    paused = as_of(sale, NOW + 6 * 60 * SECOND, now=now)
    assert prices(paused)["A"] == (Decimal(70), sale.code)


def test_another_sale_of_that_instant_is_named() -> None:
    first = make.campaign(lines=0, opens_at=NOW + timedelta(days=9))
    make.line(first, author=first.author, code="A")
    other = make.armed(opens_at=NOW + timedelta(days=2))
    other.lines.create(
        sku=first.lines.get().sku, regular_price=100, sale_price=80, units=5
    )
    at = NOW + timedelta(days=2, minutes=5)
    assert prices(as_of(first, at, now=NOW)) == {"A": (Decimal(80), other.code)}


def test_the_page_takes_a_wall_clock(client: Client, sale: Campaign) -> None:
    client.force_login(make.user("viewer"))
    there = reverse("campaigns:as_of", args=[sale.code])
    assert client.get(there).status_code == 200
    page = client.get(there, {"at": f"{NOW + SECOND:%Y-%m-%dT%H:%M:%S}"})
    assert "−30%" in page.content.decode()
    Campaign.objects.update(zone="Europe/Berlin")
    gap = client.get(there, {"at": "2027-03-28T02:30:00"})
    assert gap.status_code == 422
    assert "does not exist" in gap.content.decode()
    assert client.get(there, {"at": "soon"}).status_code == 422


def test_the_page_begins_with_the_first_second_after_the_gate_opened(
    client: Client, sale: Campaign
) -> None:
    assert sale.opens_at
    late = sale.opens_at + timedelta(seconds=4, microseconds=1)
    Campaign.objects.filter(pk=sale.pk).update(opened_at=late)
    client.force_login(sale.author)
    page = client.get(reverse("campaigns:as_of", args=[sale.code]))
    assert page.context["then"].at == sale.opens_at + timedelta(seconds=5)


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_for_one_and_three(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sale = make.armed(lines=count)
    assert sale.opens_at
    with django_assert_num_queries(6):
        as_of(sale, sale.opens_at + SECOND, now=NOW)
