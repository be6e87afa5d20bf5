"""Campaigns as files: export, import, and what an import would change."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import File, Form, Schema, UploadedFile

from console.campaigns import bundles, queries
from console.campaigns.api.base import EDIT, routes
from console.campaigns.api.shapes import CampaignOut, out
from console.campaigns.rules.bundles import LARGEST
from console.campaigns.views import bundles as pages
from console.campaigns.views.asked import actor
from console.shell.rest.routes import file_answer

Sent = Annotated[UploadedFile, File(description="A bundle.")]
Unsigned = Annotated[bool, Form(description="Take it although nobody vouches for it.")]


@routes.reads(
    "/campaigns/{code}/bundle", extra=file_answer("application/json", "A bundle")
)
def bundle(request: HttpRequest, code: str) -> HttpResponse:
    """A campaign as one signed file."""
    return pages.export(request, code)


class BroughtOut(Schema):
    """What a bundle became. warning: of a file nobody vouches for."""

    campaign: CampaignOut
    created: bool
    signed: bool
    warning: str


@routes.acts("/bundles", EDIT, BroughtOut)
def bring_in(
    request: HttpRequest, file: Sent, unsigned: Unsigned = False
) -> BroughtOut:
    """Bring a campaign in from a file, as a draft: a new one, or a draft changed."""
    found = bundles.opened(file.read(LARGEST + 1), unsigned=unsigned)
    told = bundles.bring_in(found, actor=actor(request), now=timezone.now())
    return BroughtOut(
        campaign=out(queries.head(told.campaign.code).campaign),
        created=told.created,
        signed=found.signed,
        warning=found.warning,
    )


class ChangeOut(Schema):
    """One difference; null on the side where it is not there."""

    what: str
    before: Any
    after: Any


@routes.acts("/bundles/difference", "login", list[ChangeOut])
def difference(
    request: HttpRequest, file: Sent, unsigned: Unsigned = False
) -> list[ChangeOut]:
    """What bringing a file in would change; nothing is saved."""
    found = bundles.opened(file.read(LARGEST + 1), unsigned=unsigned)
    return [ChangeOut(**vars(one)) for one in bundles.difference(found.bundle)]
