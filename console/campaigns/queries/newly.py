"""What a changed sale runs into that the sale as it is keeps clear of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from console.campaigns.models import Freeze
from console.campaigns.queries.freezes import in_the_way
from console.campaigns.queries.readiness import Candidate, Check, tires


def broken(before: Candidate, after: Candidate, *, now: datetime) -> list[Check]:
    """The freezes and the rules of fatigue policies that stand in its way now."""
    return [*_frozen(before, after, now), *_tired(before, after, now)]


def _frozen(before: Candidate, after: Candidate, now: datetime) -> Iterator[Check]:
    for one in freezes(before, after, now=now):
        yield Check("bad", f"It would run into a freeze: {one.name}")


def freezes(before: Candidate, after: Candidate, *, now: datetime) -> list[Freeze]:
    """Those in the time that is new, and those of shelves that are new, from now on.

    One that an approver passed over for the sale as it is stands again in what is new.
    """
    if after.opens_at is None or after.closes_at is None or before.closes_at is None:
        return []
    opens, was = max(now, after.opens_at), before.closes_at
    found = in_the_way(after.touch, opens, after.closes_at)
    if not found:
        return []
    known = {one.pk for one in in_the_way(before.touch, opens, was)}
    return [one for one in found if one.pk not in known or _beyond(one, was, after)]


def _beyond(one: Freeze, was: datetime, after: Candidate) -> bool:
    """True if it holds at an instant the sale does not have yet."""
    assert after.closes_at
    return was < after.closes_at and one.ends_at > was


def _tired(before: Candidate, after: Candidate, now: datetime) -> Iterator[Check]:
    broken = tires(after, now=now)
    known = tires(before, now=now) if broken else {}
    for rule, text in broken.items():
        if rule not in known:
            yield Check("bad", text)
