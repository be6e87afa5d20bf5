"""Placing a draft by dragging, clicking or keys: the days it may have, and the drop."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from console.campaigns import operations
from console.campaigns.forms.fields import WallClockField
from console.campaigns.models import Campaign
from console.campaigns.queries import later, readiness
from console.campaigns.queries.placing import MOST_DAYS, placing, shape_of, soonest
from console.campaigns.rules import UnknownCampaign
from console.campaigns.rules.window import LONGEST, check_year, resolve
from console.campaigns.views.asked import CHANGED, actor
from console.campaigns.views.shown import link_to
from console.errors import Refusal
from console.shell import formats
from console.shell.forms import SayingForm
from console.shell.parts import part_of
from console.shell.show import done

LONGEST_S = int(LONGEST.total_seconds())
F = TypeVar("F", bound=forms.Form)


class BadPlacing(Refusal):
    """The request does not say which days, or where to."""

    code = "bad_placing"
    status = 422


class AskForm(SayingForm):
    """Which days to judge. lasts_s: another length than the plan has."""

    first = forms.DateField()
    days = forms.IntegerField(min_value=1, max_value=MOST_DAYS)
    lasts_s = forms.IntegerField(min_value=60, max_value=LONGEST_S, required=False)

    def clean_first(self) -> date:
        """Within the years a calendar shows."""
        first: date = self.cleaned_data["first"]
        try:
            check_year(first, "first")
        except Refusal as refused:
            raise forms.ValidationError(refused.message) from None
        return first


class DropForm(SayingForm):
    """Where a draft was dropped; neither start nor end takes it off the calendar."""

    opens = WallClockField(required=False)
    closes = WallClockField(required=False)
    version = forms.IntegerField()


@require_safe
def place(request: HttpRequest, code: str) -> HttpResponse:
    """Judge a draft on each day of a calendar."""
    campaign = get_object_or_404(
        Campaign.objects.select_related("audience", "occasion"), code=code
    )
    form = _valid(AskForm(request.GET))
    lasts = form.cleaned_data["lasts_s"]
    shape = shape_of(campaign, timedelta(seconds=lasts) if lasts else None)
    found = placing(
        campaign,
        shape,
        first=form.cleaned_data["first"],
        days=form.cleaned_data["days"],
        now=timezone.now(),
    )
    return JsonResponse(found.told())


@require_safe
@part_of("campaigns:plan")
def soon(request: HttpRequest, code: str) -> HttpResponse:
    """Say on which day a draft may run at the earliest."""
    campaign = get_object_or_404(
        Campaign.objects.select_related("audience", "occasion"), code=code
    )
    found = soonest(campaign, now=timezone.now())
    return render(request, "campaigns/_soonest.html", {"day": found})


class AheadForm(SayingForm):
    """A window that is being looked at."""

    opens = WallClockField()
    closes = WallClockField()


@require_safe
def ahead(request: HttpRequest, code: str) -> HttpResponse:
    """Say which later sales could claim less if the draft ran then."""
    campaign = get_object_or_404(Campaign.objects.select_related("audience"), code=code)
    data = _valid(AheadForm(request.GET)).cleaned_data
    window = resolve(data["opens"], data["closes"], campaign.zone, folds=campaign.folds)
    found = later.falls(
        readiness.candidate(campaign),
        window.opens_at,
        window.closes_at,
        now=timezone.now(),
        recent=True,
    )
    return JsonResponse({"falls": [fall.text for fall in found]})


@require_POST
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Drop a draft on a day; the toast offers to take it back.

    back: a page without the calendar asks, so it is the plan that follows.
    """
    form = _valid(DropForm(request.POST or request.GET))
    before = Campaign.objects.filter(code=code).values("opens_local", "closes_local")
    was = before.first()
    if was is None:
        raise UnknownCampaign(f"There is no campaign {code}.", field="campaign")
    data = form.cleaned_data
    moved = operations.move(
        code,
        opens_local=data["opens"],
        closes_local=data["closes"],
        version=data["version"],
        actor=actor(request),
        now=timezone.now(),
    )
    undo = _undo(moved, was["opens_local"], was["closes_local"])
    link = link_to(request, moved)
    if "back" in request.POST:
        there = reverse("campaigns:plan", args=[code])
        return done(request, _told(moved), to=there, link=link)
    there = reverse("campaigns:calendar")
    return done(request, _told(moved), CHANGED, undo=undo, to=there, link=link)


def _undo(moved: Campaign, opens: datetime | None, closes: datetime | None) -> str:
    said = {"opens": opens, "closes": closes, "version": moved.version}
    spelled = {name: value for name, value in said.items() if value is not None}
    return f"{reverse('campaigns:move', args=[moved.code])}?{urlencode(spelled)}"


def _told(moved: Campaign) -> str:
    if moved.opens_at is None:
        return f"{moved.name} has no date any more"
    when = formats.moment(moved.opens_at, now=timezone.now(), zone=moved.zone)
    return f"{moved.name} starts {when}"


def _valid(form: F) -> F:
    """The form, if it is filled in right.

    Raises:
        BadPlacing: its first error, as one sentence.
    """
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise BadPlacing(f"{field}: {errors[0]}", field=field)
    return form
