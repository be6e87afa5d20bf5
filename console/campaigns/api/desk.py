"""People to call, decisions, sales that wait, templates and clones."""

from __future__ import annotations

from datetime import date, datetime, time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Schema
from pydantic import Field

from console.campaigns import operations, queries
from console.campaigns.api.base import EDIT, NOTE, asks, routes
from console.campaigns.api.shapes import CampaignOut, out
from console.campaigns.models import Template
from console.campaigns.queries import decided, versions
from console.campaigns.queries.waiting import awaited
from console.campaigns.rules.reaching import Contact
from console.campaigns.rules.versions import fingerprint
from console.shell.rest.shapes import Given
from console.shell.rest.versions import IfMatch, etag, version_of


def _shown(code: str) -> CampaignOut:
    return out(queries.head(code).campaign)


class ContactGiven(Given):
    """One person to call."""

    name: str
    role: str = ""
    reach: str


class PeopleGiven(Given):
    """Whom to reach, in the order they are called, and where people meet."""

    contacts: list[ContactGiven]
    war_room: str = Field("", description="An https address.")
    version: int | None = None


class PeopleOut(Schema):
    """The same as it is kept. version: what an edit starts from."""

    contacts: list[ContactGiven]
    war_room: str
    version: int


def _people(response: HttpResponse, code: str) -> PeopleOut:
    said = versions.people(queries.head(code).campaign)
    version = fingerprint(said)
    etag(response, version)
    return PeopleOut(version=version, **said)


@routes.reads("/campaigns/{code}/people", PeopleOut)
def people(request: HttpRequest, code: str, response: HttpResponse) -> PeopleOut:
    """Read whom to reach; its ETag is the version an edit starts from."""
    return _people(response, code)


@routes.acts("/campaigns/{code}/people", EDIT, PeopleOut, method="PUT")
def set_contacts(
    request: HttpRequest,
    code: str,
    body: PeopleGiven,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> PeopleOut:
    """Say whom to reach; 409 `stale_edit` if somebody did since it was read."""
    operations.set_contacts(
        code,
        [Contact(**one.model_dump()) for one in body.contacts],
        war_room=body.war_room,
        version=version_of(body.version, if_match),
        **asks(request),
    )
    return _people(response, code)


class DecisionGiven(Given):
    """What was decided."""

    text: str = Field(min_length=1, max_length=2000)


@routes.acts("/campaigns/{code}/decisions", NOTE, DecisionGiven)
def decide(request: HttpRequest, code: str, body: DecisionGiven) -> DecisionGiven:
    """Write down what was decided; it stays."""
    operations.decide(code, text=body.text, **asks(request))
    return body


class LoggedOut(Schema):
    """One line of the decision log. what: in words. position: in the trail."""

    position: int
    at: datetime
    by: str
    what: str
    reason: str


@routes.reads("/campaigns/{code}/log", list[LoggedOut])
def log(request: HttpRequest, code: str) -> list[LoggedOut]:
    """The newest 200 decisions about a sale: approvals, controls, what people wrote."""
    rows = decided.log(queries.head(code).campaign)
    return [
        LoggedOut(
            position=one.position,
            at=one.at,
            by=one.actor_name,
            what=what,
            reason=one.reason,
        )
        for what, one in rows
    ]


class WaitGiven(Given):
    """The code of another sale."""

    on: str


class WaitOut(Schema):
    """A sale that is waited for. why: what is still open of it, or blank."""

    code: str
    why: str


def _waits(code: str) -> list[WaitOut]:
    campaign = queries.head(code).campaign
    return [WaitOut(code=one.code, why=one.why) for one in awaited(campaign)]


@routes.reads("/campaigns/{code}/wait", list[WaitOut])
def waits(request: HttpRequest, code: str) -> list[WaitOut]:
    """List the sales a plan waits for."""
    return _waits(code)


@routes.acts("/campaigns/{code}/wait", EDIT, list[WaitOut])
def wait_for(request: HttpRequest, code: str, body: WaitGiven) -> list[WaitOut]:
    """Let a plan wait until another sale is over and put back."""
    operations.wait_for(code, on=body.on, **asks(request))
    return _waits(code)


@routes.acts("/campaigns/{code}/wait/end", EDIT, list[WaitOut])
def wait_no_more(request: HttpRequest, code: str, body: WaitGiven) -> list[WaitOut]:
    """Let it wait no longer."""
    operations.wait_no_more(code, on=body.on, **asks(request))
    return _waits(code)


class TemplateGiven(Given):
    """Under which name, and whether its lines are kept as well."""

    name: str = Field(max_length=120)
    with_lines: bool = True


class TemplateOut(Schema):
    """What a sale said, without its date. lasts: seconds.

    sold_out: what shops do once units are gone, in words; empty where nothing was kept.
    """

    id: int
    name: str
    opens: time
    lasts: float
    sold_out: str
    made_at: datetime


def _template(one: Template) -> TemplateOut:
    lasts = one.lasts.total_seconds()
    said = {
        name: getattr(one, name) for name in ("name", "opens", "sold_out", "made_at")
    }
    return TemplateOut(id=one.pk, lasts=lasts, **said)


@routes.reads("/templates", list[TemplateOut])
def templates(request: HttpRequest) -> list[TemplateOut]:
    """List the templates."""
    return [_template(one) for one in Template.objects.order_by("name")]


@routes.acts("/campaigns/{code}/template", EDIT, TemplateOut)
def save_template(request: HttpRequest, code: str, body: TemplateGiven) -> TemplateOut:
    """Keep what a sale says as a template."""
    made = operations.save_template(code, **body.model_dump(), **asks(request))
    return _template(made)


class DayGiven(Given):
    """On which day; opens: another time than the template's or the sale's own."""

    day: date
    opens: time | None = None
    fold: int | None = Field(None, ge=0, le=1)
    closes_fold: int | None = Field(None, ge=0, le=1)


class UseGiven(DayGiven):
    """The same, and what to call the new sale."""

    name: str = Field("", max_length=120)


@routes.acts("/templates/{int:pk}/use", EDIT, CampaignOut, status=201)
def use_template(request: HttpRequest, pk: int, body: UseGiven) -> CampaignOut:
    """Begin a draft from a template."""
    get_object_or_404(Template, pk=pk)
    made = operations.use_template(pk, **body.model_dump(), **asks(request))
    return _shown(made.code)


@routes.acts("/templates/{int:pk}", EDIT, method="DELETE")
def drop_template(request: HttpRequest, pk: int) -> None:
    """Drop a template."""
    get_object_or_404(Template, pk=pk)
    operations.drop_template(pk, **asks(request))


@routes.acts("/campaigns/{code}/clone", EDIT, CampaignOut, status=201)
def clone(request: HttpRequest, code: str, body: DayGiven) -> CampaignOut:
    """Copy a campaign onto another day."""
    made = operations.clone(code, **body.model_dump(), **asks(request))
    return _shown(made.code)
