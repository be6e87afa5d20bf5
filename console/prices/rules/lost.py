"""Lost claims: what the sales planned before a sale already take from its claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

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
    live = [one for one in every if one.sale.opens_at <= now]
    was = worlds(histories, live, now)
    lines = _Lines([one for one in every if one.sale.opens_at > now])
    found = (_loss(one, lines, was, zone) for one in lines.offers if one.sale.measured)
    return [loss for loss in found if loss]


def _loss(
    one: Offer, lines: _Lines, was: Mapping[str, World], zone: str
) -> Loss | None:
    prior = prior_of(one, was, zone)
    left, free = prior.copy(), claims(prior, one.amount)
    mine, amount, taker = lines.against(one, window_of(one, zone))
    alone = np.minimum(prior[mine], amount)
    np.minimum.at(left, mine, alone)
    takes = claims(alone, one.amount[mine]) < free[mine]
    lost = fall(one, prior, left, was[one.sale.channels[0]].skus, zone)
    return Loss(lost, lines.names(taker[takes])) if lost else None


class _Lines:
    """The prices of sales yet to open as columns, sale after sale by opening.

    Hundreds of sales against hundreds are too many pairs to compare line by line.
    """

    def __init__(self, coming: Sequence[Offer]) -> None:
        """Lay the lines of all of them out once."""
        self.offers = sorted(coming, key=lambda one: (one.opens, one.sale.code))
        self._opens = np.array([one.opens for one in self.offers], dtype=np.int64)
        self._closes = np.array([one.closes for one in self.offers], dtype=np.int64)
        self._ways = [frozenset(one.sale.channels) for one in self.offers]
        lengths = [len(one.places) for one in self.offers]
        self._ends = np.cumsum([0, *lengths])
        self._sale = np.repeat(np.arange(len(lengths)), lengths)
        self._places = _joined([one.places for one in self.offers])
        self._amount = _joined([one.amount for one in self.offers])

    def against(
        self, one: Offer, window: tuple[int, int]
    ) -> tuple[Column, Column, Column]:
        """Lines of other sales in force in these days, of its SKUs and channels.

        Where each is among its own SKUs, its price, and the number of its sale.
        """
        takes = self._near(one, *window)
        near = np.flatnonzero(takes)
        if not len(near) or not len(self._places):
            return (self._ends[:0],) * 3
        part = slice(self._ends[near[0]], self._ends[near[-1] + 1])
        own = np.full(self._places.max() + 1, -1)
        own[one.places] = np.arange(len(one.places))
        mine = own[self._places[part]]
        kept = (mine >= 0) & takes[self._sale[part]]
        return mine[kept], self._amount[part][kept], self._sale[part][kept]

    def _near(self, one: Offer, start: int, end: int) -> NDArray[np.bool_]:
        """Which other sales have a price in force in these days, in its channels."""
        takes = (self._opens < np.minimum(end, self._closes)) & (self._closes > start)
        for n in np.flatnonzero(takes).tolist():
            apart = self._ways[n].isdisjoint(one.sale.channels)
            takes[n] = not apart and self.offers[n].sale.code != one.sale.code
        return takes

    def names(self, sales: Column) -> tuple[str, ...]:
        """The names of these sales, the most frequent first, then by opening."""
        counts = np.bincount(sales)
        order = np.argsort(-counts, kind="stable")
        taking = order[counts[order] > 0].tolist()
        return tuple(self.offers[n].sale.name for n in taking)


def _joined(columns: Sequence[Column]) -> Column:
    return np.concatenate(columns) if columns else np.zeros(0, dtype=np.int64)
