"""Products that the calendar puts on sale more often than their limits allow."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from console.campaigns.api.base import routes
from console.campaigns.queries import too_often as calendar
from console.campaigns.queries.too_often import SHOWN, Breach

MOST = 1000


class BreachOut(Schema):
    """A sale of a product that its limits do not allow.

    before: code of the sale it does not rest from (`min_gap`), or of the first of those
    that are too many (`max_sales`). to_come: it is not open yet.
    """

    sku: str
    product: str
    campaign: str
    opens_at: datetime
    before: str
    rule: str
    text: str
    to_come: bool


class TooOftenOut(Schema):
    """What was found in all counted sales: `sales` of them have products.

    limited: a policy asks rest or a cap of products; products, ahead: those on sale too
    often, and those of them in sales to come; count: of breaches, the first in `items`.
    """

    limited: bool
    sales: int
    products: int
    ahead: int
    count: int
    items: list[BreachOut]


@routes.reads("/calendar/too-often", TooOftenOut)
def too_often(
    request: HttpRequest, most: Annotated[int, Field(ge=1, le=MOST)] = SHOWN
) -> TooOftenOut:
    """Judge every product of every counted sale by the policies of SKUs of now.

    most: items told, the next sale first, then the latest past one.
    """
    found = calendar.too_often(now=timezone.now(), most=most)
    same = ("limited", "sales", "products", "ahead", "count")
    said = {name: getattr(found, name) for name in same}
    return TooOftenOut(items=list(map(_breach, found.first)), **said)


def _breach(one: Breach) -> BreachOut:
    return BreachOut(
        sku=one.sku,
        product=one.product,
        campaign=one.sale.code,
        opens_at=one.sale.opens_at,
        before=one.before.code,
        rule=one.rule,
        text=one.text,
        to_come=one.to_come,
    )
