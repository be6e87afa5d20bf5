"""What a store tells us: one paid order, read from the body and checked."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from console.orders.rules import BadOrder

PAID = "order.paid"
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


class _Kind(_Read):
    type: Annotated[str, Field(max_length=100)]


class _Paid(_Read):
    order: PaidOrder


def read(body: bytes) -> PaidOrder | None:
    """The order in a body; None for a kind of event we do not follow.

    Raises:
        BadOrder: not JSON, or a value is missing or cannot be; names the field.
    """
    try:
        if _Kind.model_validate_json(body).type != PAID:
            return None
        return _Paid.model_validate_json(body).order
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
