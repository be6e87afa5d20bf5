"""Settling that two plans want one price: exclude, take over, or move behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from console.audit.operations import operation
from console.campaigns import rules
from console.campaigns.models import Campaign, Line
from console.campaigns.operations.changes import locked
from console.campaigns.operations.lines import remove_lines
from console.campaigns.operations.moves import move
from console.campaigns.queries import conflicts
from console.campaigns.queries.conflicts import Conflict
from console.campaigns.rules import State, WrongState
from console.errors import Refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DAY = timedelta(days=1)


class Way(StrEnum):
    """What settles a conflict."""

    EXCLUDE = "exclude"
    TAKE_OVER = "take_over"
    MOVE = "move"


class NoConflict(Refusal):
    """The two campaigns do not want the same price any more."""

    code = "no_conflict"


@operation()
def settle(code: str, other: str, way: Way, *, actor: User, now: datetime) -> Campaign:
    """Settle the conflict of a draft with another campaign.

    exclude: their SKUs leave this plan. take_over: they leave the other plan, which
    must be a draft too. move: this sale opens after the other closes, on the first day
    at the same time of day that the fatigue policies allow or refuse by name.

    Raises:
        NoConflict: they want different prices by now.
        WrongState: the plan that would change is no draft.
        NotAllowedYet: a policy forbids the new day.
    """
    for name in sorted((code, other)):
        locked(name, actor if name == code else None)
    campaign = Campaign.objects.get(code=code)
    found = next((o for o in conflicts.of(campaign) if o.code == other), None)
    if found is None:
        raise NoConflict(f"{code} and {other} are not in conflict any more.")
    _WAYS[way](campaign, found, actor, now)
    campaign.refresh_from_db()
    return campaign


def _exclude(campaign: Campaign, other: Conflict, actor: User, now: datetime) -> None:
    _remove(campaign.code, other.code, actor, now)


def _take_over(campaign: Campaign, other: Conflict, actor: User, now: datetime) -> None:
    _remove(other.code, campaign.code, actor, now)


def _remove(code: str, other: str, actor: User, now: datetime) -> None:
    """Take the SKUs of another campaign out of a draft."""
    _check_draft(code)
    theirs = Line.objects.filter(campaign__code=other).values("sku")
    shared = Line.objects.filter(campaign__code=code, sku__in=theirs)
    keys = list(shared.values_list("pk", flat=True))
    remove_lines(code, line_ids=keys, actor=actor, now=now)


def _check_draft(code: str) -> None:
    state = State(Campaign.objects.values_list("state", flat=True).get(code=code))
    if state is not State.DRAFT:
        raise WrongState(
            f"{code} is {state.label.lower()}, so nothing leaves it. Take it back to "
            "draft, or amend it."
        )


def _move(campaign: Campaign, other: Conflict, actor: User, now: datetime) -> None:
    assert campaign.opens_at and campaign.closes_local and campaign.opens_local
    days = -((campaign.opens_at - other.closes_at) // DAY)
    opens = campaign.opens_local + days * DAY
    if rules.instant(opens, campaign.zone, fold=campaign.fold) < other.closes_at:
        days += 1  # the clocks were put forward between
    move(
        campaign.code,
        opens_local=campaign.opens_local + days * DAY,
        closes_local=campaign.closes_local + days * DAY,
        version=campaign.version,
        actor=actor,
        now=now,
    )


_WAYS: dict[Way, Callable[[Campaign, Conflict, User, datetime], None]] = {
    Way.EXCLUDE: _exclude,
    Way.TAKE_OVER: _take_over,
    Way.MOVE: _move,
}
