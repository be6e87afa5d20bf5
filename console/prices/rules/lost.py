"""Lost claims: what the sales planned before a sale already take from its claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from console.prices.rules.history import WINDOW_DAYS, window_start
from console.prices.rules.lookahead import (
    NEVER,
    Column,
    Fall,
    Histories,
    Planned,
    World,
    claims,
    compare,
    instant,
    offered,
)

Offer = tuple[Planned, Column]


@dataclass(frozen=True, slots=True)
class Loss:
    """A sale yet to open that claims less than it could.

    fall: from what it could claim if no sale yet to open came before it. by: names of
    those that take it, the one that takes of most SKUs first; at equal numbers the
    first to open.
    """

    fall: Fall
    by: tuple[str, ...]

    @property
    def text(self) -> str:
        """`Black Friday claim falls 40% → 14%, after Cyber Week`."""
        return f"{self.fall.text}, after {' and '.join(self.by)}"

    @property
    def short(self) -> str:
        """`claim 40% → 14%`; where the headline holds, of how many SKUs it falls."""
        fall = self.fall
        if fall.after < fall.before:
            return f"claim {fall.before}% → {fall.after}%"
        return f"claims of {fall.skus:,} of {fall.of:,} SKUs fall"


def losses(
    histories: Histories, planned: Sequence[Planned], *, zone: str, now: datetime
) -> list[Loss]:
    """What each sale yet to open loses to the others yet to open, by opening.

    planned: all sales, live ones too, in any order. What a live sale takes is taken
    already and not told. As in `lookahead.falls`, where the rest is said.
    """
    offers = [(sale, offered(sale, histories.skus)) for sale in planned]
    coming = [one for one in offers if one[0].opens_at > now]
    live = [one for one in offers if one[0].opens_at <= now]
    was, will = World(histories, live, now), World(histories, offers, now)
    found = []
    for one in sorted(coming, key=lambda one: (one[0].opens_at, one[0].code)):
        lost = compare(*one, was, will, zone)
        if lost:
            found.append(Loss(lost, tuple(_takers(one, coming, was, zone))))
    return found


def _takers(one: Offer, coming: Sequence[Offer], was: World, zone: str) -> list[str]:
    """The sales each of which alone would lower some claim of this one."""
    sale, offer = one
    start = window_start(sale.opens_at, zone, WINDOW_DAYS)
    window = instant(start), instant(sale.opens_at)
    lines = np.flatnonzero(offer != NEVER)
    price = offer[lines]
    prior = was.lowest(*window, sale.code)[lines]
    free = claims(prior, price)
    counted = []
    for other, theirs in sorted(coming, key=lambda one: one[0].opens_at):
        if other.code != sale.code and other.meets(*window):
            left = claims(np.minimum(prior, theirs[lines]), price)
            counted.append((int((left < free).sum()), other.name))
    counted.sort(key=lambda one: -one[0])
    return [name for taken, name in counted if taken]
