"""Bringing a campaign in from a bundle: a new draft, or a draft made equal to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Campaign, Line
from console.campaigns.operations.beside import Beside, set_beside
from console.campaigns.operations.changes import locked
from console.campaigns.operations.desk import lock_graph
from console.campaigns.operations.drafts import (
    Terms,
    create,
    edit,
    lock_codes,
    touch,
)
from console.campaigns.operations.undoing import forget
from console.campaigns.rules import HIGHEST_PRICE, BadLine, State, WrongState
from console.campaigns.rules.bundles import Row
from console.stock.models import Sku

if TYPE_CHECKING:
    from django.contrib.auth.models import User

VALUES = ["regular_price", "sale_price", "units", "buffer", "price_confirmed"]


@dataclass(frozen=True)
class Brought:
    """What a bundle became. created: it was not there before."""

    campaign: Campaign
    created: bool


@operation()
def bring_in(
    code: str,
    *,
    terms: Terms,
    rows: Sequence[Row],
    beside: Beside,
    signed: bool,
    actor: User,
    now: datetime,
) -> Brought:
    """Make a draft of this code say exactly this: terms, lines and what is beside.

    signed: False for a file without our signature: nobody's confirmation of a low price
        is taken from it.

    Raises:
        WrongState: a campaign of that code is no draft.
        BadLine, SalePriceAboveList: a SKU that is not there, or a value that cannot be.
        BadContact, BadAnnouncement: what is beside the terms.
        UnknownCampaign, WaitsForItself: a sale it waits for.
        UnknownZone, TimeDoesNotExist, TimeIsAmbiguous, EndsBeforeStart: the window.
    """
    lock_graph()
    lock_codes()
    created = not Campaign.objects.filter(code=code).exists()
    if created:
        campaign = create(terms, actor=actor, now=now, code=code)
    else:
        held = locked(code, actor)
        _check_draft(held)
        campaign = edit(code, terms=terms, version=held.version, actor=actor, now=now)
    forget(campaign)
    counts = _same_lines(campaign, [_line(row, signed) for row in rows])
    if any(counts.values()):
        touch(campaign, actor=actor, now=now)
    set_beside(campaign, beside, actor=actor, now=now)
    if beside.sources is not None:
        _give_back(campaign, rows)
    after = {"signed": signed, **counts}
    record(actor, "campaign.bring_in", campaign, now=now, after=after)
    return Brought(campaign, created)


def _give_back(campaign: Campaign, rows: Sequence[Row]) -> None:
    """Let lines be those of the filters the bundle says, the others items.

    A filter that is not in the plan leaves its lines items.
    """
    filters = {one.said.title: one for one in campaign.sources.all()}
    wanted = {row.sku: row for row in rows if row.source in filters}
    changed = []
    for line in campaign.lines.select_related("sku"):
        row = wanted.get(line.sku.code)
        source = filters[row.source] if row else None
        price = _price(row) if row else None
        if (line.source_id, line.source_price) != (source and source.pk, price):
            line.source, line.source_price = source, price
            changed.append(line)
    Line.objects.bulk_update(changed, ["source", "source_price"], batch_size=1000)


def _price(row: Row) -> Decimal:
    """What the filter gave.

    Raises:
        BadLine: no line could keep it.
    """
    try:
        price = Decimal(row.source_price)
        if 0 < price <= HIGHEST_PRICE and price == round(price, 3):
            return price
    except InvalidOperation:
        pass
    raise BadLine(f"{row.sku}: the price of its filter cannot be.", field="lines")


def _check_draft(held: Campaign) -> None:
    if held.state != State.DRAFT:
        raise WrongState(
            f"{held.code} is {State(held.state).label.lower()}, and a bundle changes "
            "drafts only. Take it back to draft first, or give the bundle another code."
        )


def _line(row: Row, signed: bool) -> Line:
    try:
        prices = Decimal(row.regular_price), Decimal(row.sale_price)
        rules.check_offer(*prices, units=row.units, buffer=row.buffer)
    except InvalidOperation:
        raise BadLine(f"{row.sku}: a price is no number.", field="lines") from None
    except (BadLine, rules.SalePriceAboveList) as refused:
        text = f"{row.sku}: {refused.message}"
        raise type(refused)(text, field="lines") from None
    confirmed = row.price_confirmed and signed
    made = Line(units=row.units, buffer=row.buffer, price_confirmed=confirmed)
    made.regular_price, made.sale_price = prices
    made.sku = Sku(code=row.sku)
    return made


def _same_lines(campaign: Campaign, wanted: Sequence[Line]) -> dict[str, int]:
    """Add, change and remove lines until the campaign has these; how many of each."""
    keys = _skus([line.sku.code for line in wanted])
    held = {line.sku_id: line for line in campaign.lines.select_for_update()}
    fresh, changed = [], []
    for position, line in enumerate(wanted, 1):
        key = keys[line.sku.code]
        ours = held.pop(key, None)
        if ours is None:
            line.campaign, line.sku_id, line.position = campaign, key, position
            fresh.append(line)
        elif any(getattr(ours, n) != getattr(line, n) for n in VALUES):
            for name in VALUES:
                setattr(ours, name, getattr(line, name))
            ours.version += 1
            changed.append(ours)
    campaign.lines.filter(pk__in=[line.pk for line in held.values()]).delete()
    for line in fresh:
        line.sku = Sku(pk=line.sku_id)
    Line.objects.bulk_create(fresh, batch_size=2000)
    Line.objects.bulk_update(changed, [*VALUES, "version"], batch_size=1000)
    return {"added": len(fresh), "changed": len(changed), "removed": len(held)}


def _skus(codes: Sequence[str]) -> dict[str, int]:
    keys = dict(Sku.objects.filter(code__in=codes).values_list("code", "pk"))
    for code in codes:
        if code not in keys:
            raise BadLine(
                f"There is no SKU {code}. Bring the product in first.", field="lines"
            )
    return keys
