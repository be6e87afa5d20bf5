"""Locations: what they may be called, in which order they stand, and refusals."""

from __future__ import annotations

from collections.abc import Sequence

from console.errors import Refusal
from console.stock.rules.sizes import StaleEdit

LONGEST_NAME = 100
MOST_LOCATIONS = 1000


class BadLocation(Refusal):
    """A location that cannot be."""

    code = "bad_location"
    status = 422


class LocationTaken(Refusal):
    """Another location has that name."""

    code = "location_taken"


class LocationInUse(Refusal):
    """Levels, feeds or policies belong to it."""

    code = "location_in_use"


class LocationGone(Refusal):
    """Somebody removed it since the page was opened."""

    code = "location_gone"


def location_name(said: str) -> str:
    """The name of a location, without what stands around it.

    Raises:
        BadLocation: none, or one that is too long.
    """
    name = said.strip()
    if not name or len(name) > LONGEST_NAME:
        told = f"Name the location, in {LONGEST_NAME} characters or fewer."
        raise BadLocation(told, field="name")
    return name


def moved(order: Sequence[int], one: int, *, up: bool) -> list[int]:
    """The order after one of it changed places with its neighbour; at an end, the same.

    Raises:
        ValueError: it is not in the order.
    """
    at = order.index(one)
    other = at - 1 if up else at + 1
    found = list(order)
    if 0 <= other < len(found):
        found[at], found[other] = found[other], found[at]
    return found


def check_order(seen: Sequence[int], now: Sequence[int]) -> None:
    """Refuse to move by an order that is not the present one.

    Raises:
        StaleEdit: somebody moved, added or removed a location since.
    """
    if list(seen) != list(now):
        raise StaleEdit(
            "Somebody changed the order of locations since you read it. Look at the "
            "order there is now, then move it."
        )
