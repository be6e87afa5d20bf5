"""What a store tells us: a paid order, or what became of it, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from console.orders.rules import BadOrder
from console.stock.rules import SettlementKind

PAID = "order.paid"
SETTLED = {f"order.{kind.value}": kind for kind in SettlementKind}
"""Sold units were sent, came back, or are not wanted any more."""
MOST_LINES = 200

Text = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")]
Money = Annotated[
    Decimal, Field(ge=0, max_digits=14, decimal_places=3, allow_inf_nan=False)
]
Units = Annotated[int, Field(strict=True, ge=1, le=100_000)]


class _Read(BaseModel):
    """Frozen; what we do not know is left out, so that stores may add to it."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PaidLine(_Read):
    """One line. price: of one unit, as paid."""

    sku: Text
    units: Units
    price: Money


class PaidOrder(_Read):
    """One paid order. reservation: what was held for it at the gate."""

    ref: Text
    campaign: Annotated[str, Field(max_length=20, pattern=r"^[^\x00-\x1f]*$")] = ""
    buyer: Annotated[str, Field(max_length=128, pattern=r"^[^\x00-\x1f]*$")] = ""
    reservation: UUID | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    total: Money
    placed_at: AwareDatetime
    lines: Annotated[tuple[PaidLine, ...], Field(min_length=1, max_length=MOST_LINES)]

    @property
    def units(self) -> int:
        """Units of all lines."""
        return sum(line.units for line in self.lines)


class SettledLine(_Read):
    """Units of one SKU. location: where they leave or come back to, if it is told."""

    sku: Text
    units: Units
    location: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")] = ""


class SettledOrder(_Read):
    """A parcel, a return or a cancellation of an order. id: its name, once an order.

    lines: None: all that is left of the order.
    """

    ref: Text
    id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f(]")]
    damaged: bool = False
    lines: (
        Annotated[tuple[SettledLine, ...], Field(min_length=1, max_length=MOST_LINES)]
        | None
    ) = None


@dataclass(frozen=True)
class Settling:
    """What became of sold units."""

    kind: SettlementKind
    order: SettledOrder


class _Kind(_Read):
    type: Annotated[str, Field(max_length=100)]


class _Paid(_Read):
    order: PaidOrder


class _Settled(_Read):
    order: SettledOrder


def read(body: bytes) -> PaidOrder | Settling | None:
    """The order in a body; None for a kind of event we do not follow.

    Raises:
        BadOrder: not JSON, or a value is missing or cannot be; names the field.
    """
    try:
        kind = _Kind.model_validate_json(body).type
        if kind in SETTLED:
            return Settling(SETTLED[kind], _Settled.model_validate_json(body).order)
        return _Paid.model_validate_json(body).order if kind == PAID else None
    except ValidationError as error:
        raise _refused(error) from None


def _refused(error: ValidationError) -> BadOrder:
    first = error.errors(include_input=False, include_url=False)[0]
    field = _path(first["loc"])
    return BadOrder(f"{field or 'body'}: {first['msg']}.", field=field)


def _path(places: tuple[int | str, ...]) -> str:
    path = ""
    for place in places:
        path += f"[{place}]" if isinstance(place, int) else f".{place}"
    return path.lstrip(".")
