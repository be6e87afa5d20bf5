"""REST endpoints of audiences: who was told what, and how people answer."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Schema, UploadedFile
from pydantic import Field

from console.fatigue import saturating
from console.fatigue.api import actor
from console.fatigue.contacts import merging
from console.fatigue.scopes_api import routes
from console.shell.rest.shapes import Given

__all__ = ["routes"]

NEED = "fatigue.audience"


class ContactsOut(Schema):
    """A history on its way in. total: its rows."""

    name: str
    total: int


@routes.acts("/fatigue/audiences/contacts", NEED, ContactsOut, status=202)
def add_contacts(
    request: HttpRequest,
    file: Annotated[UploadedFile, File(description="CSV of contacts.")],
) -> ContactsOut:
    """Take a history of contacts in; a worker merges it."""
    kept = merging.receive(file, actor=actor(request), now=timezone.now())
    return ContactsOut(name=str(kept), total=kept.total)


class RatesGiven(Given):
    """How audiences answered, as the sheet has it: CSV with its headings."""

    csv: str = Field(max_length=5_000_000)
    source: str = Field("API", max_length=200)


class RatesOut(Schema):
    """How many rows there were, and how many of them are new."""

    rows: int
    new: int
    on: date


@routes.acts("/fatigue/audiences/rates", NEED, RatesOut)
def add_rates(request: HttpRequest, body: RatesGiven) -> RatesOut:
    """Keep how audiences answered, from now on."""
    now = timezone.now()
    told = saturating.read(body.csv, today=now.date())
    new = saturating.measure(told, source=body.source, actor=actor(request), now=now)
    return RatesOut(rows=len(told), new=new, on=now.date())
