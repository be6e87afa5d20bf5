"""One word, tone and icon for every state a person may read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """How a state is drawn. tone: ok, warn, bad, info or nothing (neutral)."""

    word: str
    tone: str
    icon: str


STATES: dict[str, Look] = {
    # campaigns
    "draft": Look("Draft", "", "pencil"),
    "in_review": Look("In review", "info", "eye"),
    "approved": Look("Approved", "ok", "circle-check"),
    "rejected": Look("Rejected", "warn", "undo-2"),
    "armed": Look("Armed", "ok", "lock"),
    "warming": Look("Warming", "info", "loader-circle"),
    "ready": Look("Ready", "ok", "rocket"),
    "live": Look("Live", "", ""),
    "paused": Look("Paused", "warn", "pause"),
    "ending": Look("Ending", "info", "snowflake"),
    "closed": Look("Closed", "", "archive"),
    "aborted": Look("Aborted", "bad", "square"),
    # amendments
    "proposed": Look("Proposed", "info", "eye"),
    "applied": Look("Applied", "ok", "circle-check"),
    "withdrawn": Look("Withdrawn", "", "undo-2"),
    # steps
    "planned": Look("Planned", "", "circle-dashed"),
    "due": Look("Due", "info", "clock"),
    "running": Look("Running", "info", "loader-circle"),
    "verifying": Look("Verifying", "info", "eye"),
    "verified": Look("Verified", "ok", "circle-check"),
    "failed": Look("Failed", "bad", "octagon-x"),
    "skipped": Look("Skipped", "", "skip-forward"),
    "reverting": Look("Reverting", "warn", "rotate-cw"),
    "reverted": Look("Reverted", "warn", "undo-2"),
    "gate": Look("Gate", "warn", "hand"),
    # fatigue and other verdicts
    "fresh": Look("Fresh", "ok", "circle-check"),
    "on_target": Look("On target", "info", "circle-check"),
    "saturated": Look("Saturated", "warn", "flame"),
    "blocked": Look("Blocked", "bad", "ban"),
    "allowed": Look("Allowed", "ok", "circle-check"),
    "scheduled": Look("Scheduled", "info", "calendar-days"),
    # the gate, reservations and the outbox
    "open": Look("Open", "ok", "circle-check"),
    "held": Look("Held", "info", "timer"),
    "confirmed": Look("Confirmed", "ok", "circle-check"),
    "released": Look("Released", "", "undo-2"),
    "expired": Look("Expired", "", "timer"),
    "buyer_limit": Look("More than a buyer may have", "", "ban"),
    "order_limit": Look("More than an order may have", "", "ban"),
    "paid_over": Look("Paid late, over the limit", "warn", "triangle-alert"),
    "accepted": Look("Accepted", "info", "check"),
    "queued": Look("Queued", "", "clock"),
    "leased": Look("Sending", "info", "loader-circle"),
    "sent": Look("Sent", "ok", "circle-check"),
    "relayed": Look("Relayed", "ok", "circle-check"),
    "dead": Look("Dead letter", "bad", "octagon-x"),
    # people
    "active": Look("Active", "ok", "circle-check"),
    "invited": Look("Link not used yet", "info", "key-round"),
    "deactivated": Look("Deactivated", "", "ban"),
    # health
    "ok": Look("Awake", "ok", "circle-check"),
    "late": Look("Late", "warn", "triangle-alert"),
    "down": Look("Down", "bad", "octagon-x"),
    "unknown": Look("Unknown", "", "circle-dashed"),
}

# The road of a campaign, as the bar under its name shows it.
LIFE = [
    "draft",
    "in_review",
    "approved",
    "armed",
    "warming",
    "ready",
    "live",
    "ending",
    "closed",
]
STOPS = {"paused": "live", "aborted": "ending", "failed": "ending"}


def look(state: object) -> Look:
    """How to draw a state; one nobody described is shown in plain words."""
    key = str(state or "unknown")
    return STATES.get(key) or Look(key.replace("_", " ").capitalize(), "", "info")


def life(state: object) -> list[tuple[str, str]]:
    """The road with, for each stop, `is-done`, `is-now` or nothing.

    A paused campaign stands where it was live; the word of its own state is shown.
    """
    key = str(state)
    here = LIFE.index(STOPS.get(key, key))
    return [
        (
            look(key if place == here else stop).word,
            "is-done" if place < here else "is-now" if place == here else "",
        )
        for place, stop in enumerate(LIFE)
    ]
