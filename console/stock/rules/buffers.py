"""How much to hold back, and what is then available to sell (docs/stock.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext
from enum import StrEnum

from console.stock.rules.sizes import BadQuantity, split

USUAL = Decimal("0.99")
STRICT = Decimal("0.999")
"""Where it costs a penalty to be short."""
FAR = 10_000
"""Up to so many units the sum is exact; beyond, it would only take long."""
FEW_COUNTS = 3
"""Fewer counts than these do not say how exact counts are (our choice)."""
_DIGITS = 40


class BufferScope(StrEnum):
    """What a policy holds back of, in the order policies apply; the master is last."""

    SKU = "sku"
    CATEGORY = "category"
    LOCATION = "location"
    CHANNEL = "channel"
    MASTER = "master"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return "SKU" if self is BufferScope.SKU else self.value.capitalize()


ORDER = tuple(BufferScope)


@dataclass(frozen=True)
class Policy:
    """What a policy asks for of one SKU: units, or a percentage of what is on hand.

    low_at: the last units of a SKU, which are never sold: it counts as unavailable
    while no more than these are left.
    """

    pk: int
    scope: BufferScope
    target: str = ""
    units: int | None = None
    percent: Decimal | None = None
    low_at: int = 0


@dataclass(frozen=True)
class Shelf:
    """What one location has of a SKU, and what it holds back without any policy."""

    location: str
    on_hand: int
    own: int = 0


def check_policy(units: int | None, percent: Decimal | None, low_at: int) -> None:
    """Refuse a policy that asks for nothing, for both, or for what cannot be.

    Raises:
        BadQuantity: naming the field.
    """
    if (units is None) == (percent is None):
        told = "Say units or percent to hold back, one of the two."
        raise BadQuantity(told, field="units")
    if units is not None and units < 0:
        raise BadQuantity("Units cannot be negative.", field="units")
    if percent is not None and not 0 <= percent <= 100:
        raise BadQuantity("Percent must be from 0 to 100.", field="percent")
    if low_at < 0:
        raise BadQuantity("The last units cannot be negative.", field="low_at")


def available(
    on_hand: int, *, allocated: int, reserved: int, held: Iterable[int]
) -> int:
    """Units available to sell (ATS): what promises and buffers leave, at least 0.

    held: the buffers in the order they apply, the master buffer last.
    """
    left = on_hand - allocated - reserved
    for buffer in held:
        left -= buffer
    return max(0, left)


def asked(policy: Policy, on_hand: int) -> int:
    """Units a policy asks for beside its last units; percent of on hand, rounded up."""
    if policy.units is not None:
        return policy.units
    share = on_hand * (policy.percent or Decimal(0)) / 100
    return int(share.to_integral_value(ROUND_CEILING))


def held_back(
    shelves: Sequence[Shelf], policies: Iterable[Policy]
) -> dict[int, list[int]]:
    """What each policy holds back on each shelf of one SKU: by its id, in their order.

    shelves: the nearest first; a policy holds back at the farthest first, so that
    sales leave from near. policies: those that concern the SKU, in any order. Each
    takes at most what the ones before it leave; of several that guard the last units
    the largest number counts. What a channel keeps is no matter of shelves.
    """
    left = [
        available(x.on_hand, allocated=0, reserved=0, held=[x.own]) for x in shelves
    ]
    guarded = [0] * len(shelves)
    held: dict[int, list[int]] = {}
    for policy in ordered(policies):
        mine = [_concerns(policy, shelf) for shelf in shelves]
        on_hand = sum(x.on_hand for x, ours in zip(shelves, mine, strict=True) if ours)
        taken = _take(left, mine, asked(policy, on_hand))
        last = policy.low_at - _of(guarded, mine)
        more = _take(left, mine, max(0, last))
        guarded = _sum(guarded, more)
        held[policy.pk] = _sum(taken, more)
    return held


def ordered(policies: Iterable[Policy]) -> list[Policy]:
    """Those that hold back on shelves, in the order they apply."""
    shelved = [one for one in policies if one.scope is not BufferScope.CHANNEL]
    return sorted(shelved, key=lambda one: (ORDER.index(one.scope), one.pk))


def _concerns(policy: Policy, shelf: Shelf) -> bool:
    return policy.scope is not BufferScope.LOCATION or policy.target == shelf.location


def _take(left: list[int], mine: Sequence[bool], units: int) -> list[int]:
    """Take units off what is left of these shelves, the farthest first."""
    most = [n if ours else 0 for n, ours in zip(left, mine, strict=True)]
    taken = split(units, most[::-1])[::-1]
    left[:] = [n - gone for n, gone in zip(left, taken, strict=True)]
    return taken


def _of(units: Sequence[int], mine: Sequence[bool]) -> int:
    return sum(n for n, ours in zip(units, mine, strict=True) if ours)


def _sum(one: Sequence[int], other: Sequence[int]) -> list[int]:
    return [a + b for a, b in zip(one, other, strict=True)]


def lag_buffer(per_minute: Decimal, lag_s: Decimal, quantile: Decimal = USUAL) -> int:
    """Units another channel may sell before we hear of it.

    The smallest k with PoissonCDF(k; rate × lag) >= quantile, summed exactly: the
    normal approximation is too small just where it matters. Beyond FAR units, where
    the terms are too many and too small, an upper bound: never too few.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        mean = per_minute * lag_s / 60
        if mean > FAR:
            return _far_buffer(mean, quantile)
        term = (-mean).exp()
        total, k = term, 0
        while total < quantile:
            k += 1
            term *= mean / k
            total += term
    return k


def _far_buffer(mean: Decimal, quantile: Decimal) -> int:
    """Bernstein's bound of the Poisson tail, at FAR a hundredth above the exact sum."""
    rare = -(1 - quantile).ln()
    over = rare / 3 + (rare * rare / 9 + 2 * rare * mean).sqrt()
    return int((mean + over).to_integral_value(ROUND_CEILING))


def accuracy(counts: Sequence[tuple[int, int]]) -> Decimal | None:
    """The share of counted units that counts left as they were; 1 was never wrong.

    counts: units each count was wrong by, and units on hand. None where too few counts
    or no units say anything.
    """
    there = sum(on_hand for _, on_hand in counts)
    if len(counts) < FEW_COUNTS or not there:
        return None
    wrong = sum(units for units, _ in counts)
    return max(Decimal(0), 1 - Decimal(wrong) / there)


def count_buffer(on_hand: int, accuracy: Decimal) -> int:
    """Units that may not be there although counted; accuracy 0.995 is 99.5 percent."""
    wrong = on_hand * (1 - accuracy)
    return int(wrong.to_integral_value(ROUND_CEILING))
