"""What the endpoints of a campaign take and give."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ninja import Schema
from pydantic import Field, create_model

from console.campaigns import terms
from console.campaigns.models import Campaign
from console.campaigns.queries.readiness import Verdict
from console.campaigns.rules import Event, allows
from console.shell.rest.shapes import Given


class CampaignHead(Schema):
    """Where a campaign is, besides what it says.

    version: of its terms, to be sent with an edit. can: what can happen to it now.
    """

    code: str
    state: str
    version: int
    content_hash: str
    override_reason: str
    opens_at: datetime | None
    closes_at: datetime | None
    author: str
    submitted_at: datetime | None
    approved_at: datetime | None
    opened_at: datetime | None
    ended_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime
    can: list[str]


if TYPE_CHECKING:

    class CampaignOut(CampaignHead):
        """A campaign: its terms, and where it is."""

    class TermsGiven(Given):
        """Terms to set; those left out stay as they are."""

        version: int | None = None
else:
    CampaignOut = create_model(
        "Campaign",
        __base__=CampaignHead,
        **{t.name: (t.kind, Field(description=t.about)) for t in terms.TERMS},
    )
    TermsGiven = create_model(
        "Terms",
        __base__=Given,
        version=(int | None, Field(None, description="The one that was read.")),
        **{
            t.name: (t.kind | None, Field(None, description=t.about))
            for t in terms.TERMS
        },
    )


def out(campaign: Campaign) -> CampaignOut:
    """A campaign as programs read it."""
    names = set(CampaignHead.model_fields) - {"author", "can"}
    head: dict[str, Any] = {name: getattr(campaign, name) for name in names}
    can = sorted(event.value for event in Event if allows(campaign.state, event))
    own: dict[str, Any] = {"author": campaign.author.get_username(), "can": can}
    own |= terms.told(campaign)
    return CampaignOut(**head, **own)


class CheckOut(Schema):
    """One thing that was looked at. tone: ok, warn (acceptable) or bad (blocks).

    cites: the words of the rule of law it rests on, where it rests on one.
    fix: the act that mends it, if one does: `resolve`.
    """

    tone: str
    text: str
    value: str
    limit: str
    overridable: bool
    cites: str
    fix: str


class SectionOut(Schema):
    """What one room answers."""

    key: str
    title: str
    word: str
    tone: str
    checks: list[CheckOut]


class VerdictOut(Schema):
    """May the plan go ahead, and why. policies: the version each was asked in.

    score, level: of the scope nearest to its limit: fresh, on_target or saturated; null
    and empty where no policy keeps a score. hint: what to do instead of a lower price.
    earliest: the first start that no policy, freeze or owner of a price forbids, where
    one of them forbids this one; null also if no date can pass.
    """

    tone: str
    checked_at: datetime
    policies: dict[str, int]
    score: int | None
    level: str
    hint: str
    earliest: datetime | None
    sections: list[SectionOut]


def verdict_out(found: Verdict) -> VerdictOut:
    """A verdict as programs read it."""
    return VerdictOut(
        tone=found.tone,
        checked_at=found.checked_at,
        policies=dict(found.policies),
        score=found.score,
        level=found.level,
        hint=found.hint,
        earliest=found.earliest,
        sections=[
            SectionOut(
                key=one.key,
                title=one.title,
                word=one.word,
                tone=one.tone,
                checks=[
                    CheckOut(**{n: getattr(c, n) for n in CheckOut.model_fields})
                    for c in one.checks
                ],
            )
            for one in found.sections
        ],
    )


def given(body: TermsGiven) -> dict[str, Any]:
    """The terms that were sent; a null that was sent clears its term."""
    return body.model_dump(exclude_unset=True, exclude={"version"})
