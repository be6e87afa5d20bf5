"""Look-ahead: what one more sale does to the claims of those that come after it.

Whole columns at once (numpy): thousands of SKUs by dozens of sales while a person drags
a sale over the calendar. tests/prices/test_lookahead.py recomputes every claim one by
one with `prior_price`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

import numpy as np

from console.prices.rules.offers import Offer, instant, offers
from console.prices.rules.planned import Column, Planned, coming

NEVER = np.iinfo(np.int64).max
"""Later than any instant, and dearer than any price."""
REGULAR, UNOWNED = -1, -2


@dataclass(frozen=True, slots=True)
class Histories:
    """The price histories of many SKUs, one column a value, one row a change.

    skus: by their number. sku: the number of each row's SKU. start: instants. serial:
    the order of writing. amount: thousandths. owner: the number, in `codes`, of the
    sale that set it; UNOWNED for a sale price of none of these, REGULAR for the others.
    """

    skus: Sequence[str]
    codes: Sequence[str]
    sku: Column
    start: Column
    serial: Column
    amount: Column
    owner: Column


@dataclass(frozen=True, slots=True)
class Fall:
    """A later sale that may claim less.

    before, after: the headline: the median claim of the SKUs it is told with, the lower
    of two middles.
    skus: how many of them lose something, of `of`. worst: the one that loses most.
    close_by: a sale that is over by then takes nothing away.
    """

    code: str
    name: str
    opens_at: datetime
    close_by: datetime
    before: int
    after: int
    skus: int
    of: int
    worst: str
    worst_before: int
    worst_after: int

    @property
    def text(self) -> str:
        """`Black Friday claim falls 40% → 14%`; where the headline holds, the worst."""
        if self.after < self.before:
            return f"{self.name} claim falls {self.before}% → {self.after}%"
        fall = f"{self.worst_before}% → {self.worst_after}%"
        which = f"for {self.skus:,} of {self.of:,} SKUs, most for {self.worst}"
        return f"{self.name} claim falls {which}: {fall}"


def falls(
    histories: Mapping[str, Histories],
    planned: Sequence[Planned],
    proposed: Planned,
    *,
    instead_of: Planned | None = None,
    zone: str,
    now: datetime,
) -> list[Fall]:
    """The sales yet to open that may claim less once `proposed` is planned, by opening.

    planned: all other sales, in any order. instead_of: the proposed one as it was
    planned until now, if it is moved. Every sale is taken to end at its `closes_at`,
    also one that is live now; then the regular price is in force again. Where sales
    overlap on a SKU, shoppers pay the lower price.

    histories: by channel, of every channel of the later sales that meet it; with the
    codes and the SKUs of all these sales.
    """
    moved = [proposed, *([instead_of] if instead_of else [])]
    looked = {one.code for one in coming(planned, moved, now=now)}
    if not looked:
        return []
    known = next(iter(histories.values()))
    others, new = offers(planned, known.skus), offers(moved, known.skus)
    was = worlds(histories, [*others, *new[1:]], now)
    will = worlds(histories, [*others, *new[:1]], now)
    found = (
        compare(one, was, will, zone)
        for one in sorted(others, key=lambda one: one.opens)
        if one.sale.code in looked
    )
    return [fall for fall in found if fall]


def worlds(
    histories: Mapping[str, Histories], sales: Sequence[Offer], now: datetime
) -> dict[str, World]:
    """What is charged in each channel, with the sales of that channel."""
    return {
        channel: World(
            found, [one for one in sales if channel in one.sale.channels], now
        )
        for channel, found in histories.items()
    }


class World:
    """What is charged in one course of events: the history, then the sales planned."""

    def __init__(
        self,
        histories: Histories,
        sales: Sequence[Offer],
        now: datetime,
    ) -> None:
        """Lay the histories out as stretches of time."""
        ends = {one.sale.code: max(one.closes, instant(now)) for one in sales}
        self.skus = histories.skus
        self.base = _stretches(histories, ends)
        self.sales = sales

    def lowest(self, start: int, end: int, but: str) -> Column:
        """The lowest price of each SKU in force in [start, end), without one sale's."""
        sku, starts, ends, amount = self.base
        low = np.full(len(self.skus), NEVER)
        if len(sku):
            counts = (starts < end) & (ends > start)
            first = np.flatnonzero(np.diff(sku, prepend=-1))
            seen = np.minimum.reduceat(np.where(counts, amount, NEVER), first)
            low[sku[first]] = seen
        for one in self.sales:
            if one.sale.code != but and one.meets(start, end):
                low[one.places] = np.minimum(low[one.places], one.amount)
        return low


def _stretches(
    histories: Histories, ends: Mapping[str, int]
) -> tuple[Column, Column, Column, Column]:
    """Rows by SKU and time, each with its end; void ones are left out.

    A sale that is live now ends when planned; from then on the regular price before it
    is in force again.
    """
    order = np.lexsort((histories.serial, histories.start, histories.sku))
    sku, start = histories.sku[order], histories.start[order]
    holds = np.append((np.diff(sku) != 0) | (np.diff(start) != 0), True)[: len(sku)]
    order, sku, start = order[holds], sku[holds], start[holds]
    amount, owner = histories.amount[order], histories.owner[order]
    last = np.append(np.diff(sku) != 0, True)[: len(sku)]
    end = np.where(last, NEVER, np.append(start[1:], NEVER)[: len(sku)])
    closing = np.array([ends.get(code, NEVER) for code in histories.codes] or [NEVER])
    live = np.flatnonzero(last & (owner >= 0))
    end[live] = np.maximum(closing[owner[live]], start[live])
    before = _regular_before(sku, owner)[live]
    back, live = before[before >= 0], live[before >= 0]
    rows = np.append(np.arange(len(sku)), live)
    whole = np.argsort(sku[rows], kind="stable")
    return (
        sku[rows][whole],
        np.append(start, end[live])[whole],
        np.append(end, np.full(len(live), NEVER))[whole],
        np.append(amount, amount[back])[whole],
    )


def _regular_before(sku: Column, owner: Column) -> Column:
    """For each row, the latest row of its SKU up to there that is no sale; else -1."""
    rows = np.arange(len(sku))
    latest = np.maximum.accumulate(np.where(owner == REGULAR, rows, -1))
    same = sku[latest] == sku if len(sku) else latest == 0
    return np.where((latest >= 0) & same, latest, -1)


def compare(
    one: Offer, was: Mapping[str, World], will: Mapping[str, World], zone: str
) -> Fall | None:
    """What one sale may claim less in a world that will be than in one that was."""
    skus = was[one.sale.channels[0]].skus
    return fall(one, prior_of(one, was, zone), prior_of(one, will, zone), skus, zone)


def prior_of(one: Offer, there: Mapping[str, World], zone: str) -> Column:
    """The prior price of each SKU of a sale, the lowest of its channels."""
    window = window_of(one, zone)
    lows = [there[way].lowest(*window, one.sale.code) for way in one.sale.channels]
    return reduce(np.minimum, lows)[one.places]


def window_of(one: Offer, zone: str) -> tuple[int, int]:
    """The days whose prices count for its claims."""
    return instant(one.sale.since(zone)), one.opens


def fall(
    one: Offer, was: Column, will: Column, skus: Sequence[str], zone: str
) -> Fall | None:
    """The same, from the prior prices of its SKUs."""
    before, after = claims(was, one.amount), claims(will, one.amount)
    lost = before - after
    if not len(lost) or lost.max() <= 0:
        return None
    worst = int(lost.argmax())
    return Fall(
        one.sale.code,
        one.sale.name,
        one.sale.opens_at,
        one.sale.since(zone),
        _middle(before),
        _middle(after),
        int((lost > 0).sum()),
        len(lost),
        skus[int(one.places[worst])],
        int(before[worst]),
        int(after[worst]),
    )


def claims(prior: Column, price: Column) -> Column:
    """As `claimable`, for many: 0 without a prior price."""
    known = (prior != NEVER) & (prior > price)
    safe = np.where(known, prior, 1)
    return np.where(known, 100 * (safe - price) // safe, 0)


def _middle(claims: Column) -> int:
    return int(np.sort(claims)[(len(claims) - 1) // 2])
