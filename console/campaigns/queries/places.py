"""Where a campaign sells: its markets, its channels, and the shops that serve them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from console.campaigns import rules
from console.campaigns.models import Campaign, Channel, Market, MarketCountry, Outlet
from console.campaigns.models.market import WEB
from console.campaigns.rules import Opening, Place, StartMode, UnknownMarket
from console.capacity import outlets
from console.errors import Refusal
from console.prices.rules import Clock
from console.prices.rules.packs import Law


@dataclass(frozen=True, order=True)
class Held:
    """The law of markets that open together and count their days on one clock.

    after: how long after the first market of all they open.
    """

    law: Law
    zone: str
    after: timedelta = timedelta()

    def clock(self, opens_at: datetime) -> Clock:
        """Where the reduction begins there. opens_at: of the first market of all."""
        return Clock(opens_at + self.after, self.zone)


@dataclass(frozen=True)
class Shop:
    """A connected shop of a sale. places: the markets whose prices it shows.

    beyond: markets it serves as well that the sale is not for. A shop nobody gave a
    place serves the web of every market of the sale; one without markets, all of them.
    """

    connection: str
    channel: str
    places: Sequence[Place]
    beyond: Sequence[str] = ()
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def torn(self) -> bool:
        """True if its markets open at different instants, which one price cannot."""
        return self.opens_at is None


def chosen(codes: Iterable[str], currency: str) -> list[Place]:
    """These markets; without codes, all of the currency. By name.

    Raises:
        UnknownMarket: there is no such market.
        MarketsDiffer: one of them has another currency.
    """
    wanted = set(codes)
    found = [_place(market) for market in _markets(wanted, currency)]
    missing = wanted - {place.code for place in found}
    if missing:
        raise _unknown(missing)
    rules.check_currency(currency, found)
    return found


def _markets(codes: set[str], currency: str) -> Iterable[Market]:
    found = Market.objects.order_by("name", "pk")
    return found.filter(code__in=codes) if codes else found.filter(currency=currency)


def _place(one: Market) -> Place:
    said = (one.pk, one.code, one.name, one.zone, one.currency, one.pack)
    return Place(*said, tuple(one.options))


def held(found: Sequence[Opening]) -> dict[str, Held]:
    """By the code of each market, its law and clock; empty without markets."""
    first = min((one.window.opens_at for one in found), default=None)
    return {
        one.place.code: _held(one.place, one.window.opens_at - first)
        for one in found
        if first and one.place.code
    }


def _held(place: Place, after: timedelta = timedelta()) -> Held:
    return Held(Law(place.pack, place.options), place.zone, after)


def held_by(campaign: Campaign, found: Sequence[Opening]) -> dict[str, Held]:
    """The same of a campaign, also while it has no date that resolves.

    found: its openings.
    """
    if found:
        return held(found)
    return {place.code: _held(place) for place in places_of(campaign)}


def once(found: Mapping[str, Held]) -> list[Held]:
    """Each law and clock once, in order."""
    return sorted(set(found.values()))


def check_markets(codes: Iterable[str]) -> None:
    """Refuse a market that is not there.

    Raises:
        UnknownMarket: names it.
    """
    wanted = set(codes)
    known = Market.objects.filter(code__in=wanted).values_list("code", flat=True)
    if missing := wanted - set(known):
        raise _unknown(missing)


def check_free(code: str, countries: Iterable[str]) -> list[str]:
    """The countries of a market, each once, if no other market has one of them.

    Raises:
        UnknownCountry, MarketsOverlap: see `rules.check_partition`.
    """
    taken = MarketCountry.objects.values_list("country", "market__code")
    return rules.check_partition(code, countries, dict(taken))


def _unknown(missing: set[str]) -> UnknownMarket:
    return UnknownMarket(
        f"There is no market {min(missing)}. Choose one of the list.", field="markets"
    )


def check_channels(slugs: Iterable[str]) -> None:
    """Refuse a channel that is not there.

    Raises:
        UnknownMarket: names it; or none was chosen.
    """
    wanted = set(slugs)
    known = {WEB, *Channel.objects.values_list("slug", flat=True)}
    if not wanted or wanted - known:
        said = f"There is no channel {min(wanted - known)}. " if wanted else ""
        raise UnknownMarket(f"{said}Choose at least one channel.", field="channels")


def places_of(campaign: Campaign) -> list[Place]:
    """The markets of a campaign as they are now; none in a shop without markets."""
    return [_place(one) for one in _markets(set(campaign.markets), campaign.currency)]


def codes_of(campaigns: Iterable[Campaign]) -> dict[int, list[str]]:
    """The codes of the markets of each campaign, in one query."""
    known = list(Market.objects.order_by("code").values_list("code", "currency"))
    return {
        one.pk: one.markets or [code for code, coin in known if coin == one.currency]
        for one in campaigns
    }


def numbers_of(campaign: Campaign) -> str:
    """Its places as PostgreSQL spells a range of numbers (rules.places)."""
    known = dict(Channel.objects.values_list("slug", "pk"))
    return rules.multirange(
        (known.get(slug, 0) for slug in campaign.channels),
        (place.number for place in places_of(campaign)),
    )


def channels() -> list[tuple[str, str]]:
    """Slug and name of every channel, the web first."""
    others = Channel.objects.order_by("name", "pk").values_list("slug", "name")
    return [(WEB, "Web"), *others]


def openings(campaign: Campaign) -> list[Opening]:
    """When each of its markets opens and closes.

    Raises:
        TimeDoesNotExist, TimeIsAmbiguous, EndsBeforeStart: by the clocks of now.
    """
    if campaign.opens_local is None or campaign.closes_local is None:
        return []
    return rules.openings(
        campaign.opens_local,
        campaign.closes_local,
        campaign.zone,
        places_of(campaign),
        mode=StartMode(campaign.start_mode),
        folds=campaign.folds,
    )


def resolved(campaign: Campaign) -> list[Opening]:
    """The same, and none where the clocks of now do not show that time once."""
    try:
        return openings(campaign)
    except Refusal:
        return []


def shops(campaign: Campaign, found: Sequence[Opening]) -> list[Shop]:
    """The connected shops of a campaign, each with its window, the oldest first.

    found: its openings.
    """
    windows = {one.place.number: one for one in found}
    served = placed()
    shown = []
    for name in outlets.storefronts():
        place = served.get(name)
        channel = place.channel if place else WEB
        markets = list(place.markets.all()) if place else []
        shop = _shop(name, channel, markets, windows)
        if channel in campaign.channels and shop.places:
            shown.append(shop)
    return shown


def placed() -> dict[str, Outlet]:
    """By connection what each shop serves, its markets by name."""
    by_name = Prefetch("markets", Market.objects.order_by("name", "pk"))
    return {one.connection: one for one in Outlet.objects.prefetch_related(by_name)}


def _shop(
    name: str,
    channel: str,
    markets: Sequence[Market],
    windows: Mapping[int, Opening],
) -> Shop:
    if not markets:
        ours, beyond = list(windows.values()), []
    else:
        ours = [windows[one.pk] for one in markets if one.pk in windows]
        beyond = [one.name for one in markets if one.pk not in windows]
    spans = {one.window for one in ours}
    window = spans.pop() if len(spans) == 1 else None
    return Shop(
        name,
        channel,
        [one.place for one in ours],
        beyond,
        window.opens_at if window else None,
        window.closes_at if window else None,
    )
