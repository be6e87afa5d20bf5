"""What the law asks of an offer: whom it is for, since when the goods are sold."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo


class PriceKind(StrEnum):
    """What the price is, as the law on reductions sees it.

    MEMBERS: of a loyalty programme, or holders of a code anybody can get: in the eyes
    of the law that is everybody. CONDITIONAL: bought together or by quantity only.
    """

    PUBLIC = "public"
    MEMBERS = "members"
    PERSONAL = "personal"
    CONDITIONAL = "conditional"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return {
            PriceKind.PUBLIC: "Everybody",
            PriceKind.MEMBERS: "Members, or holders of a code anybody can get",
            PriceKind.PERSONAL: "One shopper, personally",
            PriceKind.CONDITIONAL: "Buyers of several together, as 3 for 2",
        }[self]

    @property
    def offer(self) -> str:
        """The kind, as prices keep it apart; blank where it is for everybody."""
        return self.value if self.outside else ""

    @property
    def outside(self) -> bool:
        """True if it is outside of the 30-day rule."""
        return self in OUTSIDE


OUTSIDE = (PriceKind.PERSONAL, PriceKind.CONDITIONAL)
"""Kinds of price that the 30-day rule neither measures nor counts."""


def on_market_from(day: date | None, zone: str) -> datetime | None:
    """The instant from which goods count as on the market: when that day begins."""
    return datetime.combine(day, time.min, ZoneInfo(zone)) if day else None
