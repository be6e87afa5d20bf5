"""What becomes of unpaid carts when a sale ends."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


class CartsAtEnd(StrEnum):
    """How long a cart keeps its price and units."""

    HONOUR = "honour"
    REPRICE = "reprice"

    @property
    def label(self) -> str:
        """The words on the screen."""
        if self is CartsAtEnd.REPRICE:
            return "Lose the sale price at the end"
        return "Keep the sale price until the hold expires"


def holds_until(policy: str, closes_at: datetime | None) -> datetime | None:
    """When every hold ends at the latest; None where each lives its own time."""
    return closes_at if policy == CartsAtEnd.REPRICE else None
