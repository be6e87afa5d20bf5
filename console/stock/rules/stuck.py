"""When units count as stuck: neither for sale nor sold, for longer than they may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SWEPT_WITHIN = timedelta(seconds=60)
"""The sweeper comes every second; a hold that expired so long ago was passed over."""
RETURNED_WITHIN = timedelta(minutes=15)
"""After a sale closed and its last hold ran out, so long may giving back take."""
LOOKED_WITHIN = timedelta(minutes=3)
"""Somebody looks every minute; three left out are told."""


class StuckKind(StrEnum):
    """Why units can neither be sold nor were."""

    ORPHAN = "orphan"
    ENDED_HOLD = "ended_hold"
    UNSWEPT = "unswept"
    NOT_RETURNED = "not_returned"
    SHOWN_AS_GONE = "shown_as_gone"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return LABELS[self]


LABELS = {
    StuckKind.ORPHAN: "Counted as taken, held by nobody",
    StuckKind.ENDED_HOLD: "Held for a reservation that has ended",
    StuckKind.UNSWEPT: "Held by a reservation that has expired",
    StuckKind.NOT_RETURNED: "Sale closed, stock not given back",
    StuckKind.SHOWN_AS_GONE: "Shown as sold out by a shop, though there are units",
}


@dataclass(frozen=True)
class Stuck:
    """Units of one SKU of a sale that nobody can buy. why: what keeps them so."""

    kind: str
    campaign: str
    sku: str
    units: int
    allocation_id: int
    why: str = ""

    @property
    def label(self) -> str:
        """What is the matter, in words."""
        return StuckKind(self.kind).label if self.kind in set(StuckKind) else self.kind
