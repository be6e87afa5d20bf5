"""Breaking the glass: one person alone, with a reason, and a review by another."""

from __future__ import annotations

from datetime import datetime

from console.errors import Refusal


class NotConfirmed(Refusal):
    """The code of the campaign was not typed, or not rightly."""

    code = "not_confirmed"
    status = 422


class NotReviewed(Refusal):
    """One person let it go alone, and nobody has reviewed that yet."""

    code = "not_reviewed"


class NothingToReview(Refusal):
    """No glass was broken, or its review was written already."""

    code = "nothing_to_review"


class OwnGlass(Refusal):
    """Who broke the glass does not review it."""

    code = "own_glass"


def check_typed(typed: str, code: str) -> None:
    """Refuse what was not meant: the code is typed by hand.

    Raises:
        NotConfirmed: naming what to type.
    """
    if typed.strip().upper() != code.upper():
        raise NotConfirmed(f"Type {code} to confirm.", field="typed")


def check_reviewed(unreviewed_since: datetime | None) -> None:
    """Refuse to close what nobody has reviewed.

    Raises:
        NotReviewed: what is missing.
    """
    if unreviewed_since is not None:
        raise NotReviewed(
            "One person approved it alone. It closes once somebody else has reviewed "
            "that."
        )


def check_reviewer(breaker: int, reviewer: int) -> None:
    """Refuse a review by who broke the glass.

    Raises:
        OwnGlass: somebody else is needed.
    """
    if breaker == reviewer:
        raise OwnGlass("You broke the glass, so somebody else reviews it.")
