"""Drafts without a date, each with the lane of the calendar it belongs to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from console.campaigns.models import Campaign
from console.campaigns.queries.footprints import known
from console.campaigns.rules import State
from console.fatigue.rules import Kind, Scope

MOST = 12


@dataclass(frozen=True)
class Undated:
    """A draft to be placed. lane: where, None if there is no lane of its own.

    shown: that lane is on the page.
    """

    campaign: Campaign
    lane: Scope | None
    shown: bool

    @property
    def elsewhere(self) -> str:
        """The key of its lane, where that is not on the page."""
        return "" if self.shown or self.lane is None else str(self.lane)


def undated(
    by: Kind, shown: Collection[Scope], there: Collection[Scope]
) -> list[Undated]:
    """The drafts that were touched last, twelve at most; what is theirs may be kept.

    by: what lanes are of. shown, there: the lanes of the page, and all there are, in
    order. Of several lanes of a draft the first that is shown is meant.
    """
    found = Campaign.objects.filter(state=State.DRAFT, opens_at=None)
    found = found.select_related("audience", "footprint").defer("footprint__skus")
    drafts = list(found.order_by("-updated_at", "-pk")[:MOST])
    touched = known(drafts)
    made = []
    for one in drafts:
        own = {scope for scope in touched[one.pk].reach if scope.kind is by}
        lanes = [scope for scope in (*shown, *there) if scope in own]
        lane = lanes[0] if lanes else None
        made.append(Undated(one, lane, lane in shown))
    return made
