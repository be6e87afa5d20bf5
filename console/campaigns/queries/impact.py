"""What a changed sale runs into that the sale as it is keeps clear of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from console.campaigns.models import Campaign, Freeze
from console.campaigns.queries import conflicts, effects
from console.campaigns.queries.freezes import in_the_way
from console.campaigns.queries.readiness import Candidate, Check, candidate, tires


def of_end(campaign: Campaign, closes_at: datetime, *, now: datetime) -> list[Check]:
    """What another end of a sale runs into, and what it does to other sales.

    Nothing where the sale gets no longer by it.
    """
    if campaign.closes_at is None or closes_at <= campaign.closes_at:
        return []
    before = candidate(campaign)
    return found(before, replace(before, closes_at=closes_at), now=now)


def found(before: Candidate, after: Candidate, *, now: datetime) -> list[Check]:
    """The same of any change."""
    return [
        *broken(before, after, now=now),
        *_owned(before, after),
        *effects.warnings(before, after, now=now),
    ]


def broken(before: Candidate, after: Candidate, *, now: datetime) -> list[Check]:
    """The freezes and the rules of fatigue policies that stand in its way now."""
    return [*_frozen(before, after, now), *_tired(before, after, now)]


def _owned(before: Candidate, after: Candidate) -> Iterator[Check]:
    """Other sales that set the same prices at a time it does not have yet."""
    met = conflicts.between(after.code, after.spots, after.opens_at, after.closes_at)
    if not met:
        return
    was = conflicts.between(
        before.code, before.spots, before.opens_at, before.closes_at
    )
    known = {one.code for one in was}
    for one in met:
        if one.code not in known:
            yield Check("bad" if one.owns else "warn", one.said)


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
