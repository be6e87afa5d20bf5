"""Short-lived passes to the stream: who may watch which campaign, and until when."""

from __future__ import annotations

from django.core import signing

TTL_S = 120
"""A pass opens a stream this long; a stream once open goes on."""

_SALT = "live.stream"


def issue(user_id: int, campaign: str) -> str:
    """Make a pass for one person and one campaign."""
    return signing.dumps({"u": user_id, "c": campaign}, salt=_SALT)


def holder(ticket: str, campaign: str) -> int | None:
    """Who holds the pass; None if it is forged, too old or for another campaign."""
    try:
        told = signing.loads(ticket, salt=_SALT, max_age=TTL_S)
    except signing.BadSignature:
        return None
    if not isinstance(told, dict) or told.get("c") != campaign:
        return None
    user_id = told.get("u")
    return user_id if isinstance(user_id, int) else None
