"""What is known of a plan's products when it opens: moved prices, sales close by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from console.campaigns.queries import runs
from console.campaigns.queries.readiness.parts import Candidate, Product
from console.campaigns.queries.readiness.prices import Judged
from console.prices import queries as prices
from console.prices.rules import Point, Run
from console.prices.rules.patterns import FOLLOW_ON_DAYS


@dataclass(frozen=True)
class Past:
    """What is known of a plan's products when it opens.

    moved: the histories of those whose price moved. others: sales close by.
    """

    at: datetime
    zone: str
    currency: str
    moved: Mapping[str, Sequence[Point]]
    run: Run
    others: Sequence[Run]


def past(
    plan: Candidate,
    found: Sequence[Judged],
    opens_at: datetime,
    closes_at: datetime,
    *,
    days: int = FOLLOW_ON_DAYS,
) -> Past:
    """Look it up, in two queries. days: how close by another sale has to be."""
    products = [one.product for one in found]
    moved = prices.moved(
        [product.sku for product in products], opens_at, currency=plan.currency
    )
    near = runs.near(
        plan.code,
        [product.sku_id for product in products],
        currency=plan.currency,
        opens_at=opens_at,
        closes_at=closes_at,
        days=days,
    )
    run = _run(plan, products, opens_at, closes_at)
    return Past(opens_at, settings.SHOP_ZONE, plan.currency, moved, run, near)


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
