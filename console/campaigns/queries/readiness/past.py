"""What is known of a plan's products when it opens: moved prices, sales close by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.campaigns.queries import runs
from console.campaigns.queries.readiness.parts import Candidate, Product
from console.campaigns.queries.readiness.prices import Judged
from console.prices import queries as prices
from console.prices.models import WEB
from console.prices.queries import Prior
from console.prices.rules import Clock, Point, Run
from console.prices.rules.patterns import FOLLOW_ON_DAYS


@dataclass(frozen=True)
class Look:
    """The histories of one channel, up to where the sale begins in some markets.

    moved: of those whose price moved. lows: the 30-day low, of all.
    """

    clock: Clock
    moved: Mapping[str, Sequence[Point]]
    lows: Mapping[str, Prior]

    def history(self, sku: str) -> Sequence[Point]:
        """Of one SKU; of a price that has not moved the low is what it always was."""
        if sku in self.moved:
            return self.moved[sku]
        low = self.lows.get(sku)
        return [Point(low.from_at, low.amount, net=low.net)] if low else []


@dataclass(frozen=True)
class Past:
    """What is known of a plan's products when it opens.

    looks: one for each clock and channel. others: sales close by.
    """

    currency: str
    looks: Sequence[Look]
    run: Run
    others: Sequence[Run]

    @property
    def clock(self) -> Clock:
        """Where it begins first."""
        return self.looks[0].clock


def past(
    plan: Candidate,
    found: Sequence[Judged],
    opens_at: datetime,
    closes_at: datetime,
    *,
    days: int = FOLLOW_ON_DAYS,
) -> Past:
    """Look it up, in two queries where it has one clock and one channel.

    days: how close by another sale has to be.
    """
    products = [one.product for one in found]
    looks = _looks(plan, found, opens_at)
    near = runs.near(
        plan.code,
        [product.sku_id for product in products],
        currency=plan.currency,
        channels=plan.channels or [WEB],
        opens_at=opens_at,
        closes_at=closes_at,
        days=days,
    )
    run = _run(plan, products, opens_at, closes_at)
    return Past(plan.currency, looks, run, near)


def _looks(plan: Candidate, found: Sequence[Judged], first: datetime) -> list[Look]:
    """found: with the lows of every clock and channel, the first clock first."""
    codes = [one.product.sku for one in found]
    looks = []
    for (clock, channel), lows in (found[0].lows if found else {}).items():
        moved = prices.moved(
            codes,
            clock.at,
            zone=clock.zone,
            channel=channel,
            currency=plan.currency,
            besides=plan.code if clock.at > first else None,
        )
        looks.append(Look(clock, moved, lows))
    return looks


def run_of(plan: Candidate) -> Run | None:
    """A plan as a sale that goes on or is gone on with; None without a date."""
    if plan.opens_at is None or plan.closes_at is None:
        return None
    return _run(plan, plan.products, plan.opens_at, plan.closes_at)


def _run(
    plan: Candidate,
    products: Sequence[Product],
    opens_at: datetime,
    closes_at: datetime,
) -> Run:
    depths = {product.sku: _depth(product) for product in products}
    return Run(plan.code, plan.name, opens_at, closes_at, depths)


def _depth(product: Product) -> int:
    return int(100 * (1 - product.sale / product.regular))
