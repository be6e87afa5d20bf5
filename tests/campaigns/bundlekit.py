"""Plans of every kind as tests make them, and bundles brought in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck
from hypothesis import strategies as st

from console.campaigns import bundles
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, Line, Occasion
from console.campaigns.operations import MarketTerms, Terms
from console.campaigns.operations.beside import Beside, set_beside
from console.campaigns.rules import (
    Anchor,
    Medium,
    PriceKind,
    StartMode,
    Told,
)
from console.campaigns.rules.reaching import Contact
from console.campaigns.rules.sources import Source, SourceKind
from console.prices.rules import Method
from console.prices.rules.charms import Charm, Pricing
from console.prices.rules.money import exponent
from tests import make
from tests.make import NOW

SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]

words = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="\x00"),
    min_size=1,
    max_size=40,
)
prices = st.decimals(Decimal("0.01"), 9_999, places=3, allow_nan=False)
FIRST, LAST = map(datetime.fromisoformat, ("2027-01-05", "2029-12-20"))
times = st.datetimes(FIRST, LAST).map(lambda at: at.replace(microsecond=0))


@st.composite
def lines(draw: Any) -> dict[str, Any]:
    sale = draw(prices)
    units = draw(st.integers(1, 10_000))
    return {
        "sale_price": sale,
        "regular_price": sale + draw(prices),
        "units": units,
        "buffer": draw(st.integers(0, units - 1)),
        "price_confirmed": draw(st.booleans()),
    }


line_of_text = words.filter(lambda text: text == text.strip())
shares = st.decimals(Decimal("0.001"), 1, places=3)
units = st.integers(1, 1_000_000)
contacts = st.builds(Contact, name=words, role=st.just("") | words, reach=words)
before_the_start = st.builds(
    Told,
    st.sampled_from(Medium),
    st.just(Anchor.START),
    st.integers(-9_000, 30),
    shares,
)
before_the_end = st.builds(
    Told, st.sampled_from(Medium), st.just(Anchor.END), st.integers(-9_000, 0), shares
)
pricings = st.builds(Pricing, st.sampled_from(Method), prices, st.sampled_from(Charm))
MARKETS = {"EUR": ["AT", "DE"], "JPY": ["JP"], "KWD": []}
OTHERS = ("WAIT-1", "WAIT-2")


@st.composite
def filters(draw: Any) -> Source:
    kind, value = draw(st.sampled_from(SourceKind)), draw(line_of_text)
    count = draw(units)
    return Source(kind, value, draw(pricings), count, draw(st.integers(0, count - 1)))


def once(one: Told | Source) -> tuple[Any, ...]:
    """What a plan has once."""
    if isinstance(one, Told):
        return one.medium, one.anchor, one.minutes
    return one.kind, one.value


besides = st.builds(
    Beside,
    contacts=st.lists(contacts, max_size=4),
    war_room=st.sampled_from(["", "https://meet.example/war?room=1"]),
    told=st.lists(before_the_start | before_the_end, max_size=4, unique_by=once).map(
        frozenset
    ),
    waits_for=st.frozensets(st.sampled_from(OTHERS)),
    sources=st.lists(filters(), max_size=3, unique_by=once).map(frozenset),
)


@dataclass
class Plan:
    """A draft to make: terms that make sense, lines, and what is beside them.

    Of three lines the filters, if there are any, gave one its price, and one another.
    """

    terms: dict[str, Any]
    lines: list[dict[str, Any]]
    beside: Beside


@st.composite
def terms(draw: Any) -> dict[str, Any]:
    opens = draw(st.none() | times)
    currency = draw(st.sampled_from(list(MARKETS)))
    markets = MARKETS[currency]
    digits = exponent(currency)
    money = st.decimals(1, 9_999, places=digits, allow_nan=False)
    modes = list(StartMode) if markets else [StartMode.INSTANT]
    return {
        "name": draw(words),
        "category": draw(st.just("") | words),
        "occasion": draw(st.none() | words),
        "zone": draw(st.sampled_from(["UTC", "Asia/Tokyo", "Asia/Kathmandu"])),
        "opens_local": opens,
        "closes_local": opens and opens + timedelta(hours=draw(st.integers(1, 72))),
        "fold": draw(st.sampled_from([None, 0, 1])) if opens else None,
        "closes_fold": draw(st.sampled_from([None, 0, 1])) if opens else None,
        "revenue_target": draw(st.none() | money),
        "currency": currency,
        "markets": draw(st.sets(st.sampled_from(markets))) if markets else [],
        "channels": draw(st.sampled_from([["web"], ["app"], ["app", "web"]])),
        "start_mode": draw(st.sampled_from(modes)),
        "hold_ttl_s": draw(st.integers(1, 3600)),
        "carts_at_end": draw(st.sampled_from(["honour", "reprice"])),
        "buyer_limit": draw(st.none() | st.integers(1, 100_000)),
        "order_limit": draw(st.none() | st.integers(1, 100_000)),
        "budget_units": draw(st.none() | units),
        "budget_discount": draw(st.none() | money),
        "budget_gmv": draw(st.none() | money),
        "expected_orders_peak": draw(st.integers(1, 10_000_000)),
        "reach": draw(shares),
        "price_kind": draw(st.sampled_from([one.value for one in PriceKind])),
        "up_to_percent": draw(st.none() | st.integers(1, 99)),
    }


def plans() -> Any:
    return st.builds(Plan, terms(), st.lists(lines(), max_size=4), besides)


def surroundings() -> None:
    """Markets, a channel, and sales to wait for; once."""
    admin = make.user("admin")
    zones = {"AT": "UTC", "DE": "Asia/Kathmandu", "JP": "Asia/Tokyo"}
    for currency, codes in MARKETS.items():
        for code in codes:
            there = MarketTerms(code, code, zones[code], currency, (code,))
            campaigns.save_market(there, actor=admin, now=NOW)
    campaigns.add_channel("App", actor=admin, now=NOW)
    for code in OTHERS:
        if not Campaign.objects.filter(code=code).exists():
            make.campaign(code=code, lines=0)


def made(plan: Plan) -> Campaign:
    """A draft that says this."""
    surroundings()
    author, said = make.user("merchandiser"), dict(plan.terms)
    name = said.pop("occasion")
    day = Occasion.objects.get_or_create(name=name, on=NOW.date())[0] if name else None
    people = {"audience_id": make.audience().pk, "owner_id": author.pk}
    day_id = day.pk if day else None
    terms = Terms(**said, **people, occasion_id=day_id)
    draft = campaigns.create(terms, actor=author, now=NOW)
    for row in plan.lines:
        Line.objects.create(campaign=draft, sku=make.sku(), **row)
    set_beside(draft, plan.beside, actor=author, now=NOW)
    for place, line in enumerate(draft.lines.order_by("pk")):
        if place % 3 < 2 and (source := draft.sources.order_by("pk").last()):
            line.source, line.source_price = source, line.sale_price + place
            line.save()
    return draft


def bring_in(text: str, *, unsigned: bool = False, code: str = "") -> Any:
    found = bundles.opened(text.encode(), unsigned=unsigned)
    actor = make.user("merchandiser")
    return bundles.bring_in(found, actor=actor, now=NOW, code=code)
