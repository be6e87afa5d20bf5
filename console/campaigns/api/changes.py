"""Amendments and announcements."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Schema
from pydantic import Field, NaiveDatetime

from console.campaigns import operations, queries
from console.campaigns.api.base import EDIT, asks, routes
from console.campaigns.models import Amendment, Announcement
from console.campaigns.operations import Change, Wish
from console.campaigns.queries import versions
from console.campaigns.rules import Medium, Told, read_when
from console.campaigns.rules.versions import fingerprint
from console.shell.rest.shapes import Given, Price
from console.shell.rest.versions import IfMatch, version_of

APPROVE = "campaigns.approve"


class WishGiven(Given):
    """What a SKU should say; what is left out stays, or is as its SKU has it.

    regular_price: only of a SKU that is new in the sale.
    """

    sku: str = Field(max_length=64)
    sale_price: Price | None = None
    units: int | None = None
    buffer: int | None = None
    remove: bool = False
    price_confirmed: bool = False
    regular_price: Price | None = None


class AmendmentGiven(Given):
    """What should change of an armed or live sale, and why."""

    reason: str = Field(min_length=1, max_length=1000)
    lines: list[WishGiven] = []
    closes_local: NaiveDatetime | None = None
    fold: int | None = Field(None, ge=0, le=1)
    countdown: bool = False
    base: str = ""


class AmendmentOut(Schema):
    """One amendment. verdict: tone and sentence of each rule it newly touches."""

    number: int
    state: str
    reason: str
    answer: str
    content_hash: str
    lines: list[dict[str, Any]]
    end: dict[str, Any] | None
    verdict: list[list[str]]
    proposed_at: datetime
    decided_at: datetime | None
    applied_at: datetime | None


def _amendment(code: str, number: int) -> Amendment:
    return get_object_or_404(Amendment, campaign__code=code, number=number)


@routes.reads("/campaigns/{code}/amendments", list[AmendmentOut])
def amendments(request: HttpRequest, code: str) -> list[Amendment]:
    """List what was proposed to change, the newest first."""
    return list(queries.head(code).campaign.amendments.order_by("-number"))


@routes.acts("/campaigns/{code}/amendments", EDIT, AmendmentOut, status=201)
def amend(request: HttpRequest, code: str, body: AmendmentGiven) -> Amendment:
    """Propose to change an armed or live sale; somebody else approves it."""
    said = body.model_dump(exclude={"reason", "lines"})
    wishes = [Wish(**one.model_dump()) for one in body.lines]
    change = Change(wishes, **said)
    return operations.propose(code, change, reason=body.reason, **asks(request))


class ReadGiven(Given):
    """The content hash of the amendment that was read."""

    content_hash: str


@routes.acts("/campaigns/{code}/amendments/{int:number}/approve", APPROVE, AmendmentOut)
def approve_amendment(
    request: HttpRequest, code: str, number: int, body: ReadGiven
) -> Amendment:
    """Approve exactly the change that was read; it is applied at once."""
    made = _amendment(code, number)
    return operations.approve_amendment(
        made.pk, content_hash=body.content_hash, **asks(request)
    )


class WhyGiven(Given):
    """Why not."""

    reason: str = Field(min_length=1, max_length=1000)


@routes.acts("/campaigns/{code}/amendments/{int:number}/reject", APPROVE, AmendmentOut)
def reject_amendment(
    request: HttpRequest, code: str, number: int, body: WhyGiven
) -> Amendment:
    """Turn an amendment down."""
    made = _amendment(code, number)
    return operations.reject_amendment(made.pk, reason=body.reason, **asks(request))


@routes.acts("/campaigns/{code}/amendments/{int:number}/withdraw", EDIT, AmendmentOut)
def withdraw_amendment(request: HttpRequest, code: str, number: int) -> Amendment:
    """Take an amendment back."""
    made = _amendment(code, number)
    return operations.withdraw_amendment(made.pk, **asks(request))


class ToldGiven(Given):
    """One announcement. when: `T-24h`, `T0` or `end-2h`."""

    medium: Medium
    when: str
    share: Decimal = Field(Decimal(1), gt=0, le=1)

    @property
    def told(self) -> Told:
        """The values the rules read."""
        return Told(self.medium, *read_when(self.when), self.share)


class ToldChange(ToldGiven):
    """Another announcement in the place of one. version: of the one that was read."""

    version: int | None = None


class ToldOut(Schema):
    """One announcement of a plan. version: what an edit starts from."""

    id: int
    medium: str
    when: str
    share: str
    version: int


def _told(code: str) -> list[ToldOut]:
    rows = Announcement.objects.filter(campaign__code=code).order_by("pk")
    return [
        ToldOut(
            id=row.pk,
            medium=row.medium,
            when=row.told.when,
            share=str(row.share),
            version=fingerprint(versions.announcement(row)),
        )
        for row in rows
    ]


@routes.reads("/campaigns/{code}/announcements", list[ToldOut])
def announcements(request: HttpRequest, code: str) -> list[ToldOut]:
    """List when people are told of a sale."""
    return _told(queries.head(code).campaign.code)


@routes.acts("/campaigns/{code}/announcements", EDIT, list[ToldOut])
def announce(request: HttpRequest, code: str, body: ToldGiven) -> list[ToldOut]:
    """Add an announcement."""
    operations.announce(code, body.told, **asks(request))
    return _told(code)


@routes.acts(
    "/campaigns/{code}/announcements/{int:pk}", EDIT, list[ToldOut], method="PUT"
)
def change_told(
    request: HttpRequest,
    code: str,
    pk: int,
    body: ToldChange,
    if_match: IfMatch = None,
) -> list[ToldOut]:
    """Change an announcement; 409 `stale_edit` if somebody did since it was read."""
    version = version_of(body.version, if_match)
    operations.announce(code, body.told, pk=pk, version=version, **asks(request))
    return _told(code)


@routes.acts(
    "/campaigns/{code}/announcements/{int:pk}", EDIT, list[ToldOut], method="DELETE"
)
def unannounce(request: HttpRequest, code: str, pk: int) -> list[ToldOut]:
    """Take an announcement off the plan."""
    operations.unannounce(code, pk, **asks(request))
    return _told(code)
