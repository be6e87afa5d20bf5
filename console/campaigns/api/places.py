"""Markets, channels, shops and conflicts; who approves what."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from console.campaigns import operations, queries
from console.campaigns.api.base import EDIT, NOTE, routes
from console.campaigns.api.shapes import CampaignOut, out
from console.campaigns.models import BreakGlass, Market
from console.campaigns.operations import MarketTerms, Way
from console.campaigns.queries import approvals, conflicts, places, versions
from console.campaigns.rules import Table
from console.campaigns.rules.versions import NOT_THERE, fingerprint
from console.campaigns.views.asked import actor
from console.capacity import outlets
from console.shell.rest.shapes import Given
from console.shell.rest.versions import IfMatch, etag, version_of

MARKETS = "campaigns.markets"


class MarketGiven(Given):
    """A market: countries with one currency, one clock and one law.

    options: `perishable`, `new_arrival`, `progressive`, where the pack leaves them.
    """

    name: str = Field(max_length=60)
    zone: str
    currency: str
    countries: list[str]
    pack: str = "eu"
    options: list[str] = []
    version: int | None = None


class MarketOut(Schema):
    """A market as it is kept. version: what an edit starts from."""

    code: str
    name: str
    zone: str
    currency: str
    countries: list[str]
    pack: str
    options: list[str]
    version: int


def _market(one: Market) -> MarketOut:
    said = versions.market(one)
    return MarketOut(**said, version=fingerprint(said))


@routes.reads("/markets", list[MarketOut])
def markets(request: HttpRequest) -> list[MarketOut]:
    """List the markets."""
    return [_market(one) for one in Market.objects.order_by("name", "pk")]


@routes.acts("/markets/{code}", MARKETS, MarketOut, method="PUT")
def save_market(
    request: HttpRequest,
    code: str,
    body: MarketGiven,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> MarketOut:
    """Add a market, or change the one of that code.

    A change names the version it starts from; 409 `stale_edit` if somebody changed the
    market since.
    """
    terms = MarketTerms(code=code, **body.model_dump(exclude={"version"}))
    made = operations.save_market(
        terms,
        version=_version(code, body.version, if_match),
        actor=actor(request),
        now=timezone.now(),
    )
    told = _market(made)
    etag(response, told.version)
    return told


def _version(code: str, given: int | None, if_match: str | None) -> int:
    """What a save starts from; a market that is new starts from nothing."""
    said = given is not None or if_match is not None
    if not said and not Market.objects.filter(code=code).exists():
        return NOT_THERE
    return version_of(given, if_match)


@routes.reads("/channels", dict[str, str])
def channels(request: HttpRequest) -> dict[str, str]:
    """Every channel by its short name."""
    return dict(places.channels())


class ChannelGiven(Given):
    """A way to sell whose prices stand on their own."""

    name: str = Field(max_length=60)


@routes.acts("/channels", MARKETS, dict[str, str])
def add_channel(request: HttpRequest, body: ChannelGiven) -> dict[str, str]:
    """Add a channel; every channel by its short name."""
    operations.add_channel(body.name, actor=actor(request), now=timezone.now())
    return dict(places.channels())


class PlaceGiven(Given):
    """Where a connected shop sells; without markets, in all of a sale's."""

    channel: str = "web"
    markets: list[str] = []
    version: int | None = None


class ShopOut(Schema):
    """A connected shop, and where it sells. version: what an edit starts from."""

    name: str
    channel: str
    markets: list[str]
    version: int


def _shop(name: str) -> ShopOut:
    said = versions.place(name)
    return ShopOut(name=name, version=fingerprint(said), **said)


@routes.reads("/shops", list[ShopOut])
def shops(request: HttpRequest) -> list[ShopOut]:
    """List the connected shops, and where each sells."""
    return [_shop(name) for name in outlets.storefronts()]


@routes.acts("/shops/{name}/place", MARKETS, ShopOut, method="PUT")
def place_shop(
    request: HttpRequest,
    name: str,
    body: PlaceGiven,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> ShopOut:
    """Say which channel and markets a connected shop serves.

    409 `stale_edit` if somebody placed it since it was read.
    """
    if name not in outlets.storefronts():
        raise Http404(f"There is no shop {name}.")
    operations.place_shop(
        name,
        channel=body.channel,
        markets=body.markets,
        version=version_of(body.version, if_match),
        actor=actor(request),
        now=timezone.now(),
    )
    told = _shop(name)
    etag(response, told.version)
    return told


class ClashOut(Schema):
    """Another campaign that wants the same prices. owns: it is approved."""

    code: str
    name: str
    state: str
    count: int
    skus: list[str]
    owns: bool
    said: str


@routes.reads("/campaigns/{code}/conflicts", list[ClashOut])
def list_conflicts(request: HttpRequest, code: str) -> list[ClashOut]:
    """List the campaigns that want the same prices at that time."""
    names = ClashOut.model_fields
    return [
        ClashOut(**{name: getattr(one, name) for name in names})
        for one in conflicts.of(queries.head(code).campaign)
    ]


class SettleGiven(Given):
    """Which conflict, and what settles it."""

    other: str
    way: Way


@routes.acts("/campaigns/{code}/settle", EDIT, CampaignOut)
def settle(request: HttpRequest, code: str, body: SettleGiven) -> CampaignOut:
    """Settle one conflict of a draft."""
    now = timezone.now()
    after = operations.settle(code, body.other, body.way, actor=actor(request), now=now)
    return out(after)


class RisksGiven(Given):
    """Above which values a plan needs two and three approvers; null is never."""

    version: int
    reason: str = Field(max_length=1000)
    depth_2: Decimal | None = None
    depth_3: Decimal | None = None
    gmv_2: Decimal | None = None
    gmv_3: Decimal | None = None
    skus_2: int | None = None
    skus_3: int | None = None
    confirmed: int = 2
    currency: str = ""
    rates: str = Field("", max_length=300, examples=["JPY 0.0062, KWD 3.01"])


class RisksOut(Schema):
    """The table in force. rates: what a unit of another currency counts for."""

    version: int
    depth_2: str | None
    depth_3: str | None
    gmv_2: str | None
    gmv_3: str | None
    skus_2: int | None
    skus_3: int | None
    confirmed: int
    currency: str
    rates: str


def _risks() -> RisksOut:
    held = approvals.table()
    said = {name: getattr(held, name) for name in RisksOut.model_fields}
    exact = {n: str(v) for n, v in said.items() if isinstance(v, Decimal)}
    return RisksOut(**said | exact)


@routes.reads("/approvers", RisksOut)
def risks(request: HttpRequest) -> RisksOut:
    """Read how many people approve what."""
    return _risks()


@routes.acts("/approvers", "campaigns.risk", RisksOut, method="PUT")
def save_risks(request: HttpRequest, body: RisksGiven) -> RisksOut:
    """Follow the table by a new version."""
    said = body.model_dump(exclude={"version", "reason"})
    operations.save_table(
        Table(**said),
        version=body.version,
        reason=body.reason,
        actor=actor(request),
        now=timezone.now(),
    )
    return _risks()


class ReviewGiven(Given):
    """What somebody else makes of a plan that one person let go."""

    decision: Literal[*BreakGlass.Decision.values]  # type: ignore[valid-type]
    note: str = Field(min_length=1, max_length=2000)


@routes.acts("/campaigns/{code}/glass", "campaigns.approve", CampaignOut)
def review_glass(request: HttpRequest, code: str, body: ReviewGiven) -> CampaignOut:
    """Review a plan that one person approved alone."""
    now = timezone.now()
    operations.review_glass(code, **body.model_dump(), actor=actor(request), now=now)
    return out(queries.head(code).campaign)


@routes.acts("/campaigns/{code}/recheck", NOTE, CampaignOut)
def recheck(request: HttpRequest, code: str) -> CampaignOut:
    """Look again whether an armed plan may open, now and not at the next tick."""
    return out(operations.recheck(code, now=timezone.now()))
