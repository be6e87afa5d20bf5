"""Filling a plan from filters of the catalogue, and freezing what they matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Max

from console.audit.operations import operation, record
from console.campaigns.models import Campaign, Line, SourceFilter
from console.campaigns.operations.changes import locked
from console.campaigns.operations.drafts import touch
from console.campaigns.operations.undoing import By, remembered
from console.campaigns.queries import list_prices
from console.campaigns.queries.pricing import priced
from console.campaigns.rules.sources import BadSource, Claim, SourceKind, decided
from console.prices.rules.charms import Pricing
from console.stock.models import Sku

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Filled:
    """What a fill did. kept: SKUs that an item or a lower filter holds already.

    repriced: lines of filters that got another price, a higher one only where this very
    filter was filled in again with less off.
    left_out: SKU and why it could not be sold so.
    """

    added: int = 0
    repriced: int = 0
    kept: Sequence[Claim] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


@operation()
def fill(
    code: str,
    kind: SourceKind,
    value: str,
    *,
    pricing: Pricing,
    units: int,
    buffer: int = 0,
    actor: User,
    now: datetime,
) -> Filled:
    """Add every SKU a filter matches; the filter is kept, to tell what joins it later.

    Where a SKU is there already, an item stays as it is; of the filters that match it
    the lowest price wins. Filled in again, a filter sets its own lines anew.

    Raises:
        BadSource: it matches nothing, or the buffer leaves nothing.
        WrongState: its plan is at work already.
    """
    campaign = locked(code, actor)
    if units <= buffer or units < 1:
        raise BadSource("The buffer leaves nothing to sell.", field="buffer")
    one = _filter(campaign, kind, value.strip(), pricing, units, buffer)
    matched = list(one.matching.order_by("code"))
    if not matched:
        raise BadSource(
            f"No SKU matches {one}. Check how it is spelled.", field="value"
        )
    there = {
        line.sku_id: line
        for line in campaign.lines.filter(sku__in=matched).select_related(
            "sku", "source"
        )
    }
    skus = [sku.pk for sku in matched]
    said = f"Filled from {one}"
    with remembered(campaign, said, By(actor, now), skus=skus):
        done = _write(campaign, one, matched, there, now)
    touch(campaign, actor=actor, now=now)
    after = {"filter": str(one), "added": done.added, "repriced": done.repriced}
    after["kept"] = len(done.kept)
    record(actor, "campaign.fill", campaign, now=now, after=after)
    return done


def _filter(
    campaign: Campaign,
    kind: SourceKind,
    value: str,
    pricing: Pricing,
    units: int,
    buffer: int,
) -> SourceFilter:
    if not value:
        raise BadSource("Say which category, brand or beginning.", field="value")
    made, _ = SourceFilter.objects.update_or_create(
        campaign=campaign,
        kind=kind,
        value=value,
        defaults={
            "method": pricing.method,
            "amount": pricing.value,
            "charm": pricing.charm,
            "units": units,
            "buffer": buffer,
        },
    )
    return made


def _write(
    campaign: Campaign,
    one: SourceFilter,
    matched: Sequence[Sku],
    there: Mapping[int, Line],
    now: datetime,
) -> Filled:
    """New lines, and those of filters whose price this one changes.

    An item stays as it is. Of the filters that match a SKU the lowest price wins. What
    has no list price in this currency is left out, unless its line says one.
    """
    listed = {line.sku.code: line.regular_price for line in there.values()}
    listed |= list_prices.known(campaign, matched, now=now)
    drafts = [
        _line(campaign, one, sku, listed[sku.code])
        for sku in matched
        if sku.code in listed
    ]
    found = priced(campaign, drafts, one.pricing, now=now)
    left_out = {row.line.sku.code: row.why for row in found if row.price is None}
    left_out |= {
        sku.code: list_prices.unsaid(sku.code, campaign.currency)
        for sku in matched
        if sku.code not in listed
    }
    claims = {
        row.line.sku_id: Claim(row.line.sku.code, row.price, str(one))
        for row in found
        if row.price is not None
    }
    rivals = _rivals(campaign, one, there, now)
    kept, changed = [], []
    for sku_id, line in there.items():
        if (ours := claims.pop(sku_id, None)) is None:
            continue
        if not line.filtered:
            kept.append(Claim(ours.sku, line.sale_price, "item", item=True))
            continue
        others = _others(line, one) | rivals.get(sku_id, {})
        won = decided([ours, *others])
        source = others.get(won, one)
        if (line.source_id, line.sale_price) != (source.pk, won.price):
            _give(line, won.price, source)
            changed.append(line)
        elif source != one:
            kept.append(won)
    written = ["sale_price", "source", "source_price", "version"]
    Line.objects.bulk_update(changed, written, batch_size=1000)
    added = _add(campaign, one, drafts, claims)
    return Filled(added, len(changed), kept, left_out)


def _others(line: Line, one: SourceFilter) -> dict[Claim, SourceFilter]:
    """The price a line has from another filter, even if that matches it no longer."""
    if line.source is None or line.source == one:
        return {}
    return {Claim(line.sku.code, line.sale_price, str(line.source)): line.source}


def _give(line: Line, price: Decimal, source: SourceFilter) -> None:
    line.sale_price = line.source_price = price
    line.source, line.version = source, line.version + 1


def _line(campaign: Campaign, one: SourceFilter, sku: Sku, listed: Decimal) -> Line:
    return Line(
        campaign=campaign,
        sku=sku,
        regular_price=listed,
        sale_price=listed,
        units=one.units,
        buffer=one.buffer,
    )


def _rivals(
    campaign: Campaign, one: SourceFilter, there: Mapping[int, Line], now: datetime
) -> dict[int, dict[Claim, SourceFilter]]:
    """What the other filters give those lines of filters that they match."""
    found: dict[int, dict[Claim, SourceFilter]] = {}
    ours = {pk: line for pk, line in there.items() if line.filtered}
    for other in campaign.sources.exclude(pk=one.pk).order_by("pk"):
        matched = other.matching.filter(pk__in=ours).values_list("pk", flat=True)
        lines = [ours[pk] for pk in matched]
        for row in priced(campaign, lines, other.pricing, now=now):
            if row.price is not None:
                claim = Claim(row.line.sku.code, row.price, str(other))
                found.setdefault(row.line.sku_id, {})[claim] = other
    return found


def _add(
    campaign: Campaign,
    one: SourceFilter,
    drafts: Sequence[Line],
    claims: Mapping[int, Claim],
) -> int:
    last = campaign.lines.aggregate(last=Max("position"))["last"] or 0
    new = [line for line in drafts if line.sku_id in claims]
    for place, line in enumerate(new, start=last + 1):
        _give(line, claims[line.sku_id].price, one)
        line.version, line.position = 1, place
    Line.objects.bulk_create(new, batch_size=2000)
    return len(new)


def freeze(campaign: Campaign) -> None:
    """Note, at the approval, what each filter matches and the plan leaves out."""
    ours = campaign.lines.values("sku")
    for one in campaign.sources.all():
        left = one.matching.exclude(pk__in=ours).values_list("pk", flat=True)
        one.passed_over = list(left)
        one.save(update_fields=["passed_over"])


@operation()
def forget_source(code: str, source_id: int, *, actor: User, now: datetime) -> None:
    """Take a filter off a plan; its lines stay. One that is gone is gone.

    Raises:
        WrongState: its plan is at work already.
    """
    campaign = locked(code, actor)
    gone = campaign.sources.filter(pk=source_id).first()
    if gone is None:
        return
    touch(campaign, actor=actor, now=now)
    before = {"filter": str(gone)}
    record(actor, "campaign.forget_source", campaign, now=now, before=before)
    gone.delete()
