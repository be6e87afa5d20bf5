"""Campaigns themselves: the list, one, a new one, other terms, another window."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Schema
from pydantic import NaiveDatetime

from console.campaigns import operations, queries, terms
from console.campaigns.api.base import EDIT, routes
from console.campaigns.api.shapes import CampaignOut, TermsGiven, given, out
from console.campaigns.models import Campaign
from console.campaigns.queries.activity import activity as entries
from console.campaigns.queries.listing import Wanted, listing
from console.campaigns.views.asked import actor
from console.shell.rest.shapes import Given, Paged, paged
from console.shell.rest.versions import IfMatch, etag, version_of


class CampaignRow(Schema):
    """A campaign in the list. depth: mean reduction as a ratio."""

    code: str
    name: str
    state: str
    audience: str
    category: str
    opens_at: datetime | None
    closes_at: datetime | None
    lines: int
    units: int
    depth: float | None
    version: int


def _row(one: Any) -> CampaignRow:
    return CampaignRow(
        code=one.code,
        name=one.name,
        state=one.state,
        audience=one.audience.slug,
        category=one.category,
        opens_at=one.opens_at,
        closes_at=one.closes_at,
        lines=one.line_count,
        units=one.units,
        depth=None if one.depth is None else float(round(one.depth, 4)),
        version=one.version,
    )


@routes.reads("/campaigns", Paged[CampaignRow])
def list_(
    request: HttpRequest,
    group: str = "",
    audience: str = "",
    q: str = "",
    sort: str = "-opens_at",
    page: int = 1,
) -> Paged[CampaignRow]:
    """List campaigns, filtered by group, audience and text.

    group: draft, review, planned, running or over. sort: name, opens_at, state or
    units; a minus in front turns it round.
    """
    wanted = Wanted(group, audience, q.strip(), sort, str(page))
    return paged(listing(wanted).page, _row)


@routes.acts("/campaigns", EDIT, CampaignOut, status=201)
def create(
    request: HttpRequest, body: TermsGiven, response: HttpResponse
) -> CampaignOut:
    """Begin a campaign as a draft."""
    form = terms.filled(given(body))
    made = operations.create(form.terms, actor=actor(request), now=timezone.now())
    response["Location"] = f"/api/v1/campaigns/{made.code}"
    return _answer(response, made)


def _answer(response: HttpResponse, campaign: Campaign) -> CampaignOut:
    fresh = queries.head(campaign.code).campaign
    etag(response, fresh.version)
    return out(fresh)


@routes.reads("/campaigns/{code}", CampaignOut)
def read(request: HttpRequest, code: str, response: HttpResponse) -> CampaignOut:
    """Read a campaign; its ETag is the version an edit starts from."""
    return _answer(response, queries.head(code).campaign)


@routes.acts("/campaigns/{code}", EDIT, CampaignOut, method="PATCH")
def edit(
    request: HttpRequest,
    code: str,
    body: TermsGiven,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> CampaignOut:
    """Change terms; whatever was decided about the old ones is void.

    409 `stale_edit` with the newer values if somebody changed it since.
    """
    version = version_of(body.version, if_match)
    form = terms.filled(given(body), over=queries.head(code).campaign)
    saved = operations.edit(
        code,
        terms=form.terms,
        version=version,
        actor=actor(request),
        now=timezone.now(),
    )
    return _answer(response, saved)


@routes.acts("/campaigns/{code}/duplicate", EDIT, CampaignOut, status=201)
def duplicate(request: HttpRequest, code: str, response: HttpResponse) -> CampaignOut:
    """Copy a campaign without its date, as a new draft."""
    queries.head(code)
    copy = operations.duplicate(code, actor=actor(request), now=timezone.now())
    return _answer(response, copy)


class Move(Given):
    """Where a draft goes; neither start nor end takes it off the calendar."""

    opens_local: NaiveDatetime | None = None
    closes_local: NaiveDatetime | None = None
    version: int | None = None


@routes.acts("/campaigns/{code}/move", EDIT, CampaignOut)
def move(
    request: HttpRequest,
    code: str,
    body: Move,
    response: HttpResponse,
    if_match: IfMatch = None,
) -> CampaignOut:
    """Give a draft another window, where the fatigue policies allow it."""
    moved = operations.move(
        code,
        opens_local=body.opens_local,
        closes_local=body.closes_local,
        version=version_of(body.version, if_match),
        actor=actor(request),
        now=timezone.now(),
    )
    return _answer(response, moved)


@routes.acts("/campaigns/{code}/resolve", EDIT, CampaignOut)
def resolve(request: HttpRequest, code: str, response: HttpResponse) -> CampaignOut:
    """Give a plan the instants its local times mean by the clocks of now.

    Where they changed, whatever was decided about the old ones is void.
    """
    queries.head(code)
    resolved = operations.resolve(code, actor=actor(request), now=timezone.now())
    return _answer(response, resolved)


class EntryOut(Schema):
    """One act in the trail."""

    position: int
    at: datetime
    actor: str
    verb: str
    reason: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@routes.reads("/campaigns/{code}/activity", Paged[EntryOut])
def activity(request: HttpRequest, code: str, page: int = 1) -> Paged[EntryOut]:
    """What was done to a campaign, the newest first."""
    found = entries(queries.head(code).campaign, page=str(page))
    return paged(found, _entry)


def _entry(one: Any) -> EntryOut:
    named = ("position", "at", "verb", "reason", "before", "after")
    return EntryOut(actor=one.actor_name, **{n: getattr(one, n) for n in named})


class DecisionOut(Schema):
    """One decision about one exact content. verdict: what the checks said then."""

    kind: str
    content_hash: str
    by: str
    at: datetime
    reason: str
    verdict: dict[str, Any]


@routes.reads("/campaigns/{code}/decisions", list[DecisionOut])
def decisions(request: HttpRequest, code: str) -> list[DecisionOut]:
    """Who decided what about which content, the newest first."""
    rows = queries.head(code).campaign.approvals.select_related("by")
    named = ("kind", "content_hash", "at", "reason", "verdict")
    return [
        DecisionOut(by=one.by.get_username(), **{n: getattr(one, n) for n in named})
        for one in rows.order_by("-at", "-pk")
    ]
