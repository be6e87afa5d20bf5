"""The catalogue: its SKUs, in from a sheet, and out as a file."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from django.http import HttpRequest, StreamingHttpResponse
from ninja import File, Form, Schema, UploadedFile

from console.campaigns import rules
from console.campaigns.api.base import routes
from console.campaigns.queries.catalogue import catalogue as listed
from console.campaigns.views import catalogue as pages
from console.shell.files import KINDS
from console.shell.rest.routes import file_answer
from console.shell.rest.shapes import Paged, paged
from console.stock.models import Sku

EDIT = "prices.edit"


class SkuOut(Schema):
    """One SKU. cost: null where nobody said; in the currency of the list price."""

    sku: str
    name: str
    variant: str
    category: str
    brand: str
    list_price: str
    currency: str
    cost: str | None


def _out(sku: Sku) -> SkuOut:
    same = ("name", "variant", "category", "brand", "currency")
    return SkuOut(
        sku=sku.code,
        list_price=rules.plain(sku.regular_price),
        cost=None if sku.cost is None else rules.plain(sku.cost),
        **{name: getattr(sku, name) for name in same},
    )


@routes.reads("/catalogue", Paged[SkuOut])
def catalogue(request: HttpRequest, q: str = "", page: int = 1) -> Paged[SkuOut]:
    """List the SKUs, 50 a page; q is in code, name, category or brand."""
    return paged(listed(q, page=page), _out)


class CatalogueDone(Schema):
    """What a catalogue did, or would do: SKUs made, changed and as they were.

    prices: rows that histories got; past: those of them for prices of the past.
    """

    rows: int
    made: int
    changed: int
    same: int
    prices: int
    past: int


@routes.acts("/catalogue", EDIT, CatalogueDone)
def update_catalogue(
    request: HttpRequest,
    file: Annotated[UploadedFile, File(description="CSV or XLSX.")],
    only_look: Annotated[bool, Form(description="Tell, and change nothing.")] = False,
    currency: Annotated[str, Form(description="Of a Shopify export.")] = "",
) -> CatalogueDone:
    """Bring a catalogue in, all rows or none; 422 `bad_rows` names the bad cells."""
    did = pages.bring_in(request, file, currency=currency, only_look=only_look)
    return CatalogueDone(**asdict(did))


@routes.reads("/catalogue.csv", extra=file_answer("text/csv", "A sheet"))
def catalogue_csv(request: HttpRequest, q: str = "") -> StreamingHttpResponse:
    """The catalogue as a sheet that can be brought in again."""
    return pages.file(q, "csv")


@routes.reads("/catalogue.xlsx", extra=file_answer(KINDS["xlsx"], "A workbook"))
def catalogue_xlsx(request: HttpRequest, q: str = "") -> StreamingHttpResponse:
    """The catalogue as a workbook that can be brought in again."""
    return pages.file(q, "xlsx")
