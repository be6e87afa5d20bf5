"""What the law asks of an offer: whom it is for, since when the goods are sold."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo


class PriceKind(StrEnum):
    """What the price is, as the law on reductions sees it."""

    PUBLIC = "public"
    PERSONAL = "personal"
    CONDITIONAL = "conditional"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return {
            PriceKind.PUBLIC: "Everybody",
            PriceKind.PERSONAL: "One shopper, personally",
            PriceKind.CONDITIONAL: "Members, or on a condition",
        }[self]


def on_market_from(day: date | None, zone: str) -> datetime | None:
    """The instant from which goods count as on the market: when that day begins."""
    return datetime.combine(day, time.min, ZoneInfo(zone)) if day else None
