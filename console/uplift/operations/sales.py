"""Past sales a person tells us of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from console.audit.operations import operation, record
from console.campaigns.rules import Window
from console.errors import Refusal
from console.stock.models import Sku
from console.uplift.models import DailyDemand, PastSale
from console.uplift.operations.studies import want
from console.uplift.rules import Source

if TYPE_CHECKING:
    from django.contrib.auth.models import User

NAMED = 3


class NotPast(Refusal):
    """The sale is not over."""

    code = "past_sale_not_over"


class UnknownGoods(Refusal):
    """Nobody has heard of these SKUs."""

    code = "past_sale_unknown_goods"
    status = 422


class NotByHand(Refusal):
    """The sale was not told by a person, so nobody can take it out."""

    code = "past_sale_not_by_hand"


@operation()
def add(
    name: str,
    skus: Sequence[str],
    *,
    window: Window,
    depth: Decimal | None,
    actor: User,
    now: datetime,
) -> PastSale:
    """Keep a past sale, and have all of them measured again.

    depth: 0.3 is 30% off; None if nobody remembers.

    Raises:
        NotPast: it ends later than now.
        UnknownGoods: SKUs that are neither in the history nor in stock, by name.
    """
    if window.closes_at > now:
        raise NotPast(
            "The sale is not over. Choose an end in the past.", field="closes_local"
        )
    _check_known(skus)
    offers = [[sku, None, None, None] for sku in skus]
    sale = PastSale.objects.create(
        key=f"hand:{uuid4()}",
        source=Source.HAND,
        name=name,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        by=actor,
        offers=offers,
        skus=len(skus),
        depth=depth,
    )
    record(actor, "uplift.add", sale, now=now, after={"skus": len(skus)})
    want(now=now)
    return sale


def _check_known(skus: Sequence[str]) -> None:
    sold = DailyDemand.objects.filter(sku__in=skus).values_list("sku", flat=True)
    kept = Sku.objects.filter(code__in=skus).values_list("code", flat=True)
    unknown = [sku for sku in skus if sku not in {*sold.distinct(), *kept}]
    if unknown:
        more = len(unknown) - NAMED
        rest = f" and {more} more" if more > 0 else ""
        raise UnknownGoods(
            f"Unknown SKU: {', '.join(unknown[:NAMED])}{rest}. Take them out, or "
            "import the order history that holds them first.",
            field="skus",
        )


@operation()
def remove(pk: int, *, actor: User, now: datetime) -> None:
    """Take out a sale that a person told us of.

    Raises:
        NotByHand: it is a campaign, or was found in the history.
    """
    sale = PastSale.objects.select_for_update().get(pk=pk)
    if sale.source != Source.HAND:
        raise NotByHand("Only a sale that was entered by hand can be taken out.")
    record(actor, "uplift.take_out", sale, now=now, before={"name": sale.name})
    sale.delete()
    want(now=now)
