"""What a way of setting prices makes of the lines of a plan, before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from console.campaigns import rules
from console.campaigns.models import Campaign, Line
from console.errors import Refusal
from console.prices import queries as prices
from console.prices.rules import claimable
from console.prices.rules.charms import Pricing
from console.prices.rules.money import Method


@dataclass(frozen=True)
class Priced:
    """One line with the price it would have; None, and why, where it cannot be."""

    line: Line
    price: Decimal | None
    why: str = ""
    low: Decimal | None = None

    @property
    def percent(self) -> int | None:
        """What may be claimed, of the 30-day low or else the list price."""
        if self.price is None:
            return None
        return claimable(self.low or self.line.regular_price, self.price)


def priced(
    campaign: Campaign, lines: Sequence[Line], pricing: Pricing, *, now: datetime
) -> list[Priced]:
    """Every line with its price. lines: with their SKU selected along."""
    codes = [line.sku.code for line in lines]
    found = prices.prior(codes, campaign.opens_at or now, currency=campaign.currency)
    lows = {code: prior.amount for code, prior in found.items()}
    return [
        _priced(line, lows.get(line.sku.code), pricing, campaign.currency)
        for line in lines
    ]


def _priced(line: Line, low: Decimal | None, pricing: Pricing, currency: str) -> Priced:
    try:
        price = pricing.price(line.regular_price, low, currency)
        rules.check_offer(
            line.regular_price, price, units=line.units, buffer=line.buffer
        )
    except Refusal as refused:
        return Priced(line, None, refused.message, low)
    return Priced(line, price, "", low)


METHODS = [(method.value, method.label) for method in Method]
