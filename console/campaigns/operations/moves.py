"""Placing a draft on the calendar: another day, another end, or none at all."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation
from console.campaigns import rules
from console.campaigns.models import Campaign
from console.campaigns.operations.changes import locked
from console.campaigns.operations.drafts import Terms, edit
from console.campaigns.queries import conflicts, freezes, readiness
from console.campaigns.rules import NotAllowedYet, State, WrongState

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@operation()
def move(
    code: str,
    *,
    opens_local: datetime | None,
    closes_local: datetime | None,
    version: int,
    actor: User,
    now: datetime,
) -> Campaign:
    """Give a draft another window, where nothing forbids it; or take it off.

    opens_local, closes_local: naive, on the wall clock of its zone; None for no date.

    Raises:
        WrongState: it is no draft: take it back first.
        StaleEdit: somebody changed it since.
        WindowPassed: it would start in the past.
        NotAllowedYet: a policy or a freeze forbids that start, or another campaign owns
            the price of one of its SKUs then; names it and the way out.
        TimeDoesNotExist, TimeIsAmbiguous, EndsBeforeStart: the window.
    """
    campaign = locked(code, actor)
    if campaign.state != State.DRAFT:
        raise WrongState(
            f"The campaign is {State(campaign.state).label.lower()}. Take it back to "
            "draft to move it."
        )
    said = {name: getattr(campaign, name) for name in Terms.__dataclass_fields__}
    window = {"opens_local": opens_local, "closes_local": closes_local}
    moved = edit(
        code, terms=Terms(**(said | window)), version=version, actor=actor, now=now
    )
    if moved.opens_at is not None:
        rules.check_opening(moved.opens_at, now)
        _check_day(moved, now)
    return moved


def _check_day(campaign: Campaign, now: datetime) -> None:
    plan = readiness.candidate(campaign)
    assert campaign.opens_at and campaign.closes_at
    held = freezes.in_the_way(plan.touch, campaign.opens_at, campaign.closes_at)
    met = conflicts.between(plan.code, plan.spots, plan.opens_at, plan.closes_at)
    said = (
        *(freezes.said(one, at=campaign.opens_at) for one in held),
        *(one.said for one in met if one.owns),
        *readiness.tires(plan, now=now).values(),
    )
    for why in said:
        raise NotAllowedYet(f"{why.rstrip('.')}. Choose a day that is allowed.")
