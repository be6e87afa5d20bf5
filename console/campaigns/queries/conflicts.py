"""Other campaigns that want the same SKUs at the same time and place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any

from django.db import connection

from console.campaigns.models import Campaign, Market
from console.campaigns.models.market import WEB
from console.campaigns.queries.places import codes_of
from console.campaigns.rules import OWNS, State

Spots = frozenset[tuple[str, str]]
"""Pairs of a channel and the code of a market; no code in a shop without markets."""
OPEN = (State.DRAFT, State.IN_REVIEW)
NAMED = 3
FAR = datetime(9999, 1, 1, tzinfo=UTC)
OVERLAPS = """
with ours as materialized (
    select l.sku_id from campaigns_line l join campaigns_campaign c
        on c.id = l.campaign_id where c.code = %(code)s
), met as materialized (
    select c.id, count(*) as skus, array_agg(l.sku_id) as each
    from campaigns_campaign c join campaigns_line l on l.campaign_id = c.id
        join ours on ours.sku_id = l.sku_id
    where c.code <> %(code)s and c.state = any(%(states)s)
        and c.opens_at < %(closes)s and c.closes_at > %(opens)s
    group by c.id
)
select c.code, c.name, c.state, c.opens_at, c.closes_at, c.channels, c.markets,
    c.currency, met.skus,
    array(select k.code from stock_sku k where k.id = any(met.each)
        order by k.code limit %(named)s)
from met join campaigns_campaign c on c.id = met.id order by c.opens_at, c.id
"""
"""Names are looked up for what was found only: a plan has up to 10,000 SKUs."""


@dataclass(frozen=True)
class Conflict:
    """Another campaign, and how many SKUs both set the price of in one place.

    owns: it is approved, so it has them; else it is still being planned. skus: the
    first few. where: the markets and channels both are in.
    """

    code: str
    name: str
    state: str
    opens_at: datetime
    closes_at: datetime
    count: int
    skus: Sequence[str]
    where: str

    @property
    def owns(self) -> bool:
        """True if it is approved: this one cannot be, as it stands."""
        return self.state in OWNS

    @property
    def editable(self) -> bool:
        """True if SKUs can be taken from it without voiding a decision."""
        return self.state == State.DRAFT

    @property
    def said(self) -> str:
        """`FS-0042 sets the price of 3 of its SKUs then (Web in Germany): A, B, C`."""
        more = f" and {self.count - NAMED} more" if self.count > NAMED else ""
        verb = "sets" if self.owns else "wants to set"
        noun = "SKU" if self.count == 1 else "SKUs"
        listed = ", ".join(self.skus) + more
        return (
            f"{self.code} {verb} the price of {self.count:,} {noun} of this one at the "
            f"same time{self.where}: {listed}"
        )


def of(campaign: Campaign) -> list[Conflict]:
    """Every campaign that overlaps this one in time, place and a SKU."""
    ours = spots(campaign.channels, codes_of([campaign])[campaign.pk])
    return between(campaign.code, ours, campaign.opens_at, campaign.closes_at)


def between(
    code: str, ours: Spots, opens_at: datetime | None, closes_at: datetime | None
) -> list[Conflict]:
    """The same for a plan that is being tried at another time, or other places."""
    if opens_at is None or closes_at is None:
        return []
    rows = _rows(code, opens_at, closes_at, [*OPEN, *sorted(OWNS)])
    return list(_sharing(ours, rows))


def owners(code: str, ours: Spots, since: datetime) -> list[Conflict]:
    """The campaigns that own a price of a plan in its places, from an instant on.

    Whenever they run: which of them a window meets is for whoever asks to say. Two
    queries, however many there are.
    """
    return list(_sharing(ours, _rows(code, since, FAR, sorted(OWNS))))


def _rows(
    code: str, opens_at: datetime, closes_at: datetime, states: Sequence[State]
) -> list[Any]:
    said: dict[str, Any] = {
        "code": code,
        "named": NAMED,
        "states": states,
        "opens": opens_at,
        "closes": closes_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS, said)
        return list(cursor.fetchall())


def _sharing(ours: Spots, rows: Sequence[Any]) -> Iterator[Conflict]:
    if not rows:
        return
    known = Market.objects.order_by("code").values_list("code", "name", "currency")
    named = {code: name for code, name, _ in known}
    for row in rows:
        code, name, state, opens, closes, channels, codes, currency, count, skus = row
        there = codes or [one for one, _, coin in known if coin == currency]
        if both := ours & spots(channels, there):
            where = _where(both, named)
            yield Conflict(code, name, state, opens, closes, count, skus, where)


def spots(channels: Iterable[str], markets: Sequence[str]) -> Spots:
    """Every market in every channel; the unnamed one in a shop without markets."""
    return frozenset(product(channels, markets or [""]))


def _where(both: Spots, named: Mapping[str, str]) -> str:
    """` (web in France and Germany)`; nothing where there is but one place."""
    channels = _listed({channel for channel, _ in both})
    markets = _listed({named.get(market, market) for _, market in both if market})
    if not markets:
        return "" if channels == WEB else f" ({channels})"
    return f" ({channels} in {markets})"


def _listed(names: set[str]) -> str:
    *first, last = sorted(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last
