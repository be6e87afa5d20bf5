"""Whether shoppers were told when a sale ends, and whether that end was moved since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.campaigns.models import Approval, Campaign
from console.campaigns.rules import Told, shown_from


@dataclass(frozen=True)
class Advertised:
    """countdown: an end is advertised. moved: it was moved after that."""

    countdown: bool = False
    moved: bool = False


def advertised(campaign: Campaign, told: Sequence[Told]) -> Advertised:
    """How a campaign advertises its end; one query where it does.

    told: its announcements.
    """
    if campaign.opens_at is None or campaign.closes_at is None:
        return Advertised()
    since = shown_from(
        told, campaign.opens_at, campaign.closes_at, opened_at=campaign.opened_at
    )
    if since is None:
        return Advertised()
    moves = campaign.approvals.filter(kind=Approval.Kind.AMEND, at__gte=since)
    return Advertised(countdown=True, moved=moves.exists())
