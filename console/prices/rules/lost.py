"""Lost claims: what the sales planned before a sale already take from its claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from console.prices.rules.lookahead import (
    Fall,
    Histories,
    World,
    claims,
    fall,
    prior_of,
    window_of,
    worlds,
)
from console.prices.rules.offers import Offer, offers
from console.prices.rules.planned import Column, Planned


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
    histories: Mapping[str, Histories],
    planned: Sequence[Planned],
    *,
    zone: str,
    now: datetime,
) -> list[Loss]:
    """What each sale yet to open loses to the others yet to open, by opening.

    histories: by channel. planned: all sales, live ones too, in any order. What a live
    sale takes is taken already and not told. The rest is said in `lookahead.falls`.
    """
    if not histories:
        return []
    every = offers(planned, next(iter(histories.values())).skus)
    coming = [one for one in every if one.sale.opens_at > now]
    live = [one for one in every if one.sale.opens_at <= now]
    was = worlds(histories, live, now)
    in_order = sorted(coming, key=lambda one: (one.opens, one.sale.code))
    found = (_loss(one, in_order, was, zone) for one in in_order if one.sale.measured)
    return [loss for loss in found if loss]


def _loss(
    one: Offer, coming: Sequence[Offer], was: Mapping[str, World], zone: str
) -> Loss | None:
    window, prior = window_of(one, zone), prior_of(one, was, zone)
    left, free, takers = prior.copy(), claims(prior, one.amount), []
    for other in coming:
        apart = other.sale.code == one.sale.code or not other.sale.meets(one.sale)
        if apart or not other.meets(*window):
            continue
        mine, amount = _shared(one, other)
        alone = np.minimum(prior[mine], amount)
        left[mine] = np.minimum(left[mine], alone)
        taken = claims(alone, one.amount[mine]) < free[mine]
        takers.append((int(taken.sum()), other.sale.name))
    lost = fall(one, prior, left, was[one.sale.channels[0]].skus, zone)
    takers.sort(key=lambda one: -one[0])
    return Loss(lost, tuple(name for n, name in takers if n)) if lost else None


def _shared(one: Offer, other: Offer) -> tuple[Column, Column]:
    """Where another sale has a SKU of this one, and what it asks for it."""
    at = np.searchsorted(one.places, other.places)
    at[at == len(one.places)] = 0
    same = one.places[at] == other.places if len(one.places) else at < 0
    return at[same], other.amount[same]
