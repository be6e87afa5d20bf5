"""REST endpoints of uplift: the evidence, and past sales."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Schema
from pydantic import Field, NaiveDatetime, StringConstraints

from console.campaigns import rules
from console.campaigns.views.asked import actor
from console.shell.rest.routes import Routes
from console.shell.rest.shapes import Given, Paged, paged
from console.uplift.forms import MOST_SKUS
from console.uplift.models import PastSale
from console.uplift.operations import sales as operations
from console.uplift.queries import sales
from console.uplift.queries.evidence import evidence as found
from console.uplift.queries.sales import TOLD, Row, figure

EDIT = "uplift.edit"
SALE = "/uplift/sales/{int:pk}"
routes = Routes("uplift")


def asks(request: HttpRequest) -> dict[str, Any]:
    """Who asks, and when: what every operation takes."""
    return {"actor": actor(request), "now": timezone.now()}


class FigureOut(Schema):
    """A figure with its 90% interval; null where it is unknown, and then why."""

    value: float | None
    low: float | None
    high: float | None
    why: str


class RecoveryOut(Schema):
    """The half-life in days with its 90% interval. full: uplift once rested.

    tells: false if the data cannot tell it; then `why`, and the rest is only drawn.
    """

    tells: bool
    sales: int
    half_life: int | None
    low: int | None
    high: int | None
    full: float | None
    why: str


class UpliftPointOut(Schema):
    """A measured sale. days: since the one before of its goods. lines: sold in it."""

    name: str
    source: str
    uplift: float
    days: float | None
    depth: float | None
    lines: float


class BesideOut(Schema):
    """A policy in force, and how its half-life lies to what the data suggest."""

    audience: str
    scope_id: int
    half_life: float
    tone: str
    words: str


class UpliftOut(Schema):
    """What past sales say together. total: of them; files: order histories."""

    recovery: RecoveryOut
    suggestion: str
    points: list[UpliftPointOut]
    policies: list[BesideOut]
    total: int
    unmeasured: int
    files: int
    measuring: bool
    measured_at: datetime | None


def same(shape: type[Schema], one: Any) -> dict[str, Any]:
    """What is called the same on both sides."""
    return {n: getattr(one, n) for n in shape.model_fields if hasattr(one, n)}


@routes.reads("/uplift/evidence", UpliftOut)
def evidence(request: HttpRequest) -> UpliftOut:
    """What past sales brought, and what that says about each policy."""
    told = found(now=timezone.now())
    said = same(UpliftOut, told)
    said["recovery"] = RecoveryOut(**same(RecoveryOut, told.recovery))
    said["points"] = [
        UpliftPointOut(**same(UpliftPointOut, one)) for one in told.points
    ]
    said["policies"] = [BesideOut(**same(BesideOut, one)) for one in told.policies]
    return UpliftOut(**said)


class PastSaleOut(Schema):
    """A past sale. source: campaign, found, doubtful or hand. depth: a ratio.

    net_at_most: net may be less, for what it took from other goods is unknown.
    """

    id: int
    name: str
    source: str
    opens_at: datetime
    closes_at: datetime
    skus: int
    depth: float | None
    days_since: float | None
    measured_at: datetime | None
    figures: dict[str, FigureOut]
    net_at_most: bool


def _sale(row: Row) -> PastSaleOut:
    sale = row.sale
    own = ("name", "source", "opens_at", "closes_at", "skus", "measured_at")
    figures = {n: figure(sale.result, n) for n in ("uplift", *TOLD)}
    return PastSaleOut(
        id=sale.pk,
        depth=None if sale.depth is None else float(sale.depth),
        days_since=None if sale.days_since is None else float(sale.days_since),
        figures={n: FigureOut(**same(FigureOut, one)) for n, one in figures.items()},
        net_at_most=row.at_most,
        **{name: getattr(sale, name) for name in own},
    )


@routes.reads("/uplift/sales", Paged[PastSaleOut])
def past_sales(
    request: HttpRequest, sort: str = "-opens", measured: bool = False, page: int = 1
) -> Paged[PastSaleOut]:
    """List past sales with their figures, in order lines, 25 a page.

    sort: opens, days, depth, uplift, skus or name; a minus in front turns it round.
    measured: leave out those whose uplift is unknown.
    """
    order = sales.sorting(sort)
    return paged(sales.page(str(page), sort=order, measured=measured), _sale)


class OfferOut(Schema):
    """A SKU of a past sale. depth: a ratio, null if nobody knows it."""

    sku: str
    depth: float | None


class DetailOut(PastSaleOut):
    """One past sale. offers: the first of its SKUs; more: how many others.

    trend: how much the rest of the shop grew since the weeks of the baseline.
    """

    offers: list[OfferOut]
    more: int
    trend: float | None


def _detail(sale: PastSale) -> DetailOut:
    told = sales.detail(sale)
    offers = [OfferOut(sku=sku, depth=depth) for sku, depth in told.offers]
    said = _sale(told.row).model_dump()
    return DetailOut(offers=offers, more=told.more, trend=told.trend, **said)


@routes.reads(SALE, DetailOut)
def past_sale(request: HttpRequest, pk: int) -> DetailOut:
    """Read one past sale: each figure with its interval, or why it is unknown."""
    return _detail(get_object_or_404(PastSale, pk=pk))


Text = StringConstraints(strip_whitespace=True, min_length=1)


class PastSaleGiven(Given):
    """A past sale somebody remembers. depth: per cent off the usual price.

    opens_local, closes_local: on the shop's clock; a time it shows twice is the first.
    """

    name: Annotated[str, Text, Field(max_length=120)]
    opens_local: NaiveDatetime
    closes_local: NaiveDatetime
    depth: Annotated[Decimal, Field(ge=1, le=99, decimal_places=1)] | None = None
    skus: Annotated[
        list[Annotated[str, Text, Field(max_length=64)]],
        Field(min_length=1, max_length=MOST_SKUS),
    ]


@routes.acts("/uplift/sales", EDIT, DetailOut, status=201)
def add(request: HttpRequest, body: PastSaleGiven) -> DetailOut:
    """Tell of a past sale; all of them are measured again."""
    window = rules.resolve(
        body.opens_local, body.closes_local, settings.SHOP_ZONE, folds=rules.Folds(0)
    )
    told = operations.add(
        body.name,
        list(dict.fromkeys(body.skus)),
        window=window,
        depth=None if body.depth is None else body.depth / 100,
        **asks(request),
    )
    return _detail(told)


@routes.acts(SALE, EDIT, method="DELETE")
def remove(request: HttpRequest, pk: int) -> None:
    """Take out a past sale that was told by hand."""
    get_object_or_404(PastSale, pk=pk)
    operations.remove(pk, **asks(request))
