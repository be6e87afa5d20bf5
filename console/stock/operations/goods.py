"""Saying of SKUs what the law on reductions asks: perishable, new on the market."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from console.audit.operations import record
from console.errors import Refusal
from console.stock.models import Sku
from console.stock.operations.ledger import Why

BATCH = 2000
FIELDS = ("perishable", "on_market_since")
NAMED = 100
"""SKUs that the trail names one by one."""


class SaidTwice(Refusal):
    """One SKU is described in two ways."""

    code = "said_twice"
    status = 422


@dataclass(frozen=True)
class Goods:
    """What a row says of its SKU; None leaves a value as it is.

    unknown: since when it is on the market is taken away.
    """

    perishable: bool | None = None
    on_market_since: date | None = None
    unknown: bool = False

    def put(self, sku: Sku) -> None:
        """Let a SKU say so, unsaved."""
        if self.perishable is not None:
            sku.perishable = self.perishable
        if self.on_market_since or self.unknown:
            sku.on_market_since = self.on_market_since


@dataclass(frozen=True)
class Described:
    """SKUs that would say something else; errors by row."""

    changed: Sequence[tuple[Sku, dict[str, Any]]]
    errors: Sequence[tuple[int, Refusal]]


def compared(rows: Iterable[tuple[int, str, Goods]]) -> Described:
    """What rows of a sheet change of their SKUs: number of the row, code, what it says.

    A code nobody has is passed over here. The SKUs stay locked until the transaction of
    the caller ends: of two sheets at once the second sees what the first wrote.
    """
    said: dict[str, Goods] = {}
    errors: list[tuple[int, Refusal]] = []
    for row, code, goods in rows:
        if said.setdefault(code, goods) != goods:
            told = f"{code[:64]} is described in another way above."
            errors.append((row, SaidTwice(told, field="sku")))
    changed = []
    found = Sku.objects.select_for_update(no_key=True).filter(code__in=said)
    for sku in found.order_by("pk") if said else ():
        before = _told(sku)
        said[sku.code].put(sku)
        if _told(sku) != before:
            changed.append((sku, before))
    return Described(changed, errors)


def write(changed: Sequence[tuple[Sku, dict[str, Any]]], why: Why) -> None:
    """Keep what SKUs say now, with one entry in the trail."""
    Sku.objects.bulk_update([sku for sku, _ in changed], FIELDS, batch_size=BATCH)
    named = changed[:NAMED]
    record(
        why.actor,
        "stock.describe",
        "skus",
        now=why.now,
        before={sku.code: before for sku, before in named},
        after={"skus": len(changed)} | {sku.code: _told(sku) for sku, _ in named},
    )


def _told(sku: Sku) -> dict[str, Any]:
    since = sku.on_market_since
    return {
        "perishable": sku.perishable,
        "on_market_since": since.isoformat() if since else None,
    }
