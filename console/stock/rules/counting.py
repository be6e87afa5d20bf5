"""What is a count, and which one person may write alone."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from console.stock.rules.states import Reason


def too_large(
    changes: Collection[int],
    *,
    cost: Decimal | None,
    most_units: int,
    most_value: Decimal | int,
) -> bool:
    """True where a second person has to agree: by units, or by what they cost.

    changes: by how much on hand, committed and buffer change. cost: of one unit, where
    it is known. The limits themselves are still written alone.
    """
    units = max((abs(change) for change in changes), default=0)
    return units > most_units or (cost is not None and units * cost > most_value)


def is_count(reason: str) -> bool:
    """True where who writes a level for this reason says what is there.

    Receipts, returns and losses say what came or went; a sheet says what is there.
    """
    return reason.startswith((Reason.COUNT, Reason.IMPORT))
