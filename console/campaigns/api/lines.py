"""The lines of a plan: paged, one by one, many at once, and out as a file."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from console.campaigns import operations, queries, rules
from console.campaigns.api.base import EDIT, routes
from console.campaigns.models import Line
from console.campaigns.operations import LineTerms
from console.campaigns.queries.products import ProductRow, products
from console.campaigns.queries.products import row as one_row
from console.campaigns.views import lines as pages
from console.campaigns.views.asked import actor
from console.shell.files import KINDS
from console.shell.rest.routes import file_answer
from console.shell.rest.shapes import Given, Paged, Price, paged
from console.shell.rest.versions import IfMatch, etag, version_of


class LineOut(Schema):
    """One line, and what prices and stock say about it.

    low: lowest price of the 30 days before; low_net: without tax, of the row that set
    it, null where that row does not say. percent: what may be claimed. off_list,
    off_usual: per cent below the list price, and below the median price of 90 days in
    the first channel; rounded down, below 0 where it is dearer, null where the usual
    price is unknown. free: units beyond those it asks for, null once the sale holds
    them.
    """

    id: int
    sku: str
    name: str
    variant: str
    regular_price: str
    sale_price: str
    units: int
    buffer: int
    price_confirmed: bool
    version: int
    low: str | None
    low_net: str | None
    percent: int
    off_list: int
    off_usual: int | None
    free: int | None
    tone: str
    check: str


def _out(row: ProductRow) -> LineOut:
    line, (tone, word) = row.line, row.check
    same = ("units", "buffer", "price_confirmed", "version")
    return LineOut(
        id=line.pk,
        sku=line.sku.code,
        name=line.sku.name,
        variant=line.sku.variant,
        regular_price=rules.plain(line.regular_price),
        sale_price=rules.plain(line.sale_price),
        low=None if row.low is None else rules.plain(row.low),
        low_net=None if row.low_net is None else rules.plain(row.low_net),
        percent=row.percent,
        off_list=row.off_list,
        off_usual=row.off_usual,
        free=row.free,
        tone=tone,
        check=word,
        **{name: getattr(line, name) for name in same},
    )


@routes.reads("/campaigns/{code}/lines", Paged[LineOut])
def lines(
    request: HttpRequest, code: str, q: str = "", page: int = 1
) -> Paged[LineOut]:
    """List the lines of a plan, 50 a page, filtered by text."""
    campaign = queries.head(code).campaign
    found = products(campaign, now=timezone.now(), text=q, page=str(page))
    rows = {row.pk: row for row in found.rows}
    return paged(found.page, lambda line: _out(rows[line.pk]))


class LineGiven(Given):
    """A line to add; without a regular price it takes the list price of the SKU.

    422 at `regular_price` where nobody said that in the campaign's currency.
    """

    sku: str = Field(max_length=64)
    sale_price: Price
    units: int
    buffer: int = 0
    regular_price: Price | None = None


@routes.acts("/campaigns/{code}/lines", EDIT, LineOut, status=201)
def add_line(
    request: HttpRequest, code: str, body: LineGiven, response: HttpResponse
) -> LineOut:
    """Add a product by its SKU."""
    said = body.model_dump(exclude={"sku"})
    made = operations.add_line(
        code,
        sku_code=body.sku,
        values=LineTerms(**said),
        actor=actor(request),
        now=timezone.now(),
    )
    return _answer(response, code, made.pk)


def _line(code: str, line: int) -> Line:
    found = Line.objects.select_related("sku", "campaign__audience")
    return get_object_or_404(found, pk=line, campaign__code=code)


def _answer(response: HttpResponse, code: str, line: int) -> LineOut:
    fresh = _line(code, line)
    etag(response, fresh.version)
    return _out(one_row(fresh, now=timezone.now()))


@routes.reads("/campaigns/{code}/lines/{int:line}", LineOut)
def read_line(
    request: HttpRequest, code: str, line: int, response: HttpResponse
) -> LineOut:
    """Read one line; its ETag is the version an edit starts from."""
    return _answer(response, code, line)


class LineEdit(Given):
    """Values to set; those left out stay as they are."""

    sale_price: Price | None = None
    units: int | None = None
    buffer: int | None = None
    regular_price: Price | None = None
    price_confirmed: bool | None = None
    version: int | None = None


@routes.acts("/campaigns/{code}/lines/{int:line}", EDIT, LineOut, method="PATCH")
def edit_line(
    request: HttpRequest,
    code: str,
    line: int,
    body: LineEdit,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> LineOut:
    """Change a line; 409 `stale_edit` with the newer values if somebody did before."""
    _line(code, line)
    operations.edit_line(
        line,
        values=LineTerms(**body.model_dump(exclude={"version"})),
        version=version_of(body.version, if_match),
        actor=actor(request),
        now=timezone.now(),
    )
    return _answer(response, code, line)


class Ticked(Given):
    """Lines by their ids."""

    lines: Annotated[list[int], Field(max_length=100_000)]


class Changed(Schema):
    """How many lines changed."""

    changed: int


@routes.acts("/campaigns/{code}/lines/remove", EDIT, Changed)
def remove_lines(request: HttpRequest, code: str, body: Ticked) -> Changed:
    """Take lines out of a plan."""
    count = operations.remove_lines(
        code, line_ids=body.lines, actor=actor(request), now=timezone.now()
    )
    return Changed(changed=count)


class Percent(Ticked):
    """A share in per cent for these lines."""

    percent: Annotated[Decimal, Field(ge=0, le=99, max_digits=5, decimal_places=2)]


def _set(request: HttpRequest, code: str, field: str, body: Percent) -> Changed:
    count = operations.set_percent(
        code,
        field,
        line_ids=body.lines,
        percent=body.percent,
        actor=actor(request),
        now=timezone.now(),
    )
    return Changed(changed=count)


@routes.acts("/campaigns/{code}/lines/set/depth", EDIT, Changed)
def set_depth(request: HttpRequest, code: str, body: Percent) -> Changed:
    """Set how far below the list price many lines are sold, in per cent."""
    return _set(request, code, "depth", body)


@routes.acts("/campaigns/{code}/lines/set/buffer", EDIT, Changed)
def set_buffer(request: HttpRequest, code: str, body: Percent) -> Changed:
    """Set the share of the units many lines hold back, in per cent."""
    return _set(request, code, "buffer", body)


@routes.reads("/campaigns/{code}/lines.csv", extra=file_answer("text/csv", "A sheet"))
def lines_csv(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """All lines as a sheet that can be imported again."""
    return pages.file(code, "csv")


@routes.reads(
    "/campaigns/{code}/lines.xlsx", extra=file_answer(KINDS["xlsx"], "A workbook")
)
def lines_xlsx(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """All lines as a workbook that can be imported again."""
    return pages.file(code, "xlsx")
