"""Resolving the dates of a plan anew, where clocks or markets changed since."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Campaign
from console.campaigns.operations.changes import difference, locked, spelled
from console.campaigns.operations.drafts import note_forecast, touch
from console.campaigns.queries import places
from console.campaigns.rules import Incomplete

if TYPE_CHECKING:
    from django.contrib.auth.models import User

INSTANTS = ("opens_at", "closes_at")


@operation()
def resolve(code: str, *, actor: User, now: datetime) -> Campaign:
    """Give a plan the instants its wall clock times mean by the clocks of now.

    Whatever was decided about the old ones is void. Nothing happens where they hold.

    Raises:
        Incomplete: it has no date.
        WrongState: its plan is at work already.
        TimeDoesNotExist, TimeIsAmbiguous, EndsBeforeStart: clocks do not show those
            times once any more; choose others.
    """
    campaign = locked(code, actor)
    found = places.openings(campaign)
    if not found:
        raise Incomplete("Choose when the sale starts.", field="opens_local")
    old = _instants(campaign)
    window = rules.envelope(found)
    campaign.opens_at, campaign.closes_at = window.opens_at, window.closes_at
    before, after = difference(old, _instants(campaign))
    if not after:
        return campaign
    campaign.version += 1
    campaign.save(update_fields=[*INSTANTS, "version"])
    touch(campaign, actor=actor, now=now)
    note_forecast(campaign, now)
    record(actor, "campaign.resolve", campaign, now=now, before=before, after=after)
    return campaign


def _instants(campaign: Campaign) -> dict[str, object]:
    return {name: spelled(getattr(campaign, name)) for name in INSTANTS}
