"""Options of member states: chosen for a market, applied to a plan and its evidence."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from console.audit.models import Entry
from console.campaigns.models import Campaign, Market
from console.campaigns.queries import readiness
from console.campaigns.queries.products import products
from console.campaigns.queries.readiness.yardstick import by_law
from console.prices import evidence
from console.prices import operations as prices
from console.prices.operations import Note
from console.prices.rules import Reason
from console.prices.rules.packs import OptionNotLeft, pack
from console.stock.models import Sku
from tests import make
from tests.campaigns.test_claims import told
from tests.campaigns.test_law import about, rulings
from tests.campaigns.test_markets import market
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
DAY = timedelta(days=1)
MAY = "Reductions that may be announced"


def selling(
    *steps: tuple[int, str, Reason],
    sale: str,
    **goods: Any,
) -> Campaign:
    """A sale of one SKU with a history of its own: days before, price, why."""
    one = make.campaign(lines=0)
    sku = make.sku(**goods)
    make.level(sku)
    prices.note_all(
        Note(sku.code, Decimal(amount), NOW - days * DAY, why)
        for days, amount, why in steps
    )
    one.lines.create(
        sku=sku, regular_price=sku.regular_price, sale_price=Decimal(sale), units=10
    )
    return one


def claims(one: Campaign) -> list[int | None]:
    """What each pack lets the only line of a sale claim, as its evidence says."""
    parts = evidence.pack(evidence.facts(one.code)).parts
    (line,) = [part for name, part in parts.items() if name.startswith("line ")]
    return [judged["claim"] for judged in line["judgements"]]


GROWN = (
    (60, "100", Reason.REGULAR),
    (8, "80", Reason.SALE),
    (3, "70", Reason.SALE),
)
"""By 50 it is 50% off the price before its first step, and 28% off the 30-day low."""


@pytest.mark.parametrize("options,percent", [((), 28), (("progressive",), 50)])
def test_a_growing_reduction_is_measured_from_before_it_where_the_state_says_so(
    options: tuple[str, ...], percent: int
) -> None:
    market("DE", options=options)
    one = selling(*GROWN, sale="50")
    assert claims(one) == [percent]
    applied = about(one, "eu.progressive")
    assert [check.cites for check in applied] == [
        pack("eu").with_options(one).rule(one).text for one in options
    ]
    assert bool(applied) is bool(options)
    for found in applied:
        assert found.tone == "ok"
        assert "measured from before its first step" in found.text


FORMULA = (
    (60, "100", Reason.REGULAR),
    (20, "70", Reason.SALE),
)


@pytest.mark.parametrize("broken,prior", [(False, "100"), (True, "70")])
def test_it_is_frozen_while_it_goes_on_and_measured_anew_after_a_break(
    broken: bool, prior: str
) -> None:
    """The pair of article 6a(5): 100 without a break, 70 after one of ten days."""
    market("DE", options=["progressive"])
    back = ((10, "100", Reason.REVERT),) if broken else ()
    one = selling(*FORMULA, *back, sale="50")
    found = next(r for r in rulings(one) if r["rule"] == "eu.prior_price")
    assert found["evidence"]["prior"].startswith(prior)
    assert bool(about(one, "eu.progressive")) is not broken


FRESH = (
    (60, "100", Reason.REGULAR),
    (9, "60", Reason.SALE),
    (8, "100", Reason.REVERT),
)


@pytest.mark.parametrize("options", [[], ["perishable"]])
@pytest.mark.parametrize("perishable", [True, False])
def test_perishable_goods_are_measured_from_the_last_price_where_the_state_says_so(
    options: list[str], perishable: bool
) -> None:
    market("DE", options=options)
    one = selling(*FRESH, sale="75", perishable=perishable)
    applies = bool(options) and perishable
    assert claims(one) == [25 if applies else 0]
    assert bool(about(one, "eu.perishable")) is applies
    (row,) = products(one, now=NOW).rows
    assert (row.finding is None, row.percent) == (applies, 25 if applies else 0)
    assert bool(readiness.verdict(one, now=NOW).hard) is not applies


def test_the_last_price_counts_only_where_every_law_lets_it() -> None:
    market("DE", options=["perishable"])
    market("AT")
    one = selling(*FRESH, sale="75", perishable=True)
    assert claims(one) == [0, 25]
    found = {check.text: check.tone for check in about(one, MAY)}
    assert found == {
        f"European Union: {MAY}": "warn",
        f"European Union (perishable): {MAY}": "ok",
    }
    assert any("not below the 30-day low" in text for text in told(one, "prices"))


def test_a_perishable_price_above_the_last_one_is_still_stopped() -> None:
    market("DE", options=["perishable"])
    rise = (60, "60", Reason.REGULAR), (0, "65", Reason.REGULAR)
    one = selling(*rise, sale="65", perishable=True)
    assert any("not below the last price of €65.00" in t for t in told(one, "prices"))


@pytest.mark.parametrize("options,percent", [([], None), (["new_arrival"], 40)])
def test_a_new_arrival_may_be_reduced_after_seven_days_where_the_state_says_so(
    options: list[str], percent: int | None
) -> None:
    market("DE", options=options)
    since = (NOW - 10 * DAY).date()
    one = selling(
        (10, "100", Reason.REGULAR),
        sale="60",
        on_market_since=since,
    )
    (may,) = about(one, MAY)
    assert (may.tone, may.value) == (("ok", "1") if options else ("warn", "0"))
    assert bool(about(one, "eu.new_arrival")) is bool(options)
    if percent:
        assert claims(one) == [percent]
    else:
        assert any(found["outcome"] == "block" for found in rulings(one))


def test_the_evidence_keeps_which_options_it_was_judged_by() -> None:
    market("DE", options=["progressive", "perishable"])
    one = selling(*GROWN, sale="50")
    parts = evidence.pack(evidence.facts(one.code)).parts
    assert parts["packs"][0]["options"] == ["perishable", "progressive"]
    assert rulings(one)


@pytest.mark.parametrize("law,option", [
    ("eu", "scope"),
    ("eu", "anything"),
    ("eu-fi", "progressive"),
    ("uk", "perishable"),
])  # fmt: skip
def test_an_option_the_law_does_not_leave_is_refused(law: str, option: str) -> None:
    with pytest.raises(OptionNotLeft, match="leaves no choice") as refused:
        market("XX", "DE", pack=law, options=[option])
    assert refused.value.field == "options"


def test_the_form_of_a_market_offers_them_and_says_which_is_wrong(
    client: Client,
) -> None:
    client.force_login(make.user("admin"))
    said = {"code": "DE", "name": "Germany", "countries": "DE", "pack": "eu"}
    said |= {"zone": "Europe/Berlin", "currency": "EUR"}
    add = reverse("campaigns:add_market")
    client.post(add, said | {"options": ["perishable", "new_arrival"]})
    assert Market.objects.get().options == ["new_arrival", "perishable"]
    change = reverse("campaigns:edit_market", args=["DE"])
    form = client.get(change).context["form"]
    assert form.initial["options"] == ["new_arrival", "perishable"]
    assert "new arrival, perishable" in client.get(reverse("campaigns:markets")).text
    said["version"] = str(form["version"].value())
    wrong = client.post(change, said | {"pack": "uk", "options": ["perishable"]})
    assert "leaves no choice" in str(wrong.context["form"].errors["options"])
    client.post(change, said)
    assert Market.objects.get().options == []
    last = Entry.objects.filter(verb="campaign.market").latest("pk")
    assert last.before["options"] == ["new_arrival", "perishable"]
    assert last.after["options"] == []


def test_the_verdict_follows_the_markets_that_are_being_chosen(
    merchant: Client,
) -> None:
    market("DE")
    market("FI", pack="eu-fi")
    one = make.campaign(markets=["DE"])
    said = {"markets": ["FI"], "audience": one.audience_id, "zone": "UTC"}
    said |= {"opens_local": "2026-11-28T20:00", "closes_local": "2026-11-28T22:00"}
    there = reverse("campaigns:verdict", args=[one.code])
    page = merchant.post(there, said).text
    assert "Finland:" in page and "European Union:" not in page


def test_sku_fields_are_read_at_the_start_of_their_day() -> None:
    market("DE", options=["new_arrival"])
    day = date(2026, 11, 21)
    one = selling((60, "100", Reason.REGULAR), sale="60", on_market_since=day)
    (line,) = evidence.facts(one.code).lines
    assert line.on_market_since.isoformat() == "2026-11-21T00:00:00+01:00"
    assert not line.perishable
    Sku.objects.update(perishable=True, on_market_since=None)
    (line,) = evidence.facts(one.code).lines
    assert (line.perishable, line.on_market_since) == (True, None)


@pytest.mark.parametrize("zone,version", [("Europe/Berlin", 2), ("UTC", 1)])
def test_the_law_of_the_day_is_picked_by_the_clocks_of_the_shop(
    zone: str, version: int
) -> None:
    """At 23:30 UTC the 27th has begun in Berlin; version 2 is valid from then on."""
    market("DE", options=["perishable"])
    at = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
    one = make.campaign()
    with override_settings(SHOP_ZONE=zone):
        ((held, _),) = by_law(readiness.candidate(one).held, at)
    assert str(held) == f"eu v{version} with perishable"
