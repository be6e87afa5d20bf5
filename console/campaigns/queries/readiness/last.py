"""The price right before a sale, which perishable goods may be measured from."""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime, timedelta

from django.conf import settings

from console.prices import queries as prices
from console.prices.queries import Prior
from console.prices.rules import Reason, window_start
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
    skus: Set[str], at: datetime, currency: str, channels: Iterable[str]
) -> dict[str, Prior]:
    """The price of each SKU right before an instant, the lowest of several channels."""
    found: dict[str, Prior] = {}
    start = window_start(at, settings.SHOP_ZONE)
    for channel in channels if skus else ():
        rows = prices.in_force(skus, at - INSTANT, channel=channel, currency=currency)
        for sku, row in rows.items():
            if sku not in found or row.amount < found[sku].amount:
                found[sku] = Prior(
                    sku,
                    row.amount,
                    row.from_at,
                    Reason(row.reason),
                    row.campaign,
                    start,
                    at,
                    complete=True,
                    net=row.net,
                )
    return found
