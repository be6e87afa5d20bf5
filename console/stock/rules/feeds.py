"""What others tell of stock: kinds of movements, what they do to a level, how late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.errors import Refusal

MOST_MOVEMENTS = 1_000
MOST_UNITS = 1_000_000
FULLEST = 2_000_000_000
"""A level counts no further."""
AHEAD = timedelta(minutes=5)
OLDEST = timedelta(days=31)
RETRY = timedelta(seconds=60)
"""What found no room is tried again so often, besides whenever news comes."""


class FeedKind(StrEnum):
    """What tells us."""

    TILL = "till"
    MARKETPLACE = "marketplace"
    RETURNS = "returns"
    WAREHOUSE = "warehouse"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return self.value.capitalize()


class MovementKind(StrEnum):
    """What happened to units at a place. counted: so many are there, whatever was."""

    SOLD = "sold"
    SENT = "sent"
    RETURNED = "returned"
    RECEIVED = "received"
    COUNTED = "counted"


LEAVING = frozenset({MovementKind.SOLD, MovementKind.SENT})
PAUSED = frozenset(MovementKind) - LEAVING
"""What a fence parks: all that sets stock or makes more of it. Units that left are gone
whoever sells: kept back, shops would sell them a second time."""


class MovementState(StrEnum):
    """How far a movement is.

    waiting: kept, not in the books yet. covered: a later count knows it. parked: a
    fence is up. short: it would take units that are promised. refused: it names what
    is not there. discarded: a person decided so.
    """

    WAITING = "waiting"
    APPLIED = "applied"
    COVERED = "covered"
    PARKED = "parked"
    SHORT = "short"
    REFUSED = "refused"
    DISCARDED = "discarded"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return STATES[self]


STATES = {
    MovementState.WAITING: "Waiting",
    MovementState.APPLIED: "In the books",
    MovementState.COVERED: "In a later count",
    MovementState.PARKED: "Parked by a fence",
    MovementState.SHORT: "Does not fit",
    MovementState.REFUSED: "Refused",
    MovementState.DISCARDED: "Discarded",
}
PENDING = frozenset({MovementState.WAITING, MovementState.PARKED, MovementState.SHORT})
"""States of what is still to be booked."""
HELD = frozenset({MovementState.SHORT, MovementState.REFUSED})
"""States in which a person has to look."""


class UnknownFeed(Refusal):
    """No active feed has this name."""

    code = "unknown_feed"
    status = 404


class FeedNameTaken(Refusal):
    """Another feed has this name."""

    code = "name_taken"
    status = 422


class FeedSecretTaken(Refusal):
    """Another feed signs with this secret."""

    code = "secret_taken"
    status = 422


class BadFeed(Refusal):
    """The body cannot be read; `field` says where."""

    code = "bad_feed"
    status = 422


class FeedTooLarge(Refusal):
    """The body is larger than 1,000 movements can be."""

    code = "body_too_large"
    status = 413


class NothingHeld(Refusal):
    """What was to be decided on is decided."""

    code = "nothing_held"


Key = tuple[datetime, str]
"""When a count was, and what its sender calls it: counts have one order."""


@dataclass(frozen=True)
class Pending:
    """A movement of one level that is still to be booked."""

    id: int
    kind: MovementKind
    units: int
    at: datetime
    name: str

    @property
    def key(self) -> Key:
        """Its place among counts."""
        return self.at, self.name

    @property
    def change(self) -> int:
        """Units more, or less, on hand; of a count nobody knows."""
        return -self.units if self.kind in LEAVING else self.units


@dataclass(frozen=True)
class Books:
    """What a locked level says.

    counted: the newest count it knows. since: units that came (or went, below 0) after
    the newest count that is pending.
    """

    on_hand: int
    promised: int
    counted: Key | None = None
    since: int = 0


@dataclass(frozen=True)
class Booked:
    """What becomes of one movement. expected: what a count should have found."""

    id: int
    state: MovementState
    change: int = 0
    expected: int | None = None
    reason: str = ""


def newest_count(pending: Sequence[Pending]) -> Pending | None:
    """The count that says what is there, of several."""
    counts = [one for one in pending if one.kind == MovementKind.COUNTED]
    return max(counts, key=lambda one: one.key, default=None)


def book(books: Books, pending: Sequence[Pending]) -> list[Booked]:
    """What becomes of each movement of one level, whatever their order of arrival.

    A count holds for its instant: what happened before is in it, what happened later
    is added. So any order ends with the same on hand, as long as all of it fits. What
    would take promised units is short: kept, never cut.
    """
    count = newest_count(pending)
    found: list[Booked] = []
    newer = [one for one in pending if one.kind != MovementKind.COUNTED]
    on_hand, cut = books.on_hand, books.counted
    if count is not None:
        told = _counted(books, count, newer)
        found = [told, *_old_counts(pending, count, told)]
        if told.state == MovementState.APPLIED:
            on_hand, cut = on_hand + told.change, count.key
    later = [one for one in newer if cut is None or one.at > cut[0]]
    known = {one.id for one in later}
    found += [Booked(o.id, MovementState.COVERED) for o in newer if o.id not in known]
    return [*found, *_moved(on_hand, books.promised, later)]


def _old_counts(
    pending: Sequence[Pending], count: Pending, told: Booked
) -> list[Booked]:
    """Older counts say nothing new, unless the later one turns out to be wrong."""
    short = told.state == MovementState.SHORT
    state = MovementState.SHORT if short else MovementState.COVERED
    return [
        Booked(one.id, state, reason=LATER if short else "")
        for one in pending
        if one.kind == MovementKind.COUNTED and one is not count
    ]


def _counted(books: Books, count: Pending, others: Sequence[Pending]) -> Booked:
    """A count that is older than the one we know says nothing new."""
    if books.counted is not None and count.key <= books.counted:
        return Booked(count.id, MovementState.COVERED)
    there = count.units + books.since
    coming = sum(o.change for o in others if o.at > count.at and o.change > 0)
    expected = books.on_hand - books.since
    if there + coming < books.promised:
        why = _short(books.promised, f"It leaves {there + coming:,} on hand")
        return Booked(count.id, MovementState.SHORT, expected=expected, reason=why)
    if there + coming > FULLEST:
        return Booked(count.id, MovementState.SHORT, reason=TOO_FULL)
    change = there - books.on_hand
    return Booked(count.id, MovementState.APPLIED, change, expected)


def _moved(on_hand: int, promised: int, moves: Sequence[Pending]) -> list[Booked]:
    """Units that come first, then those that leave by their time: as many as fit."""
    found = []
    for one in sorted(moves, key=lambda o: (o.change < 0, o.at, o.name)):
        after = on_hand + one.change
        if one.change < 0 and after < promised:
            why = _short(promised, f"{on_hand:,} are on hand, it takes {one.units:,}")
            found.append(Booked(one.id, MovementState.SHORT, reason=why))
        elif after > FULLEST:
            found.append(Booked(one.id, MovementState.SHORT, reason=TOO_FULL))
        else:
            on_hand = after
            found.append(Booked(one.id, MovementState.APPLIED, one.change))
    return found


LATER = "A later count of the same level does not fit: decide on that first."
TOO_FULL = "The level would count more units than any shelf has. Count it."


def _short(promised: int, told: str) -> str:
    return (
        f"{told}, and {promised:,} are promised to orders and sales. "
        "Count the shelf, or free what is promised, then try again."
    )
