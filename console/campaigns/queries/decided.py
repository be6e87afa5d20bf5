"""The decision log of a campaign: approvals, reasons, and what people wrote down."""

from __future__ import annotations

from console.audit.models import Entry
from console.campaigns.models import Campaign

VERBS = {
    "campaign.submit": "Submitted",
    "campaign.withdraw": "Taken back",
    "campaign.reject": "Sent back",
    "campaign.approve": "Approved",
    "campaign.arm": "Armed",
    "campaign.propose": "Amendment proposed",
    "campaign.amend": "Amendment approved",
    "campaign.turn_down": "Amendment turned down",
    "campaign.take_back": "Amendment withdrawn",
    "campaign.extend": "End moved",
    "campaign.resolve": "Dates resolved again",
    "campaign.pause": "Paused",
    "campaign.resume": "Resumed",
    "campaign.end": "Ended",
    "campaign.exhaust": "Ended: budget used up",
    "campaign.abort": "Aborted",
    "campaign.fail": "Failed",
    "campaign.decide": "Decided",
}
SHOWN = 200


def log(campaign: Campaign) -> list[tuple[str, Entry]]:
    """What was decided, in words, and the entry of the trail; the newest first."""
    entries = Entry.objects.filter(
        object_type="campaigns.campaign", object_id=str(campaign.pk), verb__in=VERBS
    )
    return [(VERBS[one.verb], one) for one in entries.order_by("-position")[:SHOWN]]
