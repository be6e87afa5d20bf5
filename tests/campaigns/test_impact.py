"""What a later end of a sale does to later claims, to other ends, and to stock."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from console.campaigns import operations as campaigns
from console.campaigns.models import Approval, Campaign
from console.campaigns.operations import Change, LineTerms, Wish
from console.campaigns.queries import impact
from console.campaigns.rules import WrongState
from console.prices.rules import Reason
from console.stock import operations as stock
from console.stock.rules import Item
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FALLS = "Black Friday claim falls 40% → 14%"
END = "closes_local"
HTMX = {"HX-Request": "true"}


def selling(
    price: int, opens_at: datetime, *, code: str = "TV", units: int = 5, **terms: object
) -> Campaign:
    """A draft of one SKU."""
    one = make.campaign(lines=0, opens_at=opens_at, **terms)
    values = LineTerms(sale_price=Decimal(price), units=units)
    campaigns.add_line(
        one.code, sku_code=code, values=values, actor=one.author, now=NOW
    )
    return one


def armed(one: Campaign) -> Campaign:
    sent = campaigns.submit(one.code, actor=one.author, now=NOW)
    return campaigns.approve(
        one.code, content_hash=sent.content_hash, actor=make.user("approver"), now=NOW
    )


def live(one: Campaign) -> Campaign:
    for act in (campaigns.warm, campaigns.ready, campaigns.open):
        act(one.code, actor=None, now=one.opens_at or NOW)
    one.refresh_from_db()
    return one


@pytest.fixture
def sale() -> Campaign:
    """A television of 100 for 70, in an hour and for two: 5 of the 25 there are."""
    sku = make.sku("TV")
    make.level(sku, units=25)
    make.prices.note("TV", Decimal(100), from_at=NOW - 60 * DAY)
    return armed(selling(70, NOW + HOUR))


def texts(one: Campaign, by: timedelta, now: datetime = NOW) -> list[str]:
    assert one.closes_at
    return [check.text for check in impact.of_end(one, one.closes_at + by, now=now)]


def black_friday() -> Campaign:
    """The window its claim is measured in begins two days after the sale."""
    return selling(60, NOW + 32 * DAY, name="Black Friday")


def test_a_longer_sale_lowers_the_claim_of_one_whose_window_it_reaches(
    sale: Campaign,
) -> None:
    black_friday()
    assert texts(sale, DAY) == []
    assert texts(sale, 3 * DAY) == [FALLS]


def test_so_does_one_that_is_live_with_its_price_in_the_history(
    sale: Campaign,
) -> None:
    black_friday()
    sale = live(sale)
    opens = sale.opens_at
    assert opens
    make.prices.note(
        "TV", Decimal(70), from_at=opens, reason=Reason.SALE, campaign=sale.code
    )
    assert texts(sale, DAY, now=opens + HOUR) == []
    assert texts(sale, 3 * DAY, now=opens + HOUR) == [FALLS]


def test_what_an_extension_costs_is_kept_with_it_and_refuses_nothing(
    sale: Campaign,
) -> None:
    black_friday()
    assert sale.closes_local
    campaigns.extend(
        sale.code, closes_local=sale.closes_local + 3 * DAY,
        actor=make.user("operator"), now=NOW,
    )  # fmt: skip
    kept = Approval.objects.get(kind="amend")
    assert kept.verdict["warnings"] == [FALLS]


def test_the_dialog_says_it_while_the_end_is_chosen(
    client: Client, sale: Campaign
) -> None:
    black_friday()
    assert sale.closes_local
    client.force_login(make.user("operator"))
    page = client.get(reverse("campaigns:extend", args=[sale.code])).text
    there = reverse("campaigns:impact", args=[sale.code])
    assert there in page
    later = {"closes_local": (sale.closes_local + 3 * DAY).isoformat(), "fold": ""}
    part = client.get(there, later, headers=HTMX).text
    assert FALLS in part
    assert part.count("callout") == 1
    assert client.get(there, {"closes_local": "soon"}, headers=HTMX).status_code == 200
    led = client.get(there, later)
    assert led["Location"].startswith(reverse("campaigns:extend", args=[sale.code]))


def test_a_program_asks_for_it_too(client: Client, sale: Campaign) -> None:
    black_friday()
    assert sale.closes_local
    client.force_login(make.user("viewer"))
    later = {"closes_local": (sale.closes_local + 3 * DAY).isoformat()}
    url = f"/api/v1/campaigns/{sale.code}/impact"
    assert client.get(url, later).json() == [{"tone": "warn", "text": FALLS}]
    draft = f"/api/v1/campaigns/{make.campaign().code}/impact"
    assert client.get(draft, later).json()["code"] == WrongState.code


@pytest.mark.parametrize("end", ["9999-12-31T00:00", "3000-01-01T00:00", "2026-01-01"])
def test_an_end_that_cannot_be_is_refused_and_not_looked_into(
    client: Client, sale: Campaign, end: str
) -> None:
    client.force_login(make.user("operator"))
    said = {"closes_local": end if "T" in end else f"{end}T00:00"}
    reply = client.get(f"/api/v1/campaigns/{sale.code}/impact", said)
    assert (reply.status_code, reply.json()["field"]) == (422, "closes_local")
    part = client.get(reverse("campaigns:impact", args=[sale.code]), said, headers=HTMX)
    assert part.status_code == 200 and "callout" not in part.text
    there = reverse("campaigns:extend", args=[sale.code])
    refused = client.post(there, said | {"reason": "More"}, headers=HTMX)
    assert refused.status_code == 422
    assert "closes_local" in refused.context["form"].errors


def test_an_amendment_says_it_of_its_end_and_of_its_prices(sale: Campaign) -> None:
    black_friday()
    assert sale.closes_local
    end = Change(closes_local=sale.closes_local + 3 * DAY)
    made = campaigns.propose(sale.code, end, actor=sale.author, now=NOW)
    assert made.verdict == [["warn", FALLS]]
    selling(60, NOW + 20 * DAY, name="Advent")
    cheaper = Change((Wish("TV", sale_price=Decimal(65)),))
    made = campaigns.propose(sale.code, cheaper, actor=sale.author, now=NOW)
    assert made.verdict == [["warn", "Advent claim falls 14% → 7%"]]


def test_what_an_approved_amendment_costs_is_kept_as_known_then(
    sale: Campaign,
) -> None:
    assert sale.closes_local
    end = Change(closes_local=sale.closes_local + 3 * DAY)
    made = campaigns.propose(sale.code, end, actor=sale.author, now=NOW)
    black_friday()
    campaigns.approve_amendment(
        made.pk, content_hash=made.content_hash, actor=make.user("approver"), now=NOW
    )
    assert Approval.objects.get(kind="amend").verdict["warnings"] == [FALLS]


def test_an_offer_that_goes_on_after_the_new_end_makes_it_unreal(
    sale: Campaign,
) -> None:
    assert sale.closes_at
    armed(selling(68, sale.closes_at + 15 * DAY, name="Again"))
    said = "Again offers as much off 1 of the same SKUs"
    assert not any(said in text for text in texts(sale, DAY / 2))
    assert any(said in text for text in texts(sale, 2 * DAY))
    assert not any(said in text for text in texts(sale, -HOUR))


def test_units_that_last_until_the_end_there_is_may_not_last_until_the_new_one(
    sale: Campaign,
) -> None:
    sale = live(sale)
    opens = sale.opens_at
    assert opens
    for n in range(3):
        held = stock.reserve(
            sale.code, lines=[Item("TV", 1)], buyer=f"b{n}", key=f"k{n}", now=opens
        )
        stock.confirm(held.id, order=f"order-{n}", now=opens)
    now = opens + 90 * timedelta(minutes=1)
    said = "At the pace so far, 1 of 1 SKUs would be sold out before the new end"
    assert said not in texts(sale, HOUR / 3, now=now)
    assert said in texts(sale, HOUR, now=now)


def test_a_sale_that_waits_for_its_units_is_named_with_what_it_lacks(
    sale: Campaign,
) -> None:
    assert sale.closes_at
    selling(60, sale.closes_at + 2 * HOUR, units=23, name="Next")
    said = (
        "Next opens before the new end and lacks 3 units of 1 SKU that this sale "
        "keeps until then"
    )
    assert said not in texts(sale, HOUR)
    assert said in texts(sale, 3 * HOUR)


def test_two_sales_of_one_name_are_two(sale: Campaign) -> None:
    assert sale.closes_at
    for hours in (1, 2):
        selling(60, sale.closes_at + hours * HOUR, units=23, name="Next")
    said = [text for text in texts(sale, 4 * HOUR) if text.startswith("Next opens")]
    assert len(said) == 2
    assert all("lacks 3 units of 1 SKU" in text for text in said)


def test_another_sale_that_owns_the_price_then_stands_in_the_way(
    sale: Campaign,
) -> None:
    assert sale.closes_at
    other = armed(selling(60, sale.closes_at + HOUR))
    (check,) = (
        one
        for one in impact.of_end(sale, sale.closes_at + 2 * HOUR, now=NOW)
        if one.tone == "bad"
    )
    assert check.text.startswith(f"{other.code} sets the price of 1 SKU")
    assert not any(other.code in text for text in texts(sale, HOUR))


def test_what_stands_in_the_way_of_the_new_end_keeps_the_button_off(
    client: Client, sale: Campaign
) -> None:
    assert sale.closes_at and sale.closes_local
    operator = make.user("operator")
    client.force_login(operator)
    there = reverse("campaigns:impact", args=[sale.code])
    later = {END: (sale.closes_local + HOUR).isoformat()}
    assert "aria-disabled" not in client.get(there, later, headers=HTMX).text
    campaigns.freeze(
        "Audit", starts_at=sale.closes_at, ends_at=sale.closes_at + DAY,
        actor=operator, now=NOW,
    )  # fmt: skip
    part = client.get(there, later, headers=HTMX).text
    assert "It would run into a freeze: Audit" in part
    button = part[part.index('id="act-go"') :]
    assert 'hx-swap-oob="true"' in button
    assert 'aria-disabled="true"' in button
    assert "This stands in the way of that end. Choose an earlier one." in button
    act = reverse("campaigns:extend", args=[sale.code])
    refused = client.post(act, later | {"reason": "More"}, headers=HTMX)
    assert refused.status_code == 422
    assert "Choose an earlier end" in str(refused.context["form"].errors[END])
