"""The last change of a draft that can be taken back: of its lines, or of its date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from console.audit.models import Entry
from console.campaigns.models import Campaign, Undo

WINDOW = {"opens_local", "closes_local", "opens_at", "closes_at"}
"""All that a move changes; the instants follow from the local times."""
EDIT = "campaign.edit"


@dataclass(frozen=True)
class Undoable:
    """What was changed last, by whom and when.

    kept: the key of its record, of lines. window: start and end it had before, naive,
    on the clock of its zone; None where it had none. One of the two.
    """

    what: str
    who: str
    at: datetime
    kept: int | None = None
    window: tuple[datetime | None, datetime | None] | None = None


def last_change(campaign: Campaign) -> Undoable | None:
    """What can be taken back; None if it was nothing, or something else was done since.

    A date can be taken back while it is the last thing anybody did to the plan.
    """
    return _moved(campaign) or _lines(campaign)


def _moved(campaign: Campaign) -> Undoable | None:
    about = Entry.objects.filter(
        object_type="campaigns.campaign", object_id=str(campaign.pk)
    )
    last = about.order_by("-position").first()
    if last is None or last.verb != EDIT or not set(last.after or {}) <= WINDOW:
        return None
    was = last.before or {}
    opens = _was(was, "opens_local", campaign.opens_local)
    closes = _was(was, "closes_local", campaign.closes_local)
    return Undoable("Moved", last.actor_name, last.at, window=(opens, closes))


def _was(
    before: Mapping[str, str | None], name: str, now: datetime | None
) -> datetime | None:
    """What a term said before the change, or says now where that left it alone."""
    said = before.get(name)
    if name not in before:
        return now
    return datetime.fromisoformat(said) if said else None


def _lines(campaign: Campaign) -> Undoable | None:
    kept = Undo.objects.filter(campaign=campaign).select_related("by").first()
    if kept is None:
        return None
    who = kept.by.get_full_name() or kept.by.get_username()
    return Undoable(kept.what, who, kept.at, kept=kept.pk)
