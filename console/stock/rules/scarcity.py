"""What a shop may say about the last units: only a number the ledger has."""

from __future__ import annotations

from enum import StrEnum

FRESH_S = 5
"""So long a text may be shown after it was read; then the shop asks again."""


class Silence(StrEnum):
    """Why nothing may be said."""

    NOT_OPEN = "not_open"
    SOLD_OUT = "sold_out"
    ENOUGH = "enough"


def text(units: int) -> str:
    """The only words there are; the number is part of them."""
    return f"Only {units} left at this price"


def texts(below: int) -> list[str]:
    """The words for 1 unit left, for 2, and so on; with more than `below`, none."""
    return [text(units) for units in range(1, below + 1)]


def silence(state: str, units: int, below: int) -> Silence | None:
    """Why nothing may be said of so many units; None if something may."""
    if state != "open":
        return Silence.NOT_OPEN
    if units < 1:
        return Silence.SOLD_OUT
    return Silence.ENOUGH if units > below else None
