"""When the units of a sale are let go: in waves by the clock or by what was sold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from console.errors import Refusal
from console.stock.rules.pace import steady
from console.stock.rules.sizes import BadQuantity

STEP_S = 60
"""Longest wait between two waves that are proposed."""
MOST_WAVES = 30
USED = Decimal("0.8")
"""A sale shorter than its holds live lets all go within this part of it."""


class ReleaseWhen(StrEnum):
    """What lets go of a sale's buffer."""

    LAG_BELOW = "lag_below"
    LAST_PERCENT = "last_percent"
    MANUAL = "manual"

    @property
    def label(self) -> str:
        """The words on the form."""
        return _LABELS[self]


_LABELS = {
    ReleaseWhen.LAG_BELOW: "Stores hear of changes faster than",
    ReleaseWhen.LAST_PERCENT: "The last part of the sale's time begins",
    ReleaseWhen.MANUAL: "Somebody says so",
}


class NoWave(Refusal):
    """No wave of this sale is left to start."""

    code = "no_wave"


class SaleNotOpen(Refusal):
    """A wave starts while its sale is open."""

    code = "sale_not_open"


class AlreadyReleased(Refusal):
    """This rule let its units go before."""

    code = "already_released"


@dataclass(frozen=True)
class Tranche:
    """One wave as it is planned: a percentage of each SKU, and what starts it.

    after_s: seconds after the opening; 0 is the opening itself. after_sold: percent
    sold of what was let go before. One of the two.
    """

    share: Decimal
    after_s: int | None = None
    after_sold: int | None = None


def tranches(units: int, *, ttl_s: int, length_s: int | None = None) -> list[Tranche]:
    """Clock waves that let units go as fast as the first holds run out.

    stock / ttl_s a second, in equal parts at most a minute apart: the last starts when
    the first hold expires, so whoever comes when all is held finds units coming back.
    length_s: how long the sale is, if known; a shorter one than the holds live lets
    all go within four fifths of it.
    """
    span = Decimal(ttl_s)
    if length_s is not None:
        span = min(span, length_s * USED)
    rate = Decimal(steady(units, ttl_s=float(span)))
    count = min(MOST_WAVES, max(2, -int(-span // STEP_S) + 1), max(1, units))
    if count == 1 or not rate:
        return [Tranche(Decimal(100), after_s=0)]
    share = (Decimal(100) / count).quantize(Decimal("0.01"))
    first = 100 - share * (count - 1)
    return [
        Tranche(share if place else first, after_s=int(place * span / (count - 1)))
        for place in range(count)
    ]


def parts(units: int, shares: Sequence[Decimal]) -> list[int]:
    """Units each wave has of a SKU, rounded so that together they are right.

    Rounding goes to those before: where the first is what is sold from the start, a
    unit that cannot be divided is for sale then.
    """
    ends, total = [], Decimal(0)
    for share in shares:
        total += share
        ends.append(int((units * total / 100).to_integral_value(ROUND_CEILING)))
    return [end - begin for begin, end in zip([0, *ends], ends, strict=False)]


def check_waves(waves: Sequence[Tranche]) -> None:
    """Refuse waves that are more than all units, or out of order.

    Raises:
        BadQuantity: naming the field.
    """
    if len(waves) > MOST_WAVES:
        raise BadQuantity(f"At most {MOST_WAVES} waves fit.", field="waves")
    if any(one.share <= 0 for one in waves):
        raise BadQuantity("A wave needs more than 0 percent.", field="waves")
    if sum(one.share for one in waves) > 100:
        raise BadQuantity("The waves are more than 100 percent.", field="waves")
    if _never_start(waves):
        told = (
            "Nothing is sold before the first wave: start it some time after the "
            "opening, or plan less than 100 percent."
        )
        raise BadQuantity(told, field="waves")
    if any((one.after_s is None) == (one.after_sold is None) for one in waves):
        told = "A wave starts some time after the opening, or after a percentage sold."
        raise BadQuantity(told, field="waves")
    if any(not 1 <= (one.after_sold or 1) <= 100 for one in waves):
        raise BadQuantity("Percent sold must be from 1 to 100.", field="waves")
    times = [one.after_s for one in waves if one.after_s is not None]
    if times != sorted(times) or any(one < 1 for one in times):
        told = "Each wave must start after the opening, and later than those before it."
        raise BadQuantity(told, field="waves")


def _never_start(waves: Sequence[Tranche]) -> bool:
    """True where all waits for a first wave that waits for something to be sold."""
    everything = sum(one.share for one in waves) == 100
    return everything and waves[0].after_sold is not None


def last_part(opened_at: datetime, ends_at: datetime, percent: Decimal) -> datetime:
    """When the last so many percent of a sale's time begin."""
    length = max(timedelta(0), ends_at - opened_at)
    return ends_at - length * float(percent) / 100
