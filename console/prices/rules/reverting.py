"""What becomes of a price after the sale: before, ours and now are compared."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Fate(StrEnum):
    """What is done with one price when the sale is put back."""

    RESTORE = "restore"
    KEEP = "keep"
    ASK = "ask"


class Why(StrEnum):
    """Why a person must decide."""

    BASE_CHANGED = "base_changed"
    OTHER_SALE = "other_sale"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return {
            Why.BASE_CHANGED: "Sale price and regular price were both changed",
            Why.OTHER_SALE: "Another sale took the place of ours",
        }[self]


class Choice(StrEnum):
    """What a person decides."""

    KEEP = "keep"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a shop asks for a SKU. sale: None if it is not on sale."""

    regular: Decimal
    sale: Decimal | None
    campaign: str = ""

    @property
    def paid(self) -> Decimal:
        """What shoppers pay."""
        return self.regular if self.sale is None else self.sale


def fate(
    before: Shown | None, ours: Decimal, now: Shown, campaign: str
) -> tuple[Fate, Why | None]:
    """Restore what is untouched, keep what was touched, ask where both could be right.

    before: None if the shop was not read before. Touched: neither ours nor what was
    there before. It is asked where the regular price changed as well, or where the
    price belongs to another sale, even at the same amount.
    """
    theirs = {"", campaign, before.campaign if before else ""}
    if now.sale is not None and now.campaign not in theirs:
        return Fate.ASK, Why.OTHER_SALE
    if now.sale == ours or now.sale == (before.sale if before else None):
        return Fate.RESTORE, None
    if before and now.regular != before.regular:
        return Fate.ASK, Why.BASE_CHANGED
    return Fate.KEEP, None
