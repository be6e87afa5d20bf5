"""Measuring every sale of the past: loading what sold around each, asking the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from console.stock.models import Sku
from console.uplift.queries import candidates
from console.uplift.queries.candidates import Candidate, Offer
from console.uplift.queries.demand import (
    DAY,
    HOUR,
    Covered,
    Stretch,
    covered,
    midnight,
    prices,
    stretch,
)
from console.uplift.rules import Source, episodes
from console.uplift.rules.baseline import LOOK_BACK_WEEKS, Seen, Timeline, seen
from console.uplift.rules.measure import DIP_DAYS, NO_CATEGORY, Measure, measure
from console.uplift.rules.spacing import Window, days_since

BY_HOUR_UP_TO = timedelta(hours=72)
"""A longer sale is measured by day."""
WEEK_BINS = {DAY: 7, HOUR: 168}
FEW_OTHERS = "No other goods of its category were sold in those weeks."
MOST_OTHERS = 500


@dataclass(frozen=True)
class Measured:
    """One sale with its measure."""

    sale: Candidate
    measure: Measure
    days_since: float | None


@dataclass(frozen=True)
class World:
    """What all measurements share: days that are known, sales, categories.

    windows: when each SKU was on sale. doubtful: the same, doubtful sales among them;
    only those are held against each other.
    """

    within: Covered
    windows: Mapping[str, Sequence[Window]]
    doubtful: Mapping[str, Sequence[Window]]
    category: Mapping[str, str]
    audiences: Mapping[int, Sequence[Window]]

    def of(self, sale: Candidate) -> Mapping[str, Sequence[Window]]:
        """The windows that count for a sale."""
        return self.doubtful if sale.source is Source.DOUBTFUL else self.windows


def measured(*, now: datetime) -> tuple[Covered, list[Measured]]:
    """Every past sale, found and measured anew."""
    within = covered(now=now)
    told = candidates.campaigns(within) + candidates.by_hand(within)
    sales = told + candidates.found(prices(), told)
    goods = Sku.objects.exclude(category="").values_list("code", "category")
    clear = [sale for sale in sales if sale.source is not Source.DOUBTFUL]
    world = World(
        within,
        candidates.windows(clear),
        candidates.windows(sales),
        dict(goods),
        _by_audience(sales),
    )
    return within, [_measured(sale, world) for sale in sales]


def _by_audience(sales: Iterable[Candidate]) -> dict[int, list[Window]]:
    found: dict[int, list[Window]] = {}
    for sale in sales:
        if sale.audience is not None:
            found.setdefault(sale.audience, []).append((sale.opens, sale.closes))
    return found


def _measured(sale: Candidate, world: World) -> Measured:
    since = days_since(
        [(offer.sku, offer.opens) for offer in sale.offers],
        world.of(sale),
        audience=world.audiences.get(sale.audience, ()) if sale.audience else (),
    )
    return Measured(sale, _measure(sale, world), since)


def _measure(sale: Candidate, world: World) -> Measure:
    others, why = _others(sale, world)
    codes = [*dict.fromkeys(offer.sku for offer in sale.offers), *others]
    rows = {code: row for row, code in enumerate(codes)}
    part = _around(sale, codes, world.within)
    rest = np.maximum(0, part.total - part.counts.sum(axis=0))
    ours = sale.source is Source.CAMPAIGN and sale.opens >= world.within.own_from
    line = Timeline(
        part.counts,
        _busy(part, codes, world.of(sale)),
        rest if _comparable(sale, world.within) else None,
        part.first,
        WEEK_BINS[part.bin],
    )
    offers = [_bins(part, rows[offer.sku], offer) for offer in sale.offers]
    beside = [_bins(part, rows[code], _like(code, sale)) for code in others]
    window = seen(line, offers)
    if not ours:
        window = _known(part, window, sale.opens, sale.closes)
    return measure(
        window,
        _known(part, _tail(line, offers), sale.closes, _over(sale)),
        seen(line, beside) if window else None,
        why_no_others=why,
    )


def _comparable(sale: Candidate, within: Covered) -> bool:
    """True if sale and weeks come from one source, so that growth can be told."""
    if sale.opens < within.own_from:
        return True
    weeks = (sale.opens - timedelta(weeks=LOOK_BACK_WEEKS)).date()
    return within.own is not None and weeks >= within.own[0]


def _tail(line: Timeline, offers: Sequence[episodes.Offer]) -> Seen | None:
    return seen(line, offers, tail=DIP_DAYS * line.week // 7)


def _over(sale: Candidate) -> datetime:
    return sale.closes + timedelta(days=DIP_DAYS)


def _known(
    part: Stretch, found: Seen | None, since: datetime, until: datetime
) -> Seen | None:
    """What was seen, if every bin of the span is known."""
    span = part.known[part.place(since) : part.after(until)]
    whole = part.after(until) <= len(part.known) and bool(span.all())
    return found if whole else None


def _around(sale: Candidate, codes: Sequence[str], within: Covered) -> Stretch:
    """The weeks before, the sale, and the days after it; by hour where it is short."""
    told = sale.source in (Source.CAMPAIGN, Source.HAND)
    short = told and sale.closes - sale.opens <= BY_HOUR_UP_TO
    since = midnight((sale.opens - timedelta(weeks=LOOK_BACK_WEEKS)).date())
    until = midnight(_over(sale).date()) + DAY
    return stretch(codes, since, until, bin=HOUR if short else DAY, within=within)


def _bins(part: Stretch, row: int, offer: Offer) -> episodes.Offer:
    opens, closes = part.place(offer.opens), part.after(offer.closes)
    return episodes.Offer(row, opens, closes, offer.depth)


def _like(code: str, sale: Candidate) -> Offer:
    return Offer(code, sale.opens, sale.closes)


def _busy(
    part: Stretch, codes: Sequence[str], windows: Mapping[str, Sequence[Window]]
) -> NDArray[np.bool_]:
    """Where a SKU is on sale in any sale, or nothing is known."""
    busy = np.tile(~part.known, (len(codes), 1))
    for row, code in enumerate(codes):
        for opens, closes in windows.get(code, ()):
            start = max(0, part.place(opens))
            busy[row, start : max(start, part.after(closes))] = True
    return busy


def _others(sale: Candidate, world: World) -> tuple[list[str], str]:
    """Goods of its categories that were not on sale; and why, where there are none."""
    mine = {offer.sku for offer in sale.offers}
    kinds = {world.category[sku] for sku in mine if sku in world.category}
    if not kinds:
        return [], NO_CATEGORY
    same = [code for code, kind in world.category.items() if kind in kinds]
    free = [
        code for code in sorted(same) if code not in mine and not _on(code, sale, world)
    ]
    return free[:MOST_OTHERS], FEW_OTHERS


def _on(code: str, sale: Candidate, world: World) -> bool:
    return any(
        opens < sale.closes and sale.opens < closes
        for opens, closes in world.windows.get(code, ())
    )
