"""Filling a plan from filters of the catalogue, and freezing what they matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Max

from console.audit.operations import operation, record
from console.campaigns.models import Campaign, Line, SourceFilter
from console.campaigns.operations.changes import locked
from console.campaigns.operations.drafts import touch
from console.campaigns.operations.undoing import By, remembered
from console.campaigns.queries.pricing import priced
from console.campaigns.rules.sources import BadSource, Claim, SourceKind, decided
from console.prices.rules.charms import Pricing
from console.stock.models import Sku

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Filled:
    """What a fill did. kept: SKUs that an item or a lower filter holds already.

    left_out: SKU and why it could not be sold so.
    """

    added: int = 0
    lowered: int = 0
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

    Where a SKU is there already, an item stays as it is; of two filters the lower price
    wins.

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
        for line in campaign.lines.filter(sku__in=matched).select_related("sku")
    }
    skus = [sku.pk for sku in matched]
    said = f"Filled from {one}"
    with remembered(campaign, said, By(actor, now), skus=skus):
        done = _write(campaign, one, matched, there, now)
    touch(campaign, actor=actor, now=now)
    after = {"filter": str(one), "added": done.added, "lowered": done.lowered}
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
    """New lines, and those of other filters that this one undercuts."""
    drafts = [_line(campaign, one, sku) for sku in matched]
    found = priced(campaign, drafts, one.pricing, now=now)
    left_out = {row.line.sku.code: row.why for row in found if row.price is None}
    claims = {
        row.line.sku_id: Claim(row.line.sku.code, row.price, str(one))
        for row in found
        if row.price is not None
    }
    owners = _owners(campaign, one, there, now)
    kept, lowered = [], []
    for sku_id, line in there.items():
        if (ours := claims.pop(sku_id, None)) is None:
            continue
        theirs = owners.get(sku_id) or Claim(ours.sku, line.sale_price, "item", True)
        if decided([theirs, ours]) is theirs:
            kept.append(theirs)
        else:
            line.sale_price, line.version = ours.price, line.version + 1
            lowered.append(line)
    Line.objects.bulk_update(lowered, ["sale_price", "version"], batch_size=1000)
    added = _add(campaign, drafts, claims)
    return Filled(added, len(lowered), kept, left_out)


def _line(campaign: Campaign, one: SourceFilter, sku: Sku) -> Line:
    return Line(
        campaign=campaign,
        sku=sku,
        regular_price=sku.regular_price,
        sale_price=sku.regular_price,
        units=one.units,
        buffer=one.buffer,
    )


def _owners(
    campaign: Campaign, one: SourceFilter, there: Mapping[int, Line], now: datetime
) -> dict[int, Claim]:
    """Lines whose price is the one another filter gives: they are that filter's."""
    found: dict[int, Claim] = {}
    for other in campaign.sources.exclude(pk=one.pk).order_by("pk"):
        ours = set(other.matching.filter(pk__in=there).values_list("pk", flat=True))
        lines = [line for pk, line in there.items() if pk in ours]
        for row in priced(campaign, lines, other.pricing, now=now):
            if row.price == row.line.sale_price:
                sku = row.line.sku.code
                found[row.line.sku_id] = Claim(sku, row.price, str(other))
    return found


def _add(
    campaign: Campaign, drafts: Sequence[Line], claims: Mapping[int, Claim]
) -> int:
    last = campaign.lines.aggregate(last=Max("position"))["last"] or 0
    new = [line for line in drafts if line.sku_id in claims]
    for place, line in enumerate(new, start=last + 1):
        line.sale_price, line.position = claims[line.sku_id].price, place
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
