"""What becomes of paid units that are not there."""

from __future__ import annotations

from enum import StrEnum

from console.errors import Refusal


class Resolution(StrEnum):
    """How a shortfall was settled with its buyer."""

    REFUND = "refund"
    SUBSTITUTE = "substitute"
    BACKORDER = "backorder"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return RESOLUTIONS[self]


RESOLUTIONS = {
    Resolution.REFUND: "Refunded",
    Resolution.SUBSTITUTE: "Replaced",
    Resolution.BACKORDER: "Sent later",
}


class AlreadyResolved(Refusal):
    """Somebody resolved it before, otherwise."""

    code = "already_resolved"
