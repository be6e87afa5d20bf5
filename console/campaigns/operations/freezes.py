"""Freezing a period, and lifting the freeze."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.campaigns.models import Freeze
from console.campaigns.operations import suspending
from console.campaigns.queries import places
from console.campaigns.rules import EndsBeforeStart, Incomplete, check_year
from console.people import queries as people
from console.people.rules import ALL, EVERY_MARKET, check_scope

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@operation()
def freeze(
    name: str,
    *,
    starts_at: datetime,
    ends_at: datetime,
    category: str = "",
    markets: Sequence[str] = (),
    actor: User,
    now: datetime,
) -> Freeze:
    """Let nothing be armed, or run, from one instant up to another.

    What is armed already and would run during it is suspended. category, markets: only
    sales of it, and in one of them; all if empty.

    Raises:
        Incomplete: it has no name.
        EndsBeforeStart: it would end before it starts.
        YearOutOfRange: no calendar shows one of them.
        UnknownMarket: there is no such market.
        OutOfScope: the actor is limited to other categories or markets.
    """
    if not name.strip():
        raise Incomplete("Say what the freeze is for.", field="name")
    if ends_at <= starts_at:
        raise EndsBeforeStart(
            "The end must be after the start. Choose a later end.", field="ends_at"
        )
    check_year(starts_at, "starts_at")
    check_year(ends_at, "ends_at")
    there = sorted(set(markets))
    places.check_markets(there)
    _check_scope(category.strip(), there, actor)
    made = Freeze.objects.create(
        name=name.strip(),
        category=category.strip(),
        markets=there,
        starts_at=starts_at,
        ends_at=ends_at,
        by=actor,
    )
    after = {
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "category": made.category,
        "markets": there,
    }
    record(actor, "campaign.freeze", made, now=now, after=after)
    suspending.recheck_during(starts_at, ends_at, now=now)
    return made


def _check_scope(category: str, markets: Sequence[str], actor: User) -> None:
    there = set(markets) or {EVERY_MARKET}
    check_scope(people.limit_of(actor), {category or ALL}, there)


@operation()
def lift(freeze_id: int, *, actor: User, now: datetime) -> Freeze:
    """End a freeze early; lifted twice is lifted once.

    Raises:
        OutOfScope: the actor is limited to other categories or markets.
    """
    held = Freeze.objects.select_for_update().get(pk=freeze_id)
    _check_scope(held.category, held.markets, actor)
    if held.lifted_at is None:
        held.lifted_at = now
        held.save(update_fields=["lifted_at"])
        record(actor, "campaign.lift", held, now=now)
        suspending.recheck_during(held.starts_at, held.ends_at, now=now)
    return held
