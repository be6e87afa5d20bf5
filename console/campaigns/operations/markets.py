"""Markets, channels, and which shop serves which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection
from django.utils.text import slugify

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Campaign, Channel, Market, MarketCountry, Outlet
from console.campaigns.models.market import WEB
from console.campaigns.operations.owners import own
from console.campaigns.queries import places, versions
from console.campaigns.rules import OWNS, Incomplete, MarketsDiffer, UnknownMarket
from console.campaigns.rules.versions import NOT_THERE, check_seen
from console.errors import Refusal
from console.prices.rules.packs import OptionNotLeft, pack

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MARKETS_LOCK = 5803


class MarketTaken(Refusal):
    """A market of that code is there already."""

    code = "market_taken"


@dataclass(frozen=True)
class MarketTerms:
    """What a market is. code: like DE or NORDICS; countries: ISO 3166-1 alpha-2.

    options: those its member states adopted of the ones the pack leaves to them.
    """

    code: str
    name: str
    zone: str
    currency: str
    countries: Sequence[str]
    pack: str = "eu"
    options: Sequence[str] = ()


@operation()
def save_market(
    terms: MarketTerms, *, version: int | None = None, actor: User, now: datetime
) -> Market:
    """Add a market, or change the one of that code; its currency stays.

    Campaigns that sell everywhere in its currency own its prices from now on.
    version: of what was read, `NOT_THERE` to add one; None saves over what is there.

    Raises:
        Incomplete: it has no code or name.
        UnknownZone: no such zone.
        UnknownPack: no such rules of law.
        OptionNotLeft: they do not leave it to member states.
        MarketsOverlap: a country belongs to another market.
        MarketsDiffer: it would change its currency.
        MarketTaken: one was to be added, and there is one of that code.
        StaleEdit: somebody changed it since; the newer values are in `detail`.
        PriceOwned: two approved campaigns would own one price in the new market.
    """
    _lock()
    _check(terms)
    countries = places.check_free(terms.code, terms.countries)
    values = {name: getattr(terms, name) for name in ("name", "zone", "pack")}
    values["options"] = sorted(set(terms.options))
    market, new = Market.objects.get_or_create(
        code=terms.code, defaults={**values, "currency": terms.currency}
    )
    _check_currency(market, terms)
    before = {} if new else versions.market(market)
    after = asdict(terms) | {"countries": countries, "options": values["options"]}
    if not new:
        _check_taken(market, version)
        check_seen(version, before, after)
    for name, value in values.items():
        setattr(market, name, value)
    market.save()
    market.countries.exclude(country__in=countries).delete()
    for country in countries:
        MarketCountry.objects.get_or_create(country=country, market=market)
    if new:
        _own_anew(market)
    record(actor, "campaign.market", market, now=now, before=before, after=after)
    return market


def _lock() -> None:
    """One change of the markets at a time: countries are read before they are taken."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [MARKETS_LOCK])


def _check(terms: MarketTerms) -> None:
    if not terms.code.strip():
        raise Incomplete("Give the market a code, like DE.", field="code")
    if not terms.name.strip():
        raise Incomplete("Give the market a name.", field="name")
    rules.zone_of(terms.zone)
    law = pack(terms.pack)
    if unknown := sorted({*terms.options} - {*law.choices}):
        raise OptionNotLeft(
            f"The law of {law.title} leaves no choice of {unknown[0]}. Take it out.",
            field="options",
        )


def _check_currency(market: Market, terms: MarketTerms) -> None:
    if market.currency != terms.currency:
        raise MarketsDiffer(
            f"{market.name} sells in {market.currency}, and its history is in it. Add "
            f"another market for {terms.currency}.",
            field="currency",
        )


def _check_taken(market: Market, version: int | None) -> None:
    if version == NOT_THERE:
        raise MarketTaken(
            f"There is a market {market.code} already. Change that one, or choose "
            "another code.",
            field="code",
        )


def _own_anew(market: Market) -> None:
    """Campaigns that sell everywhere sell in a new market as well."""
    found = Campaign.objects.filter(
        state__in=sorted(OWNS), markets=[], currency=market.currency
    )
    for campaign in found.select_for_update(of=("self",)).order_by("pk"):
        own(campaign)


@operation()
def add_channel(name: str, *, actor: User, now: datetime) -> Channel:
    """Add a channel whose prices stand on their own.

    Raises:
        Incomplete: no name, or one that is taken by the web.
    """
    slug = slugify(name)[:20]
    if slug in ("", WEB):
        raise Incomplete("Give the channel a name of its own.", field="name")
    channel, new = Channel.objects.get_or_create(
        slug=slug, defaults={"name": name.strip()}
    )
    if new:
        record(actor, "campaign.channel", channel, now=now, after={"name": name})
    return channel


@operation()
def place_shop(
    name: str,
    *,
    channel: str,
    markets: Sequence[str],
    version: int | None = None,
    actor: User,
    now: datetime,
) -> Outlet | None:
    """Say which channel and markets a connected shop serves; without both, all of web.

    version: of what was read; None saves over whatever is there.

    Raises:
        UnknownMarket: there is no such channel or market.
        StaleEdit: somebody placed it since; the newer values are in `detail`.
    """
    _lock()
    places.check_channels([channel])
    found = list(Market.objects.filter(code__in=markets))
    if len(found) < len(set(markets)):
        raise UnknownMarket(
            "There is no such market. Reload, then choose again.", field="markets"
        )
    before = versions.place(name)
    after = {"channel": channel, "markets": sorted(one.code for one in found)}
    check_seen(version, before, after)
    record(actor, "campaign.place_shop", name, now=now, before=before, after=after)
    if not found and channel == WEB:
        Outlet.objects.filter(connection=name).delete()
        return None
    outlet, _ = Outlet.objects.update_or_create(
        connection=name, defaults={"channel": channel}
    )
    outlet.markets.set(found)
    return outlet
