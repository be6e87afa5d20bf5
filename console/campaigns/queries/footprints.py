"""What a campaign touches: its scopes and how much of each, its depth, its SKUs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from console.campaigns.models import Campaign, Footprint
from console.campaigns.queries.places import codes_of
from console.campaigns.queries.remembered import remembered
from console.campaigns.rules import COUNTED, Told, messages
from console.fatigue import saturating
from console.fatigue.rules import EACH_SKU, EVERYTHING, Kind, Message, Scope

ASSUMED_DEPTH = 0.30
"""Of a plan that has no products yet."""
KEYS = np.dtype(">i4")
NONE = np.zeros(0, dtype=np.int32)
Shelf = tuple[str, str, int, int]
"""Kind and name, SKUs of the campaign on it, and SKUs on it."""

SUMS = """
select c.id, 1 - sum(l.sale_price) / nullif(sum(l.regular_price), 0),
    coalesce(string_agg(int4send(l.sku_id::int), ''::bytea), ''),
    array(select concat_ws(' ', a.medium, a.anchor, a.minutes, a.share)
        from campaigns_announcement a where a.campaign_id = c.id
        order by a.medium, a.anchor, a.minutes)
from campaigns_campaign c left join campaigns_line l on l.campaign_id = c.id
where c.id = any(%s) group by c.id
"""
SHELVES = """
with touched as (
    select l.campaign_id, grouping(s.category) = 0 as is_category,
        coalesce(s.category, s.brand) as name, count(*) as skus
    from campaigns_line l join stock_sku s on s.id = l.sku_id
    where l.campaign_id = any(%s)
    group by grouping sets ((l.campaign_id, s.category), (l.campaign_id, s.brand))
)
select campaign_id, case when is_category then 'category' else 'brand' end, name, skus,
    case when is_category
        then (select count(*) from stock_sku s where s.category = touched.name)
        else (select count(*) from stock_sku s where s.brand = touched.name) end
from touched where is_category or name <> ''
order by 1, 2, 3
"""


@dataclass(frozen=True)
class Touch:
    """What a campaign touches. reach: the share of each scope, 0 to 1.

    skus: keys in order. told: its announcements. A SKU without a category belongs to
    the one without a name.
    """

    reach: Mapping[Scope, float]
    depth: float
    skus: NDArray[np.int32]
    told: tuple[Told, ...] = ()

    def messages(self, opens_at: datetime, closes_at: datetime) -> tuple[Message, ...]:
        """Its announcements, as the caps count them, in a window."""
        return messages(self.told, opens_at, closes_at)

    @property
    def scopes(self) -> list[Scope]:
        """What can have a policy: shelves without a name have none."""
        each = [EACH_SKU] if len(self.skus) else []
        return [scope for scope in self.reach if scope.name or scope == EVERYTHING] + [
            *each
        ]

    @property
    def markets(self) -> list[str]:
        """The codes of its markets."""
        return [scope.name for scope in self.reach if scope.kind is Kind.MARKET]

    def shown_to(self, slug: str, markets: Iterable[str], reach: float) -> Touch:
        """The same for another audience or other markets, or another share of them."""
        kept = {scope: share for scope, share in self.reach.items()
                if scope.kind not in (Kind.AUDIENCE, Kind.MARKET)}  # fmt: skip
        people = [EVERYTHING, Scope(Kind.AUDIENCE, slug)]
        people += [Scope(Kind.MARKET, code) for code in markets]
        return replace(self, reach=kept | dict.fromkeys(people, reach))


def touch(campaign: Campaign) -> Touch:
    """What a campaign touches as it is saved now."""
    return touches([campaign])[campaign.pk]


def recent(campaign: Campaign) -> Touch:
    """The same; its shelves, markets and people may be a minute old. Only to draw."""
    return remembered("touch", [campaign], touches)[campaign.pk]


def known(campaigns: Sequence[Campaign]) -> dict[int, Touch]:
    """What each touches, without its SKUs: as kept, or else as `recent`.

    campaigns: with their footprint selected along. What is counted has its footprint
    kept, so this reads the lines of drafts only.
    """
    counted = {one.pk: _kept(one.footprint) for one in campaigns
               if one.state in COUNTED and hasattr(one, "footprint")}  # fmt: skip
    drafts = [one for one in campaigns if one.pk not in counted]
    return remembered("reach", drafts, _bare) | counted


def _bare(campaigns: Sequence[Campaign]) -> dict[int, Touch]:
    found = touches(campaigns)
    return {pk: replace(touch, skus=NONE) for pk, touch in found.items()}


def kept(
    scopes: Iterable[str], reach: Iterable[float], depth: float, told: Iterable[str]
) -> Touch:
    """What a kept footprint says, without its SKUs."""
    shares = dict(zip(map(_scope, scopes), reach, strict=True))
    return Touch(shares, depth, NONE, tuple(map(Told.read, told)))


def _kept(row: Footprint) -> Touch:
    return kept(row.scopes, row.reach, row.depth, row.told)


@lru_cache(maxsize=4096)
def _scope(text: str) -> Scope:
    """The other way round of `key`."""
    kind, _, name = text.partition(":")
    return Scope(Kind(kind), name)


def touches(campaigns: Sequence[Campaign]) -> dict[int, Touch]:
    """The same for many, in three queries; from their lines, whatever is kept."""
    keys = [campaign.pk for campaign in campaigns]
    if not keys:
        return {}
    markets = codes_of(campaigns)
    with connection.cursor() as cursor:
        cursor.execute(SUMS, [keys])
        sums = {pk: (depth, skus, said) for pk, depth, skus, said in cursor.fetchall()}
        cursor.execute(SHELVES, [keys])
        shelves: dict[int, list[Shelf]] = {}
        for pk, *shelf in cursor.fetchall():
            shelves.setdefault(pk, []).append((*shelf,))
    return {
        one.pk: _touch(
            *sums[one.pk],
            dict(_reach(one, markets[one.pk], shelves.get(one.pk, []))),
        )
        for one in campaigns
    }


def _touch(
    depth: Decimal | None,
    skus: bytes,
    told: Sequence[str],
    reach: Mapping[Scope, float],
) -> Touch:
    assumed = ASSUMED_DEPTH if depth is None else min(1.0, max(0.0, float(depth)))
    keys = np.sort(np.frombuffer(skus, dtype=KEYS).astype(np.int32))
    return Touch(reach, assumed, keys, tuple(map(Told.read, told)))


def _reach(
    campaign: Campaign, markets: Sequence[str], shelves: Sequence[Shelf]
) -> Iterator[tuple[Scope, float]]:
    yield EVERYTHING, float(campaign.reach)
    yield Scope(Kind.AUDIENCE, campaign.audience.slug), float(campaign.reach)
    for code in markets:
        yield Scope(Kind.MARKET, code), float(campaign.reach)
    for kind, name, touched, there in shelves:
        yield Scope(Kind(kind), name), min(1.0, touched / max(1, there))
    if not shelves and campaign.category:
        yield Scope(Kind.CATEGORY, campaign.category), 1.0


def columns(found: Touch, *, at: datetime) -> dict[str, Any]:
    """The columns of a kept footprint; its load keeps the weight it has then."""
    strains = saturating.strains(found.reach, at).values()
    return {
        "scopes": [key(scope) for scope in found.reach],
        "reach": list(found.reach.values()),
        "depth": found.depth,
        "told": [one.spelled() for one in found.told],
        "strain": max((one.factor for one in strains), default=1.0),
        "skus": found.skus.astype(KEYS).tobytes(),
    }


def key(scope: Scope) -> str:
    """A scope as footprints spell it; a shelf without a name is `category:`."""
    return str(scope) if scope.name or scope == EVERYTHING else f"{scope.kind}:"
