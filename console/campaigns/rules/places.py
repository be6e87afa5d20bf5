"""Where a sale happens, and when in each market: plain arithmetic on places.

A place is one market in one channel, numbered `channel * 4096 + market`; market 0 is
that of a shop without markets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.campaigns.rules import window
from console.campaigns.rules.countries import check_countries
from console.campaigns.rules.window import UNSAID, Folds, Window
from console.errors import Refusal

PER_CHANNEL = 4096
NOWHERE_NAMED = 0


class StartMode(StrEnum):
    """How markets with different clocks begin."""

    INSTANT = "instant"
    ROLLING = "rolling"

    @property
    def label(self) -> str:
        """The words on the screen."""
        if self is StartMode.ROLLING:
            return "The same local time in each market"
        return "One instant everywhere"


class UnknownMarket(Refusal):
    """No market, or channel, of that code."""

    code = "unknown_market"
    status = 422


class MarketsOverlap(Refusal):
    """A country belongs to one market only."""

    code = "markets_overlap"
    status = 422


class MarketsDiffer(Refusal):
    """One campaign has one currency."""

    code = "markets_differ"
    status = 422


class PriceOwned(Refusal):
    """Another campaign sets the price of a SKU at that time and place."""

    code = "price_owned"


@dataclass(frozen=True)
class Place:
    """A market as a sale sees it.

    number: 0 for a shop without markets. pack: its law on reductions, with the options
    adopted there.
    """

    number: int
    code: str
    name: str
    zone: str
    currency: str
    pack: str = "eu"
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opening:
    """When one market opens and closes."""

    place: Place
    window: Window


def number(channel: int, market: int) -> int:
    """The number of a place.

    >>> number(1, 3)
    4099
    """
    return channel * PER_CHANNEL + market


def multirange(channels: Iterable[int], markets: Iterable[int]) -> str:
    """Every market in every channel, as PostgreSQL spells an `int4multirange`.

    >>> multirange([1], [2, 3])
    '{[4098,4099),[4099,4100)}'
    """
    there = list(markets) or [NOWHERE_NAMED]
    numbers = sorted(number(way, market) for way in channels for market in there)
    return "{" + ",".join(f"[{n},{n + 1})" for n in numbers) + "}"


def check_partition(
    code: str, countries: Iterable[str], taken: Mapping[str, str]
) -> list[str]:
    """The countries of a market, each once, if no other market has one of them.

    taken: country to the market that has it.

    Raises:
        UnknownCountry: no country has that code.
        MarketsOverlap: names the first country and whose it is; or there is none.
    """
    wanted = sorted({country.strip().upper() for country in countries} - {""})
    if not wanted:
        raise MarketsOverlap("Name at least one country, like DE.", field="countries")
    check_countries(wanted)
    for country in wanted:
        other = taken.get(country, code)
        if other != code:
            raise MarketsOverlap(
                f"{country} belongs to {other} already. Take it out there first.",
                field="countries",
            )
    return wanted


def check_currency(currency: str, places: Iterable[Place]) -> None:
    """Refuse a market with another currency than the campaign's.

    Raises:
        MarketsDiffer: which, and what to do.
    """
    for place in places:
        if place.currency != currency:
            raise MarketsDiffer(
                f"{place.name} sells in {place.currency}, this campaign in {currency}. "
                "Take the market out, or plan a campaign of its own for it.",
                field="markets",
            )


def openings(
    opens_local: datetime,
    closes_local: datetime,
    zone: str,
    places: Sequence[Place],
    *,
    mode: StartMode = StartMode.INSTANT,
    folds: Folds = UNSAID,
) -> list[Opening]:
    """When each market opens: at one instant, or when its own clock shows the time.

    zone: of the wall clock, for one instant. folds: as in `window.resolve`, for every
    market whose clock shows the time twice. Without markets there is one opening.

    Raises:
        UnknownZone, TimeDoesNotExist, TimeIsAmbiguous, EndsBeforeStart: as `resolve`.
    """
    if mode is StartMode.INSTANT or not places:
        one = window.resolve(opens_local, closes_local, zone, folds=folds)
        return [Opening(place, one) for place in places or [_anywhere(zone)]]
    return [
        Opening(
            place, window.resolve(opens_local, closes_local, place.zone, folds=folds)
        )
        for place in places
    ]


def _anywhere(zone: str) -> Place:
    return Place(NOWHERE_NAMED, "", "Everywhere", zone, "")


def envelope(found: Sequence[Opening]) -> Window:
    """From the first opening to the last close."""
    return Window(
        min(one.window.opens_at for one in found),
        max(one.window.closes_at for one in found),
    )
