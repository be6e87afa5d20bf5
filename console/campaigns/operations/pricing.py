"""Setting the prices of many lines by one method."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.campaigns.models import Line
from console.campaigns.operations.changes import locked
from console.campaigns.operations.drafts import touch
from console.campaigns.operations.undoing import By, remembered
from console.campaigns.queries.pricing import priced
from console.campaigns.rules import BadLine
from console.prices.rules.charms import Pricing

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@operation()
def set_price(
    code: str,
    pricing: Pricing,
    *,
    line_ids: Sequence[int] | None,
    actor: User,
    now: datetime,
) -> int:
    """Set the sale price of many lines by one method; how many changed. Undone once.

    line_ids: None for every line.

    Raises:
        BadLine: a line that could not be sold so, by its SKU; none was changed.
        WrongState: its plan is at work already.
    """
    campaign = locked(code, actor)
    lines = campaign.lines.select_related("sku").order_by("position", "pk")
    if line_ids is not None:
        lines = lines.filter(pk__in=line_ids)
    found = priced(campaign, list(lines), pricing, now=now)
    if bad := next((one for one in found if one.price is None), None):
        raise BadLine(f"{bad.line.sku.code}: {bad.why}", field="value")
    changed = [one for one in found if one.price != one.line.sale_price]
    if not changed:
        return 0
    skus = [one.line.sku_id for one in changed]
    said = (
        f"Set {len(changed):,} {'price' if len(changed) == 1 else 'prices'}: {pricing}"
    )
    with remembered(campaign, said, By(actor, now), skus=skus):
        for one in changed:
            assert one.price is not None
            one.line.sale_price, one.line.price_confirmed = one.price, False
            one.line.version += 1
        columns = ["sale_price", "price_confirmed", "version"]
        Line.objects.bulk_update([c.line for c in changed], columns, batch_size=1000)
    touch(campaign, actor=actor, now=now)
    after = {"pricing": str(pricing), "lines": len(changed)}
    record(actor, "campaign.set_price", campaign, now=now, after=after)
    return len(changed)
