"""A fence keeps others from writing the stock of a sale: what is said meanwhile."""

from __future__ import annotations

from datetime import timedelta

from console.errors import Refusal

OVERDUE = timedelta(hours=1)
"""A fence whose sale ended longer ago is forgotten by whoever should drop it."""


class Fenced(Refusal):
    """A sync fence is up: others write this stock once the sale is over."""

    code = "fenced"


class NoFence(Refusal):
    """No fence is up, or nothing is left to acknowledge."""

    code = "no_fence"


def fenced(sku: str, campaign: str) -> Fenced:
    """What somebody is told who may not count past a fence."""
    return Fenced(
        f"{campaign} sells {sku}, so its stock is fenced: on hand and committed stay "
        "until the sale is over. Count it then, or ask an operator.",
        field="on_hand",
        detail={"campaign": campaign},
    )
