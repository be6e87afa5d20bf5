"""Many prices at once: tried and set; filters of the catalogue, and undo."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from django.core.paginator import Paginator
from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from console.campaigns import operations, queries, rules
from console.campaigns.api.base import EDIT, asks, routes
from console.campaigns.models import Line, SourceFilter, Undo
from console.campaigns.operations import Filled
from console.campaigns.queries.pricing import Priced, priced
from console.campaigns.rules.sources import MOST_UNITS, SourceKind
from console.prices.rules import Method
from console.prices.rules.charms import Charm, Pricing
from console.shell.rest.shapes import Given, Paged, paged

PER_PAGE = 50


class PricingGiven(Given):
    """A way of setting prices. value: an amount or per cent, by the method."""

    method: Method
    value: Annotated[Decimal, Field(max_digits=14, decimal_places=3)]
    charm: Charm = Charm.NONE

    @property
    def pricing(self) -> Pricing:
        """The values the rules read."""
        return Pricing(self.method, self.value, self.charm)


class PriceGiven(PricingGiven):
    """Which lines; all if they are left out."""

    lines: list[int] | None = None


class CountOut(Schema):
    """How many lines changed."""

    count: int


@routes.acts("/campaigns/{code}/lines/price", EDIT, CountOut)
def price(request: HttpRequest, code: str, body: PriceGiven) -> CountOut:
    """Set the prices of many lines by one method."""
    count = operations.set_price(
        code, body.pricing, line_ids=body.lines, **asks(request)
    )
    return CountOut(count=count)


class PricedOut(Schema):
    """One line before and after. after: null where it cannot be, and why.

    low: lowest price of the 30 days before; percent: what may be claimed afterwards.
    """

    id: int
    sku: str
    before: str
    after: str | None
    why: str
    low: str | None
    percent: int | None


def _priced(row: Priced) -> PricedOut:
    return PricedOut(
        id=row.line.pk,
        sku=row.line.sku.code,
        before=rules.plain(row.line.sale_price),
        after=None if row.price is None else rules.plain(row.price),
        why=row.why,
        low=None if row.low is None else rules.plain(row.low),
        percent=row.percent,
    )


@routes.acts("/campaigns/{code}/lines/price/preview", EDIT, Paged[PricedOut])
def try_price(
    request: HttpRequest, code: str, body: PriceGiven, page: int = 1
) -> Paged[PricedOut]:
    """What a method would make of the prices, 50 lines a page; nothing is saved."""
    campaign, now = queries.head(code).campaign, asks(request)["now"]
    lines = campaign.lines.select_related("sku").order_by("position", "pk")
    if body.lines is not None:
        lines = lines.filter(pk__in=body.lines)
    found: Paginator[Line] = Paginator(lines, PER_PAGE)
    chosen = found.get_page(page)
    rows = priced(campaign, list(chosen.object_list), body.pricing, now=now)
    said = {row.line.pk: _priced(row) for row in rows}
    return paged(chosen, lambda line: said[line.pk])


class FillGiven(PricingGiven):
    """A filter of the catalogue, and what each new line says."""

    kind: SourceKind
    name: str = Field(max_length=100)
    units: int = Field(ge=1, le=MOST_UNITS)
    buffer: int = Field(0, ge=0, le=MOST_UNITS)


class KeptOut(Schema):
    """A SKU that stayed as it is. source: what gives its price. item: named itself."""

    sku: str
    price: str
    source: str
    item: bool


class LeftOut(Schema):
    """A SKU that matched and could not be sold so."""

    sku: str
    why: str


class FilledOut(Schema):
    """What a filter did. count: lines it added; repriced: lines of
    filters that have another price now."""

    count: int
    repriced: int
    kept: list[KeptOut]
    left_out: list[LeftOut]


def _filled(done: Filled) -> FilledOut:
    kept = [
        KeptOut(
            sku=one.sku,
            price=rules.plain(one.price),
            source=one.source,
            item=one.item,
        )
        for one in done.kept
    ]
    left = [LeftOut(sku=sku, why=why) for sku, why in done.left_out.items()]
    return FilledOut(count=done.added, repriced=done.repriced, kept=kept, left_out=left)


@routes.acts("/campaigns/{code}/fill", EDIT, FilledOut)
def fill(request: HttpRequest, code: str, body: FillGiven) -> FilledOut:
    """Add every SKU that a filter matches; tell which stayed, and which cannot be."""
    filled = operations.fill(
        code,
        body.kind,
        body.name,
        pricing=body.pricing,
        units=body.units,
        buffer=body.buffer,
        **asks(request),
    )
    return _filled(filled)


class SourceOut(Schema):
    """A filter a plan was filled from. title: as the pages say it."""

    id: int
    title: str
    kind: SourceKind
    name: str
    method: Method
    value: str
    charm: Charm
    units: int
    buffer: int


def _source(one: SourceFilter) -> SourceOut:
    return SourceOut(
        id=one.pk,
        title=str(one),
        kind=SourceKind(one.kind),
        name=one.value,
        method=one.pricing.method,
        value=rules.plain(one.amount),
        charm=one.pricing.charm,
        units=one.units,
        buffer=one.buffer,
    )


@routes.reads("/campaigns/{code}/sources", list[SourceOut])
def sources(request: HttpRequest, code: str) -> list[SourceOut]:
    """List the filters a plan was filled from."""
    rows = queries.head(code).campaign.sources.order_by("pk")
    return [_source(one) for one in rows]


@routes.acts("/campaigns/{code}/sources/{int:pk}", EDIT, method="DELETE")
def forget_source(request: HttpRequest, code: str, pk: int) -> None:
    """Take a filter off the plan; its lines stay."""
    operations.forget_source(code, pk, **asks(request))


class UndoOut(Schema):
    """The last change of the lines: the one that can be taken back."""

    id: int
    what: str
    by: str
    at: datetime


@routes.reads("/campaigns/{code}/undo", list[UndoOut])
def undoable(request: HttpRequest, code: str) -> list[UndoOut]:
    """List what can be taken back: the last change of the lines, or nothing."""
    campaign = queries.head(code).campaign
    rows = Undo.objects.filter(campaign=campaign).select_related("by")
    return [
        UndoOut(id=one.pk, what=one.what, by=one.by.get_username(), at=one.at)
        for one in rows.order_by("pk")
    ]


class UndoneOut(Schema):
    """What was taken back."""

    what: str


@routes.acts("/campaigns/{code}/undo/{int:pk}", EDIT, UndoneOut)
def undo(request: HttpRequest, code: str, pk: int) -> UndoneOut:
    """Take the last change of the lines back."""
    return UndoneOut(what=operations.undo(code, pk, **asks(request)))
