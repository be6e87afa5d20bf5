"""Budgets of a sale: how much of each is used, and whether one is used up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Use:
    """One budget and what was used of it. money: an amount, else units."""

    key: str
    name: str
    used: Decimal
    limit: Decimal
    money: bool

    @property
    def percent(self) -> float:
        """The share that is used, 0 to 100."""
        return min(100.0, float(100 * self.used / self.limit))

    @property
    def left(self) -> Decimal:
        """What is not used yet, never below 0."""
        return max(Decimal(0), self.limit - self.used)

    @property
    def tone(self) -> str:
        """ok, warn from 80%, bad once it is used up."""
        if self.used >= self.limit:
            return "bad"
        return "warn" if self.percent >= 80 else "ok"


def uses(
    *,
    units: tuple[int, int | None],
    discount: tuple[Decimal, Decimal | None],
    gmv: tuple[Decimal, Decimal | None],
) -> list[Use]:
    """The budgets that are set. Each: what was used, and the limit or None."""
    rows = (
        ("units", "Units", units, False),
        ("discount", "Discount given", discount, True),
        ("gmv", "Revenue", gmv, True),
    )
    return [
        Use(key, name, Decimal(used), Decimal(limit), money)
        for key, name, (used, limit), money in rows
        if limit is not None
    ]


def used_up(found: Sequence[Use]) -> Use | None:
    """The first budget that is used up, in the order units, discount, revenue."""
    return next((one for one in found if one.used >= one.limit), None)
