"""Asking about a plan without changing it: its verdict, its days, the look-ahead."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field, NaiveDatetime

from console.campaigns import queries, rules, terms
from console.campaigns.api.base import routes
from console.campaigns.api.shapes import TermsGiven, VerdictOut, given, verdict_out
from console.campaigns.forms.trying import tried
from console.campaigns.operations.ends import closing
from console.campaigns.queries import later, readiness
from console.campaigns.queries.impact import of_end
from console.campaigns.queries.placing import MOST_DAYS, placing, shape_of
from console.campaigns.rules import Event
from console.campaigns.rules.window import resolve
from console.campaigns.views.placing import LONGEST_S


@routes.reads("/campaigns/{code}/verdict", VerdictOut)
def verdict(request: HttpRequest, code: str) -> VerdictOut:
    """Judge a plan as it is saved."""
    campaign = queries.head(code).campaign
    return verdict_out(readiness.verdict(campaign, now=timezone.now()))


@routes.acts("/campaigns/{code}/verdict", "login", VerdictOut)
def try_(request: HttpRequest, code: str, body: TermsGiven) -> VerdictOut:
    """Judge a plan with other terms; nothing is saved."""
    campaign = queries.head(code).campaign
    form = terms.filled(given(body), over=campaign)
    plan = tried(form, readiness.candidate(campaign))
    return verdict_out(readiness.judge(plan, now=timezone.now()))


class DayOut(Schema):
    """One day. v: ok, no or past. why: what forbids it; warn: what may be accepted."""

    on: date
    v: str
    why: list[str]
    warn: list[str]


class PlacingOut(Schema):
    """The days a draft may have. after: the first one beyond them that passes."""

    code: str
    version: int
    opens: str
    lasts_s: int
    zone: str
    days: list[DayOut]
    after: date | None


@routes.reads("/campaigns/{code}/days", PlacingOut)
def days(
    request: HttpRequest,
    code: str,
    first: date,
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 31,
    lasts_s: Annotated[int, Field(ge=60, le=LONGEST_S)] | None = None,
) -> PlacingOut:
    """Judge a draft on each day from `first` on; lasts_s: another length."""
    rules.check_year(first, "first")
    campaign = queries.head(code).campaign
    lasts = timedelta(seconds=lasts_s) if lasts_s else None
    shape = shape_of(campaign, lasts)
    found = placing(campaign, shape, first=first, days=days, now=timezone.now())
    return PlacingOut(**{k: v for k, v in found.told().items() if k in _PLACING})


_PLACING = set(PlacingOut.model_fields)


class FallOut(Schema):
    """A later sale that could claim less."""

    text: str


@routes.reads("/campaigns/{code}/ahead", list[FallOut])
def ahead(
    request: HttpRequest, code: str, opens: NaiveDatetime, closes: NaiveDatetime
) -> list[FallOut]:
    """Which later sales could claim less if the draft ran then, on its wall clock."""
    campaign = queries.head(code).campaign
    window = resolve(opens, closes, campaign.zone, folds=campaign.folds)
    found = later.falls(
        readiness.candidate(campaign),
        window.opens_at,
        window.closes_at,
        now=timezone.now(),
        recent=True,
    )
    return [FallOut(text=fall.text) for fall in found]


class CheckSaid(Schema):
    """What another end does. tone: bad stands in its way, warn can be accepted."""

    tone: str
    text: str


@routes.reads("/campaigns/{code}/impact", list[CheckSaid])
def impact(
    request: HttpRequest,
    code: str,
    closes_local: NaiveDatetime,
    fold: Annotated[int, Field(ge=0, le=1)] | None = None,
) -> list[CheckSaid]:
    """What an armed or live sale would run into, or do to others, with another end."""
    campaign = queries.head(code).campaign
    rules.after(campaign.state, Event.EXTEND)
    closes_at = closing(campaign, closes_local, fold)
    assert campaign.opens_at
    rules.check_order(campaign.opens_at, closes_at)
    found = of_end(campaign, closes_at, now=timezone.now())
    return [CheckSaid(tone=check.tone, text=check.text) for check in found]
