"""How much to hold back, and what is then available to sell (docs/stock.md)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal, localcontext

USUAL = Decimal("0.99")
STRICT = Decimal("0.999")
"""The quantile for marketplaces that fine an oversell."""
_DIGITS = 40


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


def lag_buffer(per_minute: Decimal, lag_s: Decimal, quantile: Decimal = USUAL) -> int:
    """Units another channel may sell before we hear of it.

    The smallest k with PoissonCDF(k; rate × lag) >= quantile, summed exactly: the
    normal approximation is too small just where it matters.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        mean = per_minute * lag_s / 60
        term = (-mean).exp()
        total, k = term, 0
        while total < quantile:
            k += 1
            term *= mean / k
            total += term
    return k


def count_buffer(on_hand: int, accuracy: Decimal) -> int:
    """Units that may not be there although counted; accuracy 0.995 is 99.5 percent."""
    wrong = on_hand * (1 - accuracy)
    return int(wrong.to_integral_value(ROUND_CEILING))
