"""Writing the lines of a plan: one cell, one product, or many at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Max, QuerySet

from console import words
from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Campaign, Line
from console.campaigns.operations.changes import difference, locked, spelled
from console.campaigns.operations.drafts import touch
from console.campaigns.operations.undoing import By, forget, remembered
from console.campaigns.queries import list_prices
from console.campaigns.queries.pricing import at_percent
from console.campaigns.rules import BadLine
from console.stock.models import Sku

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class LineTerms:
    """What a line says; None leaves a value as it is."""

    sale_price: Decimal | None = None
    units: int | None = None
    buffer: int | None = None
    regular_price: Decimal | None = None
    price_confirmed: bool | None = None


@operation()
def add_line(
    code: str,
    *,
    sku_code: str,
    values: LineTerms,
    actor: User,
    now: datetime,
) -> Line:
    """Add a product to a plan, below those it has.

    Without a list price it takes that of its SKU in the campaign's currency.

    Raises:
        BadLine: no such SKU, one the plan has already, a value that cannot be, or a
            list price that nobody said in this currency.
        SalePriceAboveList: the sale price is not below the list price.
    """
    campaign = locked(code, actor)
    sku = Sku.objects.filter(code=sku_code.strip()).first()
    if sku is None:
        raise BadLine(
            f"There is no SKU {sku_code}. Check the code, or import a sheet.",
            field="sku",
        )
    if campaign.lines.filter(sku=sku).exists():
        raise BadLine(f"{sku.code} is in this plan already.", field="sku")
    last = campaign.lines.aggregate(last=Max("position"))["last"] or 0
    line = Line(
        campaign=campaign,
        sku=sku,
        regular_price=values.regular_price or _listed(campaign, sku, now),
        sale_price=values.sale_price or Decimal(0),
        units=values.units or 0,
        buffer=values.buffer or 0,
        position=last + 1,
    )
    _check(line)
    forget(campaign)
    line.save(force_insert=True)
    touch(campaign, actor=actor, now=now)
    record(actor, "campaign.add_line", campaign, now=now, after=_told(line))
    return line


def _listed(campaign: Campaign, sku: Sku, now: datetime) -> Decimal:
    found = list_prices.known(campaign, [sku], now=now)
    if sku.code not in found:
        told = list_prices.unsaid(sku.code, campaign.currency)
        raise BadLine(told, field="regular_price")
    return found[sku.code]


@operation()
def edit_line(
    line_id: int, *, values: LineTerms, version: int, actor: User, now: datetime
) -> Line:
    """Change what a line says; the values of one cell or of several.

    Raises:
        StaleEdit: somebody changed the line since it was read.
        BadLine, SalePriceAboveList: a value that cannot be; nothing was changed.
    """
    code = Line.objects.values_list("campaign__code", flat=True).get(pk=line_id)
    campaign = locked(code, actor)
    line = Line.objects.select_related("sku").get(pk=line_id)
    before = _told(line)
    given = {name: v for name, v in asdict(values).items() if v is not None}
    wanted = {name: spelled(value) for name, value in given.items()}
    if all(before[name] == wanted[name] for name in wanted):
        return line
    rules.check_version(
        version, line.version, {n: v for n, v in before.items() if n in wanted}
    )
    if "sale_price" in given:
        given.setdefault("price_confirmed", False)
    for name, value in given.items():
        setattr(line, name, value)
    _check(line)
    line.version += 1
    said, sku = f"Changed {line.sku.code}", [line.sku_id]
    with remembered(campaign, said, By(actor, now), skus=sku):
        line.save(update_fields=[*given, "version"])
    touch(campaign, actor=actor, now=now)
    old, new = difference(before, _told(line))
    new["sku"] = line.sku.code
    record(actor, "campaign.edit_line", campaign, now=now, before=old, after=new)
    return line


@operation()
def remove_lines(code: str, *, line_ids: list[int], actor: User, now: datetime) -> int:
    """Take products out of a plan; how many there were."""
    campaign = locked(code, actor)
    lines = campaign.lines.filter(pk__in=line_ids)
    codes = sorted(lines.values_list("sku__code", flat=True))
    if not codes:
        return 0
    said = f"Removed {words.count(len(codes), 'product')}"
    skus = list(_skus(lines))
    with remembered(campaign, said, By(actor, now), skus=skus):
        lines.delete()
    touch(campaign, actor=actor, now=now)
    record(actor, "campaign.remove_lines", campaign, now=now, before={"skus": codes})
    return len(codes)


def _skus(lines: QuerySet[Line]) -> Iterable[int]:
    return lines.values_list("sku_id", flat=True)


def _check(line: Line) -> None:
    rules.check_offer(
        line.regular_price, line.sale_price, units=line.units, buffer=line.buffer
    )


def _told(line: Line) -> dict[str, Any]:
    return {
        "sku": line.sku.code,
        "regular_price": rules.plain(line.regular_price),
        "sale_price": rules.plain(line.sale_price),
        "units": line.units,
        "buffer": line.buffer,
        "price_confirmed": line.price_confirmed,
    }


@operation()
def set_percent(
    code: str,
    field: str,
    *,
    line_ids: Iterable[int],
    percent: Decimal,
    actor: User,
    now: datetime,
) -> int:
    """Set the depth, or the buffer, of many lines in per cent; how many changed.

    field: `depth` or `buffer`, see `at_percent`.

    Raises:
        BadLine, SalePriceAboveList: a line that could not be sold so; none was changed.
    """
    campaign = locked(code, actor)
    lines = list(campaign.lines.filter(pk__in=line_ids).select_related("sku"))
    for line in lines:
        line.sale_price, line.buffer = at_percent(
            line, field, percent, campaign.currency
        )
        line.price_confirmed = line.price_confirmed and field != "depth"
        line.version += 1
        _check(line)
    if not lines:
        return 0
    columns = ["sale_price", "price_confirmed", "buffer", "version"]
    said, skus = f"Set {field} to {percent:f}%", [line.sku_id for line in lines]
    with remembered(campaign, said, By(actor, now), skus=skus):
        Line.objects.bulk_update(lines, columns, batch_size=1000)
    touch(campaign, actor=actor, now=now)
    after = {field: f"{percent}%", "lines": len(lines)}
    record(actor, "campaign.set_lines", campaign, now=now, after=after)
    return len(lines)
