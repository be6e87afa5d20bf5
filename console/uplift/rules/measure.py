"""Lift, dip and net of one sale, each with its bootstrap interval.

Lift = actual − baseline in the window; dip = the sum of what is missing to the baseline
in the 14 days after; cannibalised = the drop of goods of the same category that were
not on sale; net = lift − dip − cannibalised + halo (docs/uplift.md).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.uplift.rules.baseline import WEEKS, Counts, Seen

DIP_DAYS = 14
DRAWS = 400
LEVEL = (5.0, 95.0)
MIN_BASELINE = 10
SEED = 20_101_201


@dataclass(frozen=True)
class Estimate:
    """A figure with its 90% interval; unknown where `value` is None, and then why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""

    @classmethod
    def unknown(cls, why: str) -> Estimate:
        """No figure: never 0."""
        return cls(None, why=why)

    @property
    def known(self) -> bool:
        """True if there is a figure."""
        return self.value is not None


@dataclass(frozen=True)
class Measure:
    """One sale against its baseline, in order lines. uplift: lift ÷ baseline.

    net_at_most: true while cannibalised is unknown, so that net may be less.
    """

    baseline: Estimate
    actual: float | None
    uplift: Estimate
    lift: Estimate
    dip: Estimate
    cannibalised: Estimate
    halo: Estimate
    net: Estimate
    net_at_most: bool
    trend: float | None
    left_out: int = 0

    def values(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


@dataclass(frozen=True)
class _Drawn:
    """A point and its draws. base: of the baseline. gap: actual − baseline."""

    actual: float
    base: float
    bases: Counts
    gaps: Counts
    below: float
    belows: Counts


HALO = Estimate.unknown("Who came for the sale and bought other goods is not known.")
THIN = "Too few orders before it: four weeks without a sale, and ten lines, are needed."
NOT_OVER = "The 14 days after it are not over, or not in the history."
NO_CATEGORY = "The category of its goods is not known."


def measure(
    window: Seen | None,
    after: Seen | None,
    others: Seen | None,
    *,
    why_no_dip: str = NOT_OVER,
    why_no_others: str = NO_CATEGORY,
) -> Measure:
    """What a sale brought. Thin history makes a figure unknown, never 0.

    window, after: its SKUs while it ran and in the 14 days after. others: the goods of
    the same category that were not on sale, while it ran.
    """
    ran = _drawn(window) if window else None
    if ran is None or window is None or ran.base < MIN_BASELINE:
        return _thin(window)
    lift = _estimate(ran.actual - ran.base, ran.gaps)
    shares = ran.gaps / np.maximum(ran.bases, 1)
    tail = _drawn(after) if after else None
    dip = _estimate(tail.below, tail.belows) if tail else Estimate.unknown(why_no_dip)
    beside = _drawn(others) if others else None
    lost = (
        _estimate(max(0.0, beside.base - beside.actual), np.maximum(0, -beside.gaps))
        if beside and beside.base >= MIN_BASELINE
        else Estimate.unknown(why_no_others)
    )
    return Measure(
        baseline=_estimate(ran.base, ran.bases),
        actual=ran.actual,
        uplift=_estimate((ran.actual - ran.base) / ran.base, shares),
        lift=lift,
        dip=dip,
        cannibalised=lost,
        halo=HALO,
        net=_net(ran, tail, beside if lost.known else None, why_no_dip),
        net_at_most=not lost.known,
        trend=window.trend,
        left_out=window.left_out,
    )


def _thin(window: Seen | None) -> Measure:
    none = Estimate.unknown(THIN)
    actual = float(window.actual.sum()) if window else None
    return Measure(
        none, actual, none, none, none, none, HALO, none, True, None,
        window.left_out if window else 0,
    )  # fmt: skip


def _net(ran: _Drawn, tail: _Drawn | None, beside: _Drawn | None, why: str) -> Estimate:
    if tail is None:
        return Estimate.unknown(why)
    value, draws = ran.actual - ran.base - tail.below, ran.gaps - tail.belows
    if beside is not None:
        value -= max(0.0, beside.base - beside.actual)
        draws = draws - np.maximum(0, -beside.gaps)
    return _estimate(value, draws)


def _estimate(value: float, draws: Counts) -> Estimate:
    low, high = np.percentile(draws, LEVEL)
    return Estimate(float(value), float(min(low, value)), float(max(high, value)))


def _drawn(of: Seen) -> _Drawn:
    """The bootstrap: SKUs and weeks drawn again, and a week's own noise on top.

    The noise is how far each of the four weeks lies from the median of the other three:
    what the same arithmetic says of a week in which nothing happened. What it makes of
    the days after is taken off their dip, but not below what is missing on the whole.
    """
    dice = np.random.default_rng(SEED)
    actual, weeks = of.actual.sum(axis=0), of.weeks.sum(axis=0)
    base = np.median(weeks, axis=0)
    noise = _noise(weeks)
    floor = below(base, weeks)
    skus = dice.multinomial(of.offers, np.full(of.offers, 1 / of.offers), DRAWS)
    drawn_weeks = np.tensordot(skus, of.weeks, axes=1)
    drawn_actual = skus @ of.actual
    chosen = dice.integers(0, WEEKS, (DRAWS, WEEKS))
    picked = np.take_along_axis(drawn_weeks, chosen[:, :, None], axis=1)
    bases = np.median(picked, axis=1)
    which = dice.integers(0, WEEKS, DRAWS)
    signs = dice.choice([-1.0, 1.0], DRAWS)
    gaps = (drawn_actual - bases).sum(axis=1) + noise[which] * signs
    gone = bases - drawn_actual
    floors = np.maximum(0, bases - picked[:, 0]).sum(axis=1)
    above_noise = np.maximum(0, gone).sum(axis=1) - floors
    return _Drawn(
        actual=float(actual.sum()),
        base=float(base.sum()),
        bases=bases.sum(axis=1),
        gaps=gaps,
        below=max(0.0, float((base - actual).sum()), dip(base, actual) - floor),
        belows=np.maximum(0, np.maximum(gone.sum(axis=1), above_noise)),
    )


def dip(base: Counts, actual: Counts) -> float:
    """The sum over the bins of what is missing to the baseline."""
    return float(np.maximum(0, base - actual).sum())


def below(base: Counts, weeks: Counts) -> float:
    """What the same sum says of the four weeks themselves: noise alone is above 0."""
    return float(np.mean([dip(base, week) for week in weeks]))


def _noise(weeks: Counts) -> NDArray[np.float64]:
    return np.array(
        [
            (weeks[n] - np.median(np.delete(weeks, n, axis=0), axis=0)).sum()
            for n in range(WEEKS)
        ]
    )
