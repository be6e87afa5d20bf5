"""What the rows of a catalogue make of SKUs and of their price histories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from console.campaigns.catalogue.columns import TEXTS
from console.campaigns.catalogue.reading import Bad, Said
from console.campaigns.columns import check_written
from console.prices.models import WEB
from console.prices.operations import Note, check_note
from console.prices.queries import Key, Standing
from console.prices.rules import BadPrice, Reason
from console.stock.models import Sku

VALUES = (*TEXTS, "regular_price", "currency", "cost")
COLUMN_OF = {"regular_price": "list_price", "amount": "list_price"}
CALLED = {"list_price": "list price", "cost": "cost", "net": "net price"}
UNKNOWN = Standing()


@dataclass
class Judged:
    """What would be written: SKUs to make, SKUs to change, prices to note.

    changed: each with its values before. bad: then nothing is written.
    """

    fresh: list[Sku] = field(default_factory=list)
    changed: list[tuple[Sku, dict[str, object]]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


def judged(
    rows: Iterable[Said],
    held: Mapping[str, Sku],
    known: Mapping[Key, Standing],
    *,
    now: datetime,
) -> Judged:
    """What rows make of the SKUs there are; those are changed here, not saved.

    held: SKUs by code. known: what the histories of all of them say last.
    """
    by_code: dict[str, list[Said]] = {}
    for row in rows:
        by_code.setdefault(row.sku, []).append(row)
    told, stands = Judged(), dict(known)
    for code, its in by_code.items():
        _One(code, its, stands, now, told).judge(held.get(code))
    return told


def values(sku: Sku) -> dict[str, object]:
    """What a catalogue says of a SKU."""
    return {COLUMN_OF.get(name, name): getattr(sku, name) for name in VALUES}


@dataclass
class _One:
    """One SKU and its rows; what they make of it is added to `told`.

    known: what its histories say; a price that comes to hold is kept there, so that the
    rows behind it are judged by it.
    """

    code: str
    rows: Sequence[Said]
    known: dict[Key, Standing]
    now: datetime
    told: Judged

    def judge(self, sku: Sku | None) -> None:
        before = values(sku) if sku else None
        sku = sku or self._new()
        if sku is None:
            return
        for row in self.rows:
            self._describe(sku, row)
        self._price(sku)
        if before is None:
            self.told.fresh.append(sku)
        elif values(sku) != before:
            self.told.changed.append((sku, before))

    def _bad(self, row: Said, name: str, message: str) -> None:
        self.told.bad.append(Bad(row.number, self.code, name, message))

    def _new(self) -> Sku | None:
        """A SKU that is not there yet; its currency is that of its first list price."""
        priced = [r for r in self.rows if r.list_price is not None and r.channel == WEB]
        named = any("name" in row.texts for row in self.rows)
        if not priced:
            self._bad(self.rows[0], "list_price",
                      f"{self.code} is new. Give it a list price, or correct the SKU."
                      )  # fmt: skip
        if not named:
            self._bad(self.rows[0], "name",
                      f"{self.code} is new. Give it a name, or correct the SKU."
                      )  # fmt: skip
        if not (priced and named):
            return None
        currency = priced[0].currency or "EUR"
        return Sku(code=self.code, currency=currency, regular_price=Decimal(0))

    def _describe(self, sku: Sku, row: Said) -> None:
        for name, text in row.texts.items():
            if self._once(row, name):
                setattr(sku, name, text)
        if row.cost is None:
            return
        if row.currency not in ("", sku.currency):
            self._bad(row, "cost", f"The cost of {self.code} is kept in {sku.currency}."
                      f" Put it on a row in {sku.currency}.")  # fmt: skip
        elif self._written(row, "cost", sku.currency) and self._once(row, "cost"):
            sku.cost = row.cost

    def _written(self, row: Said, name: str, currency: str) -> bool:
        """Whether an amount can mean one number only; else its cell is named."""
        amount = getattr(row, name)
        try:
            if amount is not None:
                check_written(amount, currency, name=CALLED[name])
        except ValueError as error:
            self._bad(row, name, str(error))
            return False
        return True

    def _once(self, row: Said, name: str) -> bool:
        """Whether no other row of this SKU says something else; the later is named."""
        first = next(r for r in self.rows if _of(r, name) is not None)
        if _of(first, name) == _of(row, name):
            return True
        self._bad(row, name, f"Row {first.number} says something else about "
                  f"{self.code}. Keep one of them.")  # fmt: skip
        return False

    def _price(self, sku: Sku) -> None:
        seen: dict[tuple[str, str, datetime | None], int] = {}
        rows = [row for row in self.rows if row.list_price is not None]
        for row in sorted(rows, key=lambda row: row.from_at or self.now):
            key = (row.currency or sku.currency, row.channel, row.from_at)
            if key in seen:
                self._bad(row, "list_price", f"Row {seen[key]} gives {self.code} a list"
                          " price for the same time. Keep one of them.")  # fmt: skip
                continue
            seen[key] = row.number
            self._note(sku, row)

    def _note(self, sku: Sku, row: Said) -> None:
        assert row.list_price is not None
        currency = row.currency or sku.currency
        own = row.channel == WEB and currency == sku.currency
        key = (self.code, row.channel, currency)
        there = self.known.get(key, UNKNOWN)
        if not all(self._written(row, n, currency) for n in ("list_price", "net")):
            return
        if row.from_at is None and _same(row, there, sku if own else None):
            return
        if why := self._refused(row, currency, there):
            self._bad(row, *why)
            return
        self.told.notes.append(self._noted(row, currency))
        if not _holds(row, there):
            return
        self.known[key] = replace(
            there, amount=row.list_price, net=row.net, since=row.from_at or self.now
        )
        if own:
            sku.regular_price = row.list_price

    def _refused(
        self, row: Said, currency: str, there: Standing
    ) -> tuple[str, str] | None:
        """Which column cannot be, and why."""
        if row.from_at and row.from_at > self.now:
            return "from_at", "A price of the past lies in the past. Leave from_at " \
                "blank for a price that holds from now on."  # fmt: skip
        if there.sale_from and not (row.from_at and row.from_at < there.sale_from):
            sale = f" in {there.campaign}" if there.campaign else ""
            return "list_price", f"{self.code} is on sale{sale}. Change its list " \
                "price once the sale is over, or leave the cell blank."  # fmt: skip
        try:
            check_note(self._noted(row, currency))
        except BadPrice as refused:
            return COLUMN_OF.get(refused.field, refused.field), refused.message
        return None

    def _noted(self, row: Said, currency: str) -> Note:
        assert row.list_price is not None
        return Note(
            self.code,
            row.list_price,
            row.from_at or self.now,
            Reason.BACKFILL if row.from_at else Reason.REGULAR,
            currency,
            channel=row.channel,
            net=row.net,
            remark=row.remark,
        )


def _of(row: Said, name: str) -> object:
    return row.cost if name == "cost" else row.texts.get(name)


def _same(row: Said, there: Standing, sku: Sku | None) -> bool:
    """Whether a price that holds from now on is the one there is.

    sku: where it is the SKU's own list price; what its history says is another matter,
    since the shop may have asked another price.
    """
    known = sku.regular_price if sku else there.amount
    return there != UNKNOWN and row.list_price == known and row.net in (None, there.net)


def _holds(row: Said, there: Standing) -> bool:
    """Whether no later regular price is known, so that this one is the list price."""
    return row.from_at is None or there.since is None or row.from_at >= there.since
