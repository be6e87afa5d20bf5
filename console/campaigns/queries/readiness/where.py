"""What other campaigns, and the shops themselves, say about where a plan sells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from console.campaigns import rules
from console.campaigns.models import Campaign
from console.campaigns.queries import conflicts
from console.campaigns.queries.conflicts import Conflict
from console.campaigns.queries.readiness.parts import (
    Candidate,
    Check,
    Section,
    counted,
    ordered,
)
from console.campaigns.rules import Opening, Window
from console.stock import queries as stock

SHIFTED = "Clocks or markets changed, and with them its start. Resolve its dates again"
TORN = "one price for {} cannot start at different times. Choose one instant"
BEYOND = "its price also holds in {}. Add them, or leave this shop's markets out"


def shifted(campaign: Campaign, found: Sequence[Opening]) -> bool:
    """True if clocks have new rules by now, and show that time at another instant."""
    if campaign.opens_at is None or campaign.closes_at is None:
        return False
    saved = Window(campaign.opens_at, campaign.closes_at)
    return not found or rules.envelope(found) != saved


def section(plan: Candidate) -> Iterator[Section]:
    """Conflicts, and shops that cannot show what is planned, where there are any."""
    found = conflicts.between(plan.code, plan.spots, plan.opens_at, plan.closes_at)
    checks = ordered(
        [*_clocks(plan), *_conflicts(found), *_torn(plan), *_sold_out(plan)]
    )
    if checks:
        word, figures = counted(checks, ""), {"conflicts": found}
        yield Section("where", "Markets and shops", word, checks, figures)


def _clocks(plan: Candidate) -> Iterator[Check]:
    if plan.shifted:
        yield Check("bad", SHIFTED, fix="resolve")


def _conflicts(found: Sequence[Conflict]) -> Iterator[Check]:
    for one in found:
        tone = "bad" if one.owns else "warn"
        yield Check(tone, one.said, show="clashes", dated=one.owns)


def _torn(plan: Candidate) -> Iterator[Check]:
    """A shop has one price for all of its markets, so they go together."""
    for shop in plan.shops:
        if shop.torn:
            names = " and ".join(place.name for place in shop.places)
            yield Check("bad", f"{shop.connection}: {TORN.format(names)}")
        if shop.beyond:
            names = " and ".join(shop.beyond)
            yield Check("bad", f"{shop.connection}: {BEYOND.format(names)}")


def _sold_out(plan: Candidate) -> Iterator[Check]:
    """Shops that cannot do what the sale asks for once units are gone."""
    if plan.code:
        shops = [shop.connection for shop in plan.shops]
        for one in stock.unable(plan.code, shops):
            yield Check("warn", one.told, key=f"sold-out-{one.connection}-{one.way}")
