"""What a way of setting prices makes of the lines of a plan, before it is done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from console.campaigns import rules
from console.campaigns.models import Campaign, Line
from console.campaigns.queries.readiness.prices import lowest, measured
from console.campaigns.queries.readiness.yardstick import yardstick_of
from console.errors import Refusal
from console.prices.rules import claimable
from console.prices.rules.charms import Pricing
from console.prices.rules.money import cut


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
    """Every line with its price, the low as the guards measure it.

    lines: with their SKU selected along.
    """
    by = yardstick_of(campaign, now=now)
    fresh = {line.sku.code for line in lines if by.by_last and line.sku.perishable}
    found = lowest(measured([line.sku.code for line in lines], by, fresh=fresh))
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


def at_percent(
    line: Line, field: str, percent: Decimal, currency: str
) -> tuple[Decimal, int]:
    """Sale price and buffer of a line whose depth, or buffer, is set in per cent.

    field: `depth` lowers the sale price below the list price, rounded down to what the
        currency has coins for; `buffer` holds back that share of the units, rounded up.
    """
    share = percent / 100
    if field == "depth":
        return cut(line.regular_price * (1 - share), currency), line.buffer
    return line.sale_price, math.ceil(line.units * share)


@dataclass(frozen=True)
class Percented:
    """One line before and after; `why` says what keeps the second from being sold."""

    line: Line
    price: Decimal
    buffer: int
    why: str = ""


def percented(
    campaign: Campaign, lines: Sequence[Line], field: str, percent: Decimal
) -> list[Percented]:
    """What setting the depth, or the buffer, in per cent makes of each line."""
    return [_percented(line, field, percent, campaign.currency) for line in lines]


def _percented(line: Line, field: str, percent: Decimal, currency: str) -> Percented:
    price, buffer = at_percent(line, field, percent, currency)
    try:
        rules.check_offer(line.regular_price, price, units=line.units, buffer=buffer)
    except Refusal as refused:
        return Percented(line, price, buffer, refused.message)
    return Percented(line, price, buffer)
