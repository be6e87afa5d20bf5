"""Occasions: what may justify a sale."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Schema
from pydantic import Field

from console.campaigns import operations
from console.campaigns.api.base import EDIT, asks, routes
from console.campaigns.models import Occasion
from console.campaigns.queries import versions
from console.campaigns.rules.versions import fingerprint
from console.shell.rest.shapes import Given
from console.shell.rest.versions import IfMatch, etag, version_of


class OccasionOut(Schema):
    """An occasion. key: as a campaign names it; version: what an edit starts from."""

    id: int
    key: str
    name: str
    on: date
    version: int


def _out(one: Occasion) -> OccasionOut:
    return OccasionOut(
        id=one.pk,
        key=f"{one.on} {one.name}",
        name=one.name,
        on=one.on,
        version=fingerprint(versions.occasion(one)),
    )


class OccasionGiven(Given):
    """A name and a day."""

    name: str = Field(max_length=80)
    on: date


class OccasionEdit(OccasionGiven):
    """Another name or day. version: the one that was read, unless If-Match says it."""

    version: int | None = None


@routes.reads("/occasions", list[OccasionOut])
def occasions(request: HttpRequest) -> list[OccasionOut]:
    """What may justify a sale, by day."""
    return [_out(one) for one in Occasion.objects.order_by("on", "pk")]


@routes.acts("/occasions", EDIT, OccasionOut, status=201)
def add_occasion(request: HttpRequest, body: OccasionGiven) -> OccasionOut:
    """Add an occasion; 409 `occasion_taken` if that day has one of that name."""
    made = operations.add_occasion(**body.model_dump(), **asks(request))
    return _out(made)


@routes.acts("/occasions/{int:pk}", EDIT, OccasionOut, method="PUT")
def rename_occasion(
    request: HttpRequest,
    pk: int,
    body: OccasionEdit,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> OccasionOut:
    """Give an occasion another name or day.

    409 `occasion_in_use` if a sale that was submitted names it; 409 `stale_edit` if
    somebody changed it since.
    """
    get_object_or_404(Occasion, pk=pk)
    made = operations.rename_occasion(
        pk,
        body.name,
        on=body.on,
        version=version_of(body.version, if_match),
        **asks(request),
    )
    told = _out(made)
    etag(response, told.version)
    return told


@routes.acts("/occasions/{int:pk}", EDIT, method="DELETE")
def drop_occasion(request: HttpRequest, pk: int) -> None:
    """Take away an occasion; 409 `occasion_in_use` if a sale names it."""
    get_object_or_404(Occasion, pk=pk)
    operations.drop_occasion(pk, **asks(request))
