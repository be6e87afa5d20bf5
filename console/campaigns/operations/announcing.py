"""Writing when people are told of a sale: one announcement at a time."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.campaigns import rules
from console.campaigns.models import Announcement, Campaign
from console.campaigns.operations.changes import locked
from console.campaigns.operations.drafts import touch
from console.campaigns.queries import versions
from console.campaigns.rules import BadAnnouncement, Event, Told
from console.campaigns.rules.versions import check_seen
from console.fatigue.contacts import merging as contacts
from console.fatigue.contacts.reading import day_number

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST = 20
"""Announcements of one sale."""


@operation()
def announce(
    code: str,
    told: Told,
    *,
    pk: int | None = None,
    version: int | None = None,
    actor: User,
    now: datetime,
) -> Announcement:
    """Add an announcement to a plan, or change one; decisions about the plan are void.

    pk: of the one to change; version: of what was read of it, None saves over whatever
    is there. Nothing happens where nothing changed.

    Raises:
        WrongState: the plan is at work already.
        BadAnnouncement: it cannot be, is there already or is gone, or is one too many.
        StaleEdit: somebody changed it since; the newer values are in `detail`.
    """
    campaign = locked(code, actor)
    rules.after(campaign.state, Event.EDIT)
    rules.check_told(told)
    held = _held(campaign, pk) if pk is not None else Announcement(campaign=campaign)
    if pk is not None and held.told == told:
        return held
    if pk is not None:
        check_seen(version, versions.announcement(held), versions.told(told))
    _check_room(campaign, told, besides=pk)
    before = held.told.spelled() if pk is not None else ""
    held.medium, held.anchor = told.medium, told.anchor
    held.minutes, held.share = told.minutes, told.share
    held.save()
    touch(campaign, actor=actor, now=now)
    record(
        actor,
        "campaign.announce",
        campaign,
        now=now,
        before={"announcement": before},
        after={"announcement": told.spelled()},
    )
    return held


@operation()
def unannounce(code: str, pk: int, *, actor: User, now: datetime) -> None:
    """Take an announcement off a plan; decisions about the plan are void.

    Raises:
        WrongState: the plan is at work already.
        BadAnnouncement: it is gone already.
    """
    campaign = locked(code, actor)
    rules.after(campaign.state, Event.EDIT)
    held = _held(campaign, pk)
    before = {"announcement": held.told.spelled()}
    held.delete()
    touch(campaign, actor=actor, now=now)
    record(actor, "campaign.unannounce", campaign, now=now, before=before)


def _held(campaign: Campaign, pk: int) -> Announcement:
    found = campaign.announcements.filter(pk=pk).first()
    if found is None:
        raise BadAnnouncement("Somebody removed this announcement. Reload the page.")
    return found


def _check_room(campaign: Campaign, told: Told, *, besides: int | None) -> None:
    others = campaign.announcements.exclude(pk=besides or 0)
    same = others.filter(medium=told.medium, anchor=told.anchor, minutes=told.minutes)
    if same.exists():
        raise BadAnnouncement(
            f"There is an announcement by {told.medium.label} at {told.when} already.",
            field="when",
        )
    if others.count() >= MOST:
        raise BadAnnouncement(f"A sale has at most {MOST} announcements.")


def note_sends(campaign: Campaign) -> None:
    """Keep, in the contact history of its audience, what a closed sale sent.

    The days are those of the sale's own zone; what would have come after an early end
    was not sent.
    """
    opens, closes = campaign.opens_at, campaign.closes_at
    if opens is None or closes is None:
        return
    over = min(closes, campaign.ended_at or closes)
    zone = rules.zone_of(campaign.zone)
    sent = [
        (day_number(at.astimezone(zone).date()), told.medium.channel, told.share)
        for told in (row.told for row in campaign.announcements.all())
        if (at := told.at(opens, closes)) <= over
    ]
    if sent:
        contacts.note_sends(campaign.audience_id, campaign.code, sent)
