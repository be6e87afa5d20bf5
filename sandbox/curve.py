"""How shoppers arrive and what each is up to; the same seed, the same people."""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sandbox.faults import Share

Rate = Annotated[float, Field(ge=0, le=500)]
SKEW = 0.8
CHOICES = 3


class Curve(BaseModel):
    """Arrivals a second: floor + (peak - floor) * e^(-t/decay). Shares from 0 to 1.

    late_share: pay only after their hold has expired. repeat_share: come a second time.
    duplicate_share: orders the shop reports twice on purpose. double_click_share: ask
    for the same basket twice at once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    peak_per_s: Rate = 6.0
    floor_per_s: Rate = 0.5
    decay_s: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    browse_share: Share = 0.7
    browse_only_share: Share = 0.0
    abandon_share: Share = 0.15
    release_share: Share = 0.3
    late_share: Share = 0.0
    repeat_share: Share = 0.02
    duplicate_share: Share = 0.02
    double_click_share: Share = 0.01
    two_lines_share: Share = 0.08
    try_another_share: Share = 0.5
    pay_after_s: tuple[
        Annotated[float, Field(ge=0, le=3600)], Annotated[float, Field(ge=0, le=3600)]
    ] = (1.0, 8.0)
    max_units: Annotated[int, Field(ge=1, le=20)] = 2

    @model_validator(mode="after")
    def _in_order(self) -> Curve:
        if self.pay_after_s[0] > self.pay_after_s[1]:
            raise ValueError("pay_after_s must be [shortest, longest]")
        if self.floor_per_s > self.peak_per_s:
            raise ValueError("floor_per_s must not be above peak_per_s")
        return self

    def rate(self, t: float) -> float:
        """Arrivals a second, t seconds after the sale prices appeared."""
        above = self.peak_per_s - self.floor_per_s
        return self.floor_per_s + above * math.exp(-max(0.0, t) / self.decay_s)


def next_arrival(dice: random.Random, curve: Curve, t: float) -> float:
    """When the first shopper after t arrives; infinite if nobody does.

    Thinning of a Poisson process: the rate only falls, so the rate now bounds it.
    """
    while (bound := curve.rate(t)) > 1e-6:
        t += dice.expovariate(bound)
        if dice.random() * bound <= curve.rate(t):
            return t
    return math.inf


class Popularity:
    """A few SKUs are wanted by most."""

    def __init__(self, pulls: Mapping[str, float | None], seed: str) -> None:
        """Weigh SKUs by their pull; without any, by a rank that falls off like Zipf's.

        The rank comes from seed and name, so that order of arrival does not matter.
        """
        self.skus = sorted(
            pulls, key=lambda sku: random.Random(f"{seed}/{sku}").random()
        )
        ranked = [1 / rank**SKEW for rank in range(1, len(self.skus) + 1)]
        told = [pulls[sku] or 1.0 for sku in self.skus]
        self.sums = list(accumulate(told if any(pulls.values()) else ranked))

    def pick(self, dice: random.Random) -> str:
        """Choose a SKU."""
        return self.skus[bisect(self.sums, dice.random() * self.sums[-1])]


@dataclass(frozen=True, slots=True)
class Visit:
    """What one shopper is going to do. skus: in the order of preference.

    second: also buys one of this in the same order, if set.
    """

    buyer: int
    skus: tuple[str, ...]
    second: str
    units: int
    browses: bool
    buys: bool
    abandons: bool
    releases: bool
    late: bool
    twice: bool
    double_clicks: bool
    pay_after_s: float


def visit(
    dice: random.Random, number: int, curve: Curve, popularity: Popularity
) -> Visit:
    """Decide everything about a shopper before the world can interfere."""
    wanted = [popularity.pick(dice)]
    while len(wanted) < CHOICES and dice.random() < curve.try_another_share:
        wanted.append(popularity.pick(dice))
    second = popularity.pick(dice) if dice.random() < curve.two_lines_share else ""
    repeats = number > 1 and dice.random() < curve.repeat_share
    return Visit(
        buyer=dice.randrange(1, number) if repeats else number,
        skus=tuple(dict.fromkeys(wanted)),
        second="" if second in wanted else second,
        units=1 + min(int(dice.expovariate(1.6)), curve.max_units - 1),
        browses=dice.random() < curve.browse_share,
        buys=dice.random() >= curve.browse_only_share,
        abandons=dice.random() < curve.abandon_share,
        releases=dice.random() < curve.release_share,
        late=dice.random() < curve.late_share,
        twice=dice.random() < curve.duplicate_share,
        double_clicks=dice.random() < curve.double_click_share,
        pay_after_s=dice.uniform(*curve.pay_after_s),
    )
