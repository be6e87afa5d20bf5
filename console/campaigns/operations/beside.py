"""What a bundle says beside terms and lines, written into a draft."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from console.audit.operations import record
from console.campaigns.models import Campaign, SourceFilter
from console.campaigns.operations.announcing import announce, unannounce
from console.campaigns.operations.desk import set_contacts, wait_for, wait_no_more
from console.campaigns.operations.drafts import touch
from console.campaigns.rules import Told, UnknownCampaign
from console.campaigns.rules.reaching import Contact
from console.campaigns.rules.sources import Source

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Beside:
    """What a campaign says besides terms and lines; None leaves what is there."""

    contacts: Sequence[Contact] | None = None
    war_room: str | None = None
    told: frozenset[Told] | None = None
    waits_for: frozenset[str] | None = None
    sources: frozenset[Source] | None = None


def set_beside(
    campaign: Campaign, wanted: Beside, *, actor: User, now: datetime
) -> None:
    """Let a locked draft say exactly this beside its terms and lines.

    Raises:
        BadContact, BadAnnouncement: one that cannot be.
        UnknownCampaign, WaitsForItself: a sale it cannot wait for.
    """
    _people(campaign, wanted, actor, now)
    if wanted.told is not None:
        _told(campaign, wanted.told, actor, now)
    if wanted.waits_for is not None:
        _waits(campaign, wanted.waits_for, actor, now)
    if wanted.sources is not None:
        _sources(campaign, wanted.sources, actor, now)
    campaign.refresh_from_db()


def _people(campaign: Campaign, wanted: Beside, actor: User, now: datetime) -> None:
    held = [Contact(**one) for one in campaign.contacts]
    contacts = held if wanted.contacts is None else wanted.contacts
    room = campaign.war_room if wanted.war_room is None else wanted.war_room
    set_contacts(campaign.code, contacts, war_room=room, actor=actor, now=now)


def _told(
    campaign: Campaign, wanted: frozenset[Told], actor: User, now: datetime
) -> None:
    held = {row.told: row.pk for row in campaign.announcements.all()}
    for told in sorted(held.keys() - wanted):
        unannounce(campaign.code, held[told], actor=actor, now=now)
    for told in sorted(wanted - held.keys()):
        announce(campaign.code, told, actor=actor, now=now)


def _waits(
    campaign: Campaign, wanted: frozenset[str], actor: User, now: datetime
) -> None:
    held = set(campaign.waits_for.values_list("on__code", flat=True))
    there = set(Campaign.objects.filter(code__in=wanted).values_list("code", flat=True))
    if unknown := sorted(wanted - there):
        raise UnknownCampaign(
            f"{campaign.code} waits for {unknown[0]}, which is not here. Bring that "
            "one in first.",
            field="file",
        )
    for code in sorted(held - wanted):
        wait_no_more(campaign.code, on=code, actor=actor, now=now)
    for code in sorted(wanted - held):
        wait_for(campaign.code, on=code, actor=actor, now=now)


def _sources(
    campaign: Campaign, wanted: frozenset[Source], actor: User, now: datetime
) -> None:
    """The lines stay what the bundle says: a filter is kept, not filled from."""
    held = {row.said: row for row in campaign.sources.all()}
    if held.keys() == wanted:
        return
    gone = [row.pk for said, row in held.items() if said not in wanted]
    campaign.sources.filter(pk__in=gone).delete()
    for one in sorted(wanted - held.keys(), key=Source.spelled):
        SourceFilter.objects.create(
            campaign=campaign,
            kind=one.kind,
            value=one.value,
            method=one.pricing.method,
            amount=one.pricing.value,
            charm=one.pricing.charm,
            units=one.units,
            buffer=one.buffer,
        )
    touch(campaign, actor=actor, now=now)
    before = {"filters": sorted(map(Source.spelled, held))}
    after = {"filters": sorted(map(Source.spelled, wanted))}
    verb = "campaign.set_sources"
    record(actor, verb, campaign, now=now, before=before, after=after)
