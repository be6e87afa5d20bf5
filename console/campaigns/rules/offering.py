"""Whom the price of a sale is for."""

from __future__ import annotations

from enum import StrEnum


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
