"""REST endpoints of audiences: who was told what, and how people answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import File, Schema, UploadedFile
from pydantic import Field

from console.fatigue import saturating
from console.fatigue.api import actor
from console.fatigue.audiences import Incoming, Known, incoming, known
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


class FileOut(Schema):
    """A file of contacts. percent: merged so far; errors: row and what is wrong."""

    name: str
    state: str
    total: int
    merged: int
    failed: int
    percent: float
    errors: list[tuple[int, str]]
    created_at: datetime
    finished_at: datetime | None


def _file(one: Incoming) -> FileOut:
    own = set(FileOut.model_fields) - {"percent"}
    said = {name: getattr(one.file, name) for name in own}
    return FileOut(percent=one.percent, **said)


@routes.reads("/fatigue/audiences/contacts", list[FileOut])
def contact_files(request: HttpRequest) -> list[FileOut]:
    """How far the latest ten files of contacts are, the newest first."""
    return [_file(one) for one in incoming()]


class KnownOut(Schema):
    """What is known of an audience. factor: above 1 it tires faster, and why.

    customers, last_contact, rates_age_days: null where nothing was brought.
    """

    slug: str
    customers: int | None
    last_contact: date | None
    rates_age_days: int | None
    factor: float
    reason: str


def _known(one: Known) -> KnownOut:
    return KnownOut(
        slug=one.audience.slug,
        customers=one.book.customers if one.book else None,
        last_contact=one.last_contact,
        rates_age_days=one.age_days,
        factor=one.strain.factor,
        reason=one.reason,
    )


@routes.reads("/fatigue/audiences/known", list[KnownOut])
def known_of_audiences(request: HttpRequest) -> list[KnownOut]:
    """What is known of each audience: its contacts, and how it answers."""
    return [_known(one) for one in known(timezone.now())]


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
