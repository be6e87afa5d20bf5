"""Whether shoppers were told when a sale ends, and whether that end was moved since."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.campaigns.models import Approval, Campaign
from console.campaigns.rules import Told, shown_from


@dataclass(frozen=True)
class Advertised:
    """countdown: an end is advertised. moved: it was moved after that."""

    countdown: bool = False
    moved: bool = False


def advertised(campaign: Campaign, told: Sequence[Told]) -> Advertised:
    """How a campaign advertises its end; one query where it does.

    told: its announcements. Those that count from the end were due by the end in force
    before each move, not by the one there is now.
    """
    opens_at, opened_at = campaign.opens_at, campaign.opened_at
    if opens_at is None or campaign.closes_at is None:
        return Advertised()
    if shown_from(told, opens_at, campaign.closes_at, opened_at=opened_at) is None:
        return Advertised()
    moved = False
    for at, end in _moves(campaign, campaign.closes_at):
        since = shown_from(told, opens_at, end, opened_at=opened_at)
        moved = moved or (since is not None and since <= at)
    return Advertised(countdown=True, moved=moved)


def _moves(
    campaign: Campaign, closes_at: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """When its end was moved, and the end in force before.

    Of moves that were noted without it, what their amendment says, or the end now.
    """
    rows = campaign.approvals.filter(kind=Approval.Kind.AMEND).order_by("at", "pk")
    for at, verdict in rows.values_list("at", "verdict"):
        said = verdict.get("end") or _amended(campaign, at)
        yield at, datetime.fromisoformat(said["before"]) if said else closes_at


def _amended(campaign: Campaign, at: datetime) -> dict[str, str] | None:
    made = campaign.amendments.filter(decided_at=at, end__isnull=False).first()
    return made.end if made else None
