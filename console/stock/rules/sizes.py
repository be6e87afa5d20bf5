"""What a lock may take, become and give back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from console.errors import Refusal

MOST_BACKORDER = 10_000_000


@dataclass(frozen=True)
class Want:
    """Units of one SKU a campaign asks to lock; `buffer` of them are never sold."""

    sku_id: int
    units: int
    buffer: int = 0


class NotEnoughStock(Refusal):
    """There is less than was asked for."""

    code = "not_enough_stock"


class BadQuantity(Refusal):
    """A quantity that cannot be."""

    code = "bad_quantity"
    status = 422


class StaleEdit(Refusal):
    """Somebody else changed it first; the newer values are in `detail`."""

    code = "stale_edit"


def check_resize(taken: int, *, quantity: int, buffer: int) -> None:
    """Refuse a size that would take back what buyers already hold.

    Raises:
        BadQuantity: a negative number, or a buffer larger than the allocation.
        NotEnoughStock: below what is taken and held back.
    """
    if quantity < 0 or buffer < 0:
        raise BadQuantity("Units cannot be negative.", field="quantity")
    if buffer > quantity:
        raise BadQuantity(
            f"The buffer of {buffer:,} is larger than the allocation of {quantity:,}.",
            field="buffer",
        )
    if quantity - buffer < taken:
        raise NotEnoughStock(
            f"{taken:,} units are already reserved or sold: allocation less buffer "
            f"must be at least that, not {quantity - buffer:,}.",
            field="quantity",
            detail={"taken": taken},
        )


def check_backorder(
    units: int, *, beyond: int, promise_at: datetime | None, now: datetime
) -> None:
    """Refuse to sell a number of units before they are there.

    beyond: how many of them buyers hold or bought already.

    Raises:
        BadQuantity: below 0 or above 10,000,000, or a date that has passed.
        NotEnoughStock: fewer than buyers have.
    """
    if not 0 <= units <= MOST_BACKORDER:
        raise BadQuantity(f"Sell 0 to {MOST_BACKORDER:,} of them.", field="units")
    if promise_at is not None and promise_at <= now:
        raise BadQuantity("Promise a date that is still to come.", field="promise_at")
    if units < beyond:
        raise NotEnoughStock(
            f"{beyond:,} units that are not there are already reserved or sold.",
            field="units",
            detail={"beyond": beyond},
        )


def split(units: int, free: list[int]) -> list[int]:
    """Units to take from each location, in the order given, until there are enough.

    A location is emptied before the next is touched: 13 of [10, 15] is [10, 3].
    """
    shares = []
    for available in free:
        share = min(units, max(available, 0))
        shares.append(share)
        units -= share
    return shares
