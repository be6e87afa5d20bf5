"""The price right before a sale, which perishable goods may be measured from."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime, timedelta

from console.prices import queries as prices
from console.prices.models import PricePoint
from console.prices.queries import Prior
from console.prices.rules import Clock, Reason, window_start
from console.prices.rules.packs import Pack

INSTANT = timedelta(microseconds=1)


def measures(held: Iterable[Pack]) -> bool:
    """True if one of these laws measures reductions by the 30-day low."""
    return any(law.rule("prior_price") for law in held)


def counts(held: Iterable[Pack]) -> bool:
    """True if every law that measures a reduction lets the last price count."""
    measuring = [law for law in held if law.rule("prior_price")]
    return bool(measuring) and all(law.rule("perishable") for law in measuring)


def priors(
    skus: Set[str], clock: Clock, *, channel: str, currency: str, besides: str | None
) -> dict[str, Prior]:
    """The price of each SKU right before a reduction begins. besides: as in `prior`."""
    if not skus:
        return {}
    rows = prices.in_force(
        skus, clock.at - INSTANT, channel=channel, currency=currency, besides=besides
    )
    start = window_start(clock.at, clock.zone)
    return {sku: _prior(row, start, clock.at) for sku, row in rows.items()}


def _prior(row: PricePoint, start: datetime, at: datetime) -> Prior:
    return Prior(
        row.sku,
        row.amount,
        row.from_at,
        Reason(row.reason),
        row.campaign,
        start,
        at,
        complete=True,
        net=row.net,
    )
