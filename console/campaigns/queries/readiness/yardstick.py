"""What the reductions of a plan are measured by: laws, their clocks, channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from console.campaigns.models import Campaign
from console.campaigns.queries import places
from console.campaigns.queries.places import Held
from console.campaigns.queries.readiness import last
from console.campaigns.rules import Opening, PriceKind
from console.prices.models import WEB
from console.prices.rules import Clock
from console.prices.rules.packs import Law, Pack

LAW = Law("eu")
"""Of a shop without markets."""
Ruled = tuple[Pack, tuple[Clock, ...]]
"""A law, and where the reduction begins in its markets."""


@dataclass(frozen=True)
class Yardstick:
    """What the reductions of a plan are measured by.

    code: of the campaign; its own prices count in none of its markets. clocks: where it
    begins, the first first; usually one.
    outside: the prices are outside of the 30-day rule. by_last: perishable goods are
    measured from the price right before. advised: no law measures reductions.
    """

    code: str
    currency: str
    channels: tuple[str, ...]
    clocks: tuple[Clock, ...]
    outside: bool = False
    by_last: bool = False
    advised: bool = False

    def besides(self, clock: Clock) -> str | None:
        """Whose prices do not count: its own, once it has begun in another market."""
        return self.code if clock.at > self.clocks[0].at else None


def by_law(held: Sequence[Held], at: datetime) -> list[Ruled]:
    """Each law once, of the day it is then in the shop, with its clocks.

    at: when the first market opens.
    """
    found: dict[Law, set[Clock]] = {}
    for one in held or [Held(LAW, settings.SHOP_ZONE)]:
        found.setdefault(one.law, set()).add(one.clock(at))
    return [
        (law.at(at, settings.SHOP_ZONE), tuple(sorted(clocks)))
        for law, clocks in found.items()
    ]


def yardstick_of(
    campaign: Campaign, *, now: datetime, openings: Sequence[Opening] | None = None
) -> Yardstick:
    """The yardstick of a saved plan. openings: as resolved, where known."""
    found = places.resolved(campaign) if openings is None else openings
    return yardstick(
        campaign.code,
        campaign.currency,
        campaign.channels,
        places.once(places.held_by(campaign, found)),
        campaign.opens_at or now,
        kind=campaign.price_kind,
    )


def yardstick(
    code: str,
    currency: str,
    channels: Sequence[str],
    held: Sequence[Held],
    at: datetime,
    *,
    kind: str,
) -> Yardstick:
    """The yardstick of a plan. held: the laws of its markets. kind: of its prices."""
    ruled = by_law(held, at)
    packs = [pack for pack, _ in ruled]
    return Yardstick(
        code,
        currency,
        tuple(channels) or (WEB,),
        tuple(sorted({clock for _, clocks in ruled for clock in clocks})),
        outside=PriceKind(kind).outside,
        by_last=last.counts(packs),
        advised=not last.measures(packs),
    )
