"""What may be sent, taken back or cancelled of what was sold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from console.errors import Refusal
from console.stock.rules.sizes import BadQuantity
from console.stock.rules.states import SettlementKind


class StillOwed(Refusal):
    """Units that were sold before they were there have not come yet."""

    code = "still_owed"


class NotPaid(Refusal):
    """The reservation was not paid, so nothing of it was sold."""

    code = "not_paid"


class SaleNotReturned(Refusal):
    """The sale still has the units in its books."""

    code = "sale_not_returned"


class MoreThanSold(Refusal):
    """More than was sold and is still to be sent."""

    code = "more_than_sold"


class MoreThanShipped(Refusal):
    """More than was sent and is still with the buyer."""

    code = "more_than_shipped"


class OtherUnits(Refusal):
    """The same parcel or return came before with other units."""

    code = "other_units"


WORDS = {
    SettlementKind.SHIPPED: "shipped",
    SettlementKind.RETURNED: "taken back",
    SettlementKind.CANCELLED: "cancelled",
}


@dataclass(frozen=True)
class Line:
    """One sold line: units as paid, and what became of them so far."""

    sold: int
    shipped: int
    returned: int
    cancelled: int

    def left(self, kind: SettlementKind) -> int:
        """Units that may still be settled in this way."""
        if kind == SettlementKind.RETURNED:
            return self.shipped - self.returned
        return self.sold - self.shipped - self.cancelled


def check_units(code: str, line: Line, kind: SettlementKind, units: int) -> None:
    """Refuse units that cannot be settled in this way.

    Raises:
        BadQuantity: not at least one.
        MoreThanSold, MoreThanShipped: how many may still be.
    """
    if units < 1:
        raise BadQuantity("Units must be at least 1.", field="units")
    left = line.left(kind)
    if units <= left:
        return
    back = kind == SettlementKind.RETURNED
    why = MoreThanShipped if back else MoreThanSold
    raise why(
        f"{units:,} units of {code} cannot be {WORDS[kind]}: {left:,} are "
        f"{'with the buyer' if back else 'still to be shipped'}.",
        field="units",
        detail={"left": left},
    )


def check_same(wanted: Mapping[str, int], before: Mapping[str, int]) -> None:
    """Refuse a parcel of a known name with other units than it had.

    Raises:
        OtherUnits: what it had.
    """
    if wanted != before:
        had = ", ".join(f"{units:,} of {code}" for code, units in before.items())
        raise OtherUnits(
            f"This was settled before with {had}. Give another name to what is new.",
            field="line",
            detail={"units": dict(before)},
        )


def check_damage(before: Collection[bool], damaged: bool) -> None:
    """Refuse a return of a known name in another state than it came in.

    Raises:
        OtherUnits: in which it came.
    """
    if before == {damaged}:
        return
    had = "not damaged" if damaged else "damaged"
    raise OtherUnits(
        f"This was settled before as {had}. Count what broke since as damage.",
        field="damaged",
    )
