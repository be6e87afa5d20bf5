"""Which campaigns there are, and which opens next, as stock wants to hear of them."""

from __future__ import annotations

from datetime import datetime

from console.campaigns.models import Campaign
from console.campaigns.rules import SUSPENDABLE, State

_AHEAD = sorted({State.APPROVED, *SUSPENDABLE})


def known(code: str) -> bool:
    """Whether there is a campaign of that code, in whatever state."""
    return Campaign.objects.filter(code=code).exists()


def opens_next(now: datetime) -> str:
    """The code of the approved campaign that opens next, or ''.

    One that is late to open counts until its end.
    """
    found = Campaign.objects.filter(state__in=_AHEAD, closes_at__gt=now)
    codes = found.order_by("opens_at", "pk").values_list("code", flat=True)
    return codes.first() or ""
