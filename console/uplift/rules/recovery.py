"""How fast an audience recovers: uplift against the days since the previous sale.

The curve is uplift ≈ U · (1 − 2^(−days ÷ H)): nothing right after a sale, half of the
full uplift U after H days. It mirrors the score of a policy, which halves in its
half-life. U and H are those with the least squared error, H of 1 to 120 whole days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LONGEST = 120
HALVES = np.arange(1, LONGEST + 1)
MIN_SALES = 8
DRAWS = 1000
LEVEL = (5.0, 95.0)
WIDEST = 4.0
SHORTEST = 3
SEED = 13


@dataclass(frozen=True)
class Recovery:
    """The fitted half-life in days with its 90% interval. full: uplift once rested.

    why: why it says nothing, where it does not; then the numbers are only drawn.
    """

    sales: int
    half_life: int | None = None
    low: int | None = None
    high: int | None = None
    full: float | None = None
    why: str = ""

    @property
    def tells(self) -> bool:
        """True if the data can tell the half-life."""
        return not self.why

    def at(self, days: float) -> float:
        """The uplift the curve expects so many days after the previous sale."""
        if self.half_life is None or self.full is None:
            raise ValueError("nothing was fitted")
        return float(self.full * (1 - 2.0 ** (-days / self.half_life)))


def recovery(points: Sequence[tuple[float, float]]) -> Recovery:
    """The curve through (days since the previous sale, uplift) of past sales."""
    if len(points) < MIN_SALES:
        return Recovery(
            len(points),
            why=f"{len(points)} measured and clear sales follow another one of their "
            f"goods; {MIN_SALES} are needed",
        )
    days, uplift = np.array(points, dtype=float).T
    curves = 1 - 2.0 ** (-days / HALVES[:, None])
    half, full = _fit(curves, uplift, np.ones((1, len(points))))
    dice = np.random.default_rng(SEED)
    again = dice.multinomial(len(points), np.full(len(points), 1 / len(points)), DRAWS)
    halves, _ = _fit(curves, uplift, again.astype(float))
    low, high = (round(h) for h in np.percentile(halves, LEVEL))
    found = int(half[0])
    low, high = min(low, found), max(high, found)
    why = _doubt(low, high, float(full[0]))
    return Recovery(len(points), found, low, high, float(full[0]), why)


def _fit(
    curves: NDArray[np.float64],
    uplift: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> tuple[NDArray[np.int_], NDArray[np.float64]]:
    """For each row of weights the half-life and U of the least squared error."""
    cross = (curves * uplift) @ weights.T
    square = (curves**2) @ weights.T
    gain = np.where(cross > 0, cross**2 / np.maximum(square, 1e-12), 0.0)
    best = gain.argmax(axis=0)
    column = np.arange(gain.shape[1])
    full = cross[best, column] / np.maximum(square[best, column], 1e-12)
    return HALVES[best], full


def _doubt(low: int, high: int, full: float) -> str:
    """Why a fit cannot be argued from; blank if it can."""
    if full <= 0:
        return "sales brought nothing above their baseline"
    if high <= SHORTEST:
        return "a sale right after another one did no worse than a rested one"
    if high >= LONGEST:
        return f"anything from {low} days up fits, also that no rest is long enough"
    if low <= HALVES[0] or high > WIDEST * low:
        return f"anything from {low} to {high} days fits"
    return ""
