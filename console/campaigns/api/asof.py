"""A sale at an instant, and what moved below it since its approval."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import AwareDatetime

from console.campaigns import queries, rules
from console.campaigns.api.base import routes
from console.campaigns.queries import asof
from console.campaigns.queries import drift as moved
from console.campaigns.rules import Incomplete
from console.prices.rules import Claim
from console.shell.rest.shapes import Paged, paged


class ClaimOut(Schema):
    """A reduction as it may be shown. badge, lowest: the words, empty at 0%."""

    percent: int
    strike: str | None
    badge: str
    lowest: str


class LineThenOut(Schema):
    """One SKU then. sale: whose price it is, empty for the shop's own.

    claim: null where none is measured: it is not open, outside of the 30-day rule, or
    the law of its market measures no reductions.
    planned: units beyond the buffer; left: of those not sold, null of a time to come.
    """

    sku: str
    name: str
    price: str
    sale: str
    claim: ClaimOut | None
    planned: int
    left: int | None


class ThenOut(Schema):
    """A sale at an instant, in one market. phase: before, live, paused or over.

    opens_at, closes_at: of that market; null in a shop without markets.
    """

    at: datetime
    phase: str
    market: str | None
    opens_at: datetime | None
    closes_at: datetime | None
    lines: Paged[LineThenOut]


@routes.reads("/campaigns/{code}/as-of", ThenOut)
def as_of(
    request: HttpRequest,
    code: str,
    at: AwareDatetime | None = None,
    market: str = "",
    page: int = 1,
) -> ThenOut:
    """What a sale shows at an instant: price, claim and stock of each line.

    at: with an offset; by default the first second of the sale. market: by default the
    first of the sale, by name.
    """
    campaign = queries.head(code).campaign
    if at:
        rules.check_year(at, "at")
    when = at or asof.first_second(campaign)
    if when is None:
        raise Incomplete("Say at which instant: this draft has no start.", field="at")
    found = asof.as_of(
        campaign, when, now=timezone.now(), page=str(page), market=market
    )
    window = found.opening.window if found.opening else None
    rows = {one.sku: one for one in found.lines}
    return ThenOut(
        at=found.at,
        phase=found.phase,
        market=found.opening.place.code if found.opening else None,
        opens_at=window.opens_at if window else None,
        closes_at=window.closes_at if window else None,
        lines=paged(found.page, lambda sku: _line(rows[sku])),
    )


def _line(one: asof.LineThen) -> LineThenOut:
    same = ("sku", "name", "sale", "planned", "left")
    return LineThenOut(
        price=rules.plain(one.price),
        claim=_claim(one.claim) if one.claim else None,
        **{name: getattr(one, name) for name in same},
    )


def _claim(one: Claim) -> ClaimOut:
    strike = None if one.strike is None else rules.plain(one.strike)
    said = {name: getattr(one, name) for name in ("percent", "badge", "lowest")}
    return ClaimOut(strike=strike, **said)


class JoinedOut(Schema):
    """A filter of the sale. joined: SKUs that match by now; skus: the first of them.

    left: SKUs of the sale that match no longer.
    """

    source: int
    title: str
    joined: int
    skus: list[str]
    left: int


class RepricedOut(Schema):
    """A SKU whose list price is not the one that was approved."""

    sku: str
    name: str
    approved: str
    now: str


class DriftOut(Schema):
    """What moved. prices: SKUs with another list price; repriced: the first of them."""

    filters: list[JoinedOut]
    prices: int
    repriced: list[RepricedOut]


@routes.reads("/campaigns/{code}/drift", DriftOut)
def drift(request: HttpRequest, code: str) -> DriftOut:
    """What moved below a sale since its approval; none of it is sold by itself."""
    found = moved.drift(queries.head(code).campaign, now=timezone.now())
    return DriftOut(
        filters=[_joined(one) for one in found.joined],
        prices=found.prices,
        repriced=[_repriced(one) for one in found.repriced],
    )


def _joined(one: moved.Joined) -> JoinedOut:
    return JoinedOut(
        source=one.source.pk,
        title=str(one.source),
        joined=one.count,
        skus=[sku.code for sku in one.skus],
        left=one.left,
    )


def _repriced(one: moved.Repriced) -> RepricedOut:
    approved, now = rules.plain(one.approved), rules.plain(one.now)
    return RepricedOut(sku=one.sku, name=one.name, approved=approved, now=now)
