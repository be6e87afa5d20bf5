"""Running rows of a sheet through the resource: what each did, or would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import tablib
from django.core.exceptions import ValidationError
from import_export.results import RowResult

from console.audit.operations import operation
from console.campaigns import rules
from console.campaigns.catalogue.writing import hold
from console.campaigns.models import Campaign, ImportRow
from console.campaigns.resources import COMPARED, LineResource
from console.campaigns.sheets import Row
from console.campaigns.shopify import unmade
from console.prices import operations as prices
from console.stock import operations as stock
from console.stock.models import Level, Location, Sku
from console.stock.rules import Reason

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Outcome = ImportRow.Outcome
HEADERS = ("sku", *COMPARED)
OUTCOMES = {
    RowResult.IMPORT_TYPE_NEW: Outcome.CREATED,
    RowResult.IMPORT_TYPE_UPDATE: Outcome.UPDATED,
    RowResult.IMPORT_TYPE_SKIP: Outcome.UNCHANGED,
    RowResult.IMPORT_TYPE_INVALID: Outcome.FAILED,
    RowResult.IMPORT_TYPE_ERROR: Outcome.FAILED,
}


@dataclass(frozen=True)
class Told:
    """What became of one row."""

    row: Row
    outcome: ImportRow.Outcome
    changes: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


class _Undo(Exception):
    """Leaves the transaction of a dry run."""


def import_rows(
    campaign: Campaign,
    rows: Sequence[Row],
    *,
    seen: set[str],
    actor: User,
    now: datetime,
    dry: bool,
) -> list[Told]:
    """Import rows into a campaign, or only find out what each would do.

    seen: SKUs of rows before these, so that a duplicate is found; it grows.
    """
    told = _makeable([_sorted_out(row, seen) for row in rows])
    wanted = [one.row for one in told if one.outcome == Outcome.UNCHANGED]
    done: dict[int, Told] = {}
    try:
        with operation():
            make_skus(wanted, campaign.currency, actor, now, dry=dry)
            done = _through(campaign, wanted, now)
            if dry:
                raise _Undo
    except _Undo:
        pass
    return [done.get(one.row.number, one) for one in told]


def _sorted_out(row: Row, seen: set[str]) -> Told:
    """Bad and left-out rows at once; others are unchanged until they were tried."""
    if row.skip:
        return Told(row, Outcome.SKIPPED)
    code = row.cells.get("sku", "").strip()
    known = code and code in seen
    seen.add(code)
    if row.problem:
        return Told(row, Outcome.FAILED, errors=row.problem)
    if known:
        return Told(row, Outcome.FAILED, errors=twice(code))
    return Told(row, Outcome.UNCHANGED)


def _makeable(told: Sequence[Told]) -> list[Told]:
    """The same, but bad where a SKU that is new cannot be made of its product."""
    tried = (one.row for one in told if one.outcome == Outcome.UNCHANGED)
    bad = {row.number: said for row in tried if (said := unmade(row.product))}
    if not bad:
        return list(told)
    codes = [one.row.cells["sku"] for one in told if one.row.number in bad]
    known = set(Sku.objects.filter(code__in=codes).values_list("code", flat=True))
    return [
        Told(one.row, Outcome.FAILED, errors=bad[one.row.number])
        if one.row.number in bad and one.row.cells["sku"] not in known
        else one
        for one in told
    ]


def twice(code: str) -> dict[str, str]:
    """What is wrong with a row whose SKU an earlier row has; bad rows count too."""
    return {"sku": f"{code} is in the sheet twice. Keep one of the rows."}


def _through(campaign: Campaign, rows: Sequence[Row], now: datetime) -> dict[int, Told]:
    codes = [row.cells.get("sku", "").strip() for row in rows]
    resource = LineResource(campaign, codes, now=now)
    before = {
        code: {name: getattr(line, name) for name in COMPARED}
        for code, line in resource.lines.items()
    }
    cells = [[row.cells.get(name, "") for name in HEADERS] for row in rows]
    result = resource.import_data(
        tablib.Dataset(*cells, headers=list(HEADERS)),
        use_transactions=False,
        retain_instance_in_row_result=True,
    )
    return {
        row.number: _told(row, one, before.get(code, {}))
        for row, code, one in zip(rows, codes, result.rows, strict=True)
    }


def _told(row: Row, result: RowResult, before: Mapping[str, Any]) -> Told:
    outcome = OUTCOMES[result.import_type]
    if outcome == Outcome.FAILED:
        return Told(row, outcome, errors=_errors(result))
    if outcome == Outcome.UNCHANGED:
        return Told(row, outcome)
    after = {name: getattr(result.instance, name) for name in COMPARED}
    changes = {
        name: [_said(before.get(name)), _said(after[name])]
        for name in COMPARED
        if before.get(name) != after[name]
    }
    return Told(row, outcome, changes=changes)


def _said(value: Any) -> Any:
    return rules.plain(value) if isinstance(value, Decimal) else value


def _errors(result: RowResult) -> dict[str, str]:
    error = result.validation_error
    if isinstance(error, ValidationError):
        return {name: " ".join(said) for name, said in error.message_dict.items()}
    raise result.errors[0].error


def make_skus(
    rows: Sequence[Row], currency: str, actor: User, now: datetime, *, dry: bool
) -> None:
    """Products of a Shopify export that are new: SKU, stock, and the price in force.

    A dry run waits for no other sheet; a SKU that one makes meanwhile is left as it is.
    All make them in the order of their codes, so that no two wait for each other.

    currency: of the campaign, which the prices of its sheets are in.
    """
    named = {row.cells["sku"]: row.product for row in rows if row.product}
    if named and not dry:
        hold()
    known = set(Sku.objects.filter(code__in=named).values_list("code", flat=True))
    fresh = {code: said for code, said in named.items() if code not in known}
    made = [new_sku(code, fresh[code], currency) for code in sorted(fresh)]
    Sku.objects.bulk_create(made, ignore_conflicts=dry)
    if dry or not fresh:
        return
    place = _place()
    prices.note_all(
        prices.Note(code, Decimal(said["price"]), now, currency=currency)
        for code, said in fresh.items()
    )
    for sku in Sku.objects.filter(code__in=fresh).order_by("pk"):
        units = int(fresh[sku.code]["units"])
        if not Level.objects.filter(sku=sku).exists():
            stock.receive(
                sku.pk,
                place.pk,
                units=units,
                reason=Reason.IMPORT,
                actor=actor,
                now=now,
            )


def new_sku(code: str, said: Mapping[str, str], currency: str) -> Sku:
    """A SKU of a Shopify export, not saved."""
    return Sku(
        code=code,
        name=said["name"][:200],
        variant=said["variant"][:200],
        category=said["category"][:100],
        brand=said["brand"][:100],
        image=said["image"],
        regular_price=Decimal(said["price"]),
        currency=currency,
        cost=Decimal(said["cost"]) if said.get("cost") else None,
    )


def _place() -> Location:
    """Where goods of a sheet are counted: the first location."""
    first = Location.objects.order_by("position", "pk").first()
    return first or Location.objects.create(name="Main warehouse")
