"""The plan of a campaign: its terms, its verdict, and a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from datetime import date, datetime, time
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)
from django_htmx.http import reswap, retarget, trigger_client_event

from console.campaigns import operations, queries
from console.campaigns.forms import AddLineForm, TermsForm, defaults, values_of
from console.campaigns.forms.announcing import AnnouncementForm
from console.campaigns.forms.trying import tried
from console.campaigns.models import Campaign
from console.campaigns.queries import approvals, conflicts, places, readiness
from console.campaigns.queries.announcing import told
from console.campaigns.queries.brief import Head
from console.campaigns.queries.products import products
from console.campaigns.rules import Opening, StaleEdit, Window
from console.campaigns.views import stale
from console.campaigns.views.asked import (
    CHANGED,
    HtmxHttpRequest,
    actor,
    editable,
)
from console.campaigns.views.shown import link_to
from console.campaigns.views.undone import offered
from console.fatigue.models import Audience
from console.fatigue.rules import Kind
from console.shell import formats
from console.shell.diff import chosen, seen
from console.shell.parts import part_of
from console.shell.show import done
from console.shell.templatetags.shell import city
from console.stock import queries as stock

OPENS, CLOSES = time(20), time(22)
JUDGED_AT_ONCE = 2_000
"""Lines of a plan that is judged while its page is made; else the page asks after."""
PRICED = {"price_kind", "currency", "markets", "channels", "start_mode", "zone"}
PRICED |= {"opens_local", "closes_local"}
"""Terms by which the law judges each product anew."""


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Begin a campaign, on the day and for the audience asked for."""
    form = TermsForm(request.POST or None, initial=_suggested(request))
    if form.is_valid():
        campaign = operations.create(
            form.terms, actor=actor(request), now=timezone.now()
        )
        there = reverse("campaigns:plan", args=[campaign.code])
        link = link_to(request, campaign)
        return done(request, f"Begun as {campaign.code}.", to=there, link=link)
    context = {"form": form, "categories": stock.categories()}
    return render(request, "campaigns/new.html", context)


def _suggested(request: HttpRequest) -> dict[str, Any]:
    given: dict[str, Any] = {"zone": settings.SHOP_ZONE, "owner": request.user.pk}
    kind, _, name = request.GET.get("lane", "").partition(":")
    if kind == Kind.AUDIENCE:
        given["audience"] = Audience.objects.filter(slug=name).first()
    elif kind == Kind.CATEGORY:
        given["category"] = name
    if on := _day(request.GET.get("day", "")):
        given |= {
            "opens_local": datetime.combine(on, OPENS),
            "closes_local": datetime.combine(on, CLOSES),
        }
    return defaults(**given)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@require_safe
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """Show the plan of a campaign."""
    head = queries.head(code)
    form = _form(request, head.campaign)
    return render(request, "campaigns/plan.html", _context(request, head, form))


def _form(request: HttpRequest, campaign: Campaign) -> TermsForm:
    frozen = not editable(request, campaign)
    return TermsForm(initial=values_of(campaign), frozen=frozen)


def _context(request: HttpRequest, head: Head, form: TermsForm) -> dict[str, Any]:
    now, campaign = timezone.now(), head.campaign
    openings = places.resolved(campaign)
    found = products(
        campaign,
        now=now,
        openings=openings,
        text=request.GET.get("q", ""),
        page=request.GET.get("page", "1"),
    )
    small = found.totals.count <= JUDGED_AT_ONCE or "check" in request.GET
    at_once = small and campaign.opened_at is None
    verdict = None
    if at_once:
        verdict = readiness.verdict(campaign, now=now, openings=openings)
    return {
        "campaign": head,
        "tab": "plan",
        "form": form,
        "seen": request.POST.get("seen") or seen(form),
        **_window(campaign, openings, now),
        "categories": stock.categories(),
        "editable": editable(request, campaign),
        "products": found,
        "told": told(campaign, now=now),
        "told_form": AnnouncementForm(auto_id="told_%s"),
        "add": AddLineForm(auto_id="add_%s", of=campaign, now=now),
        "conflicts": verdict.conflicts if verdict else conflicts.of(campaign),
        "verdict": verdict,
        **_approvals(request, campaign),
        **offered(request, campaign),
    }


def _approvals(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    found = approvals.shown(campaign)
    has = found is not None and found.has(actor(request).pk)
    return {"approvals": found, "has_approved": has}


def _window(
    campaign: Campaign, openings: Sequence[Opening], now: datetime
) -> dict[str, Any]:
    """The window, and how it reads on the clocks people look at."""
    if campaign.opens_at is None or campaign.closes_at is None:
        return {}
    window = Window(campaign.opens_at, campaign.closes_at)
    clocks = {campaign.zone: "Sale", settings.SHOP_ZONE: "Shop", "UTC": ""}
    zones = [
        (", ".join(filter(None, [word, city(zone)])), _span(window, zone, now))
        for zone, word in clocks.items()
    ]
    there = [
        (one.place, _span(one.window, one.place.zone, now), one.window)
        for one in openings
        if one.place.code
    ]
    return {"window": window, "zones": zones, "openings": there, "now": now}


def _span(window: Window, zone: str, now: datetime) -> str:
    """`Fri 27 Nov, 20:00–22:00`, with both days where it crosses midnight."""
    opens, closes = (formats.local(at, zone) for at in astuple(window))
    same = opens.date() == closes.date()
    until = formats.clock(closes, zone) if same else _moment(closes, zone, now)
    return f"{_moment(opens, zone, now)}–{until}"


def _moment(at: datetime, zone: str, now: datetime) -> str:
    return formats.moment(at, now=now, zone=zone)


@require_POST
def save(request: HtmxHttpRequest, code: str) -> HttpResponse:
    """Save the terms of a plan; what was decided about the old ones is void."""
    head = queries.head(code)
    form = TermsForm(chosen(request.POST), initial=values_of(head.campaign))
    if not form.is_valid():
        return _wrong(request, head, form)
    try:
        saved = operations.edit(
            code,
            terms=form.terms,
            version=form.cleaned_data["version"] or 0,
            actor=actor(request),
            now=timezone.now(),
        )
    except StaleEdit as refused:
        return stale.terms(request, queries.head(code).campaign, refused, mine=form)
    there = reverse("campaigns:plan", args=[saved.code])
    if not request.htmx:
        return done(request, "Saved", to=there)
    reply = _saved(request, saved)
    if PRICED & set(form.changed_data):
        trigger_client_event(reply, "lines-changed")
    return reply


def _saved(request: HtmxHttpRequest, campaign: Campaign) -> HttpResponse:
    """What changed around the form; the form itself stays under the cursor."""
    now, form = timezone.now(), TermsForm(initial=values_of(campaign))
    context = {
        "campaign": queries.head(campaign.code),
        "seen": seen(form),
        "sections": form.sections,
        "saved_at": now,
        **_window(campaign, places.resolved(campaign), now),
    }
    reply = render(request, "campaigns/_saved.html", context)
    return trigger_client_event(reply, CHANGED)


def _wrong(request: HtmxHttpRequest, head: Head, form: TermsForm) -> HttpResponse:
    context = _context(request, head, form)
    if not request.htmx:
        return render(request, "campaigns/plan.html", context, status=422)
    reply = render(request, "campaigns/_basics.html", context, status=422)
    return reswap(retarget(reply, "#basics"), "outerHTML")


@require_http_methods(["GET", "HEAD", "POST"])
@part_of("campaigns:plan")
def verdict(request: HttpRequest, code: str) -> HttpResponse:
    """Judge the plan as saved, or with the values that are being typed."""
    head, now = queries.head(code), timezone.now()
    candidate = readiness.candidate(head.campaign)
    opened = head.campaign.opened_at is not None
    if request.method == "POST":
        candidate = tried(TermsForm(request.POST), candidate)
    context = {
        "campaign": head,
        "verdict": None if opened else readiness.judge(candidate, now=now),
        **_approvals(request, head.campaign),
        "editable": editable(request, head.campaign),
    }
    return render(request, "campaigns/_verdict.html", context)


@require_POST
def duplicate(request: HttpRequest, code: str) -> HttpResponse:
    """Copy a campaign without its date."""
    copy = operations.duplicate(code, actor=actor(request), now=timezone.now())
    there = reverse("campaigns:plan", args=[copy.code])
    return done(request, f"Copied as {copy.code}, without a date", to=there)


@require_POST
def resolve(request: HttpRequest, code: str) -> HttpResponse:
    """Resolve the dates of a plan by the clocks of now; its page is shown anew."""
    before = queries.head(code).campaign.version
    now = timezone.now()
    found = operations.resolve(code, actor=actor(request), now=now)
    starts = formats.moment(found.opens_at, now=now, zone=found.zone)
    word = "it starts" if found.version > before else "its dates hold: it starts"
    there = reverse("campaigns:plan", args=[code])
    return done(request, f"{code}: {word} {starts}", to=there)


@require_POST
def recheck(request: HttpRequest, code: str) -> HttpResponse:
    """Look again whether what an armed plan depends on is right by now."""
    found = operations.recheck(code, now=timezone.now())
    word = "still suspended" if found.suspended_at else "nothing keeps it from opening"
    tone = "warn" if found.suspended_at else "ok"
    there = reverse("campaigns:plan", args=[code])
    return done(request, f"{code}: {word}", CHANGED, to=there, tone=tone)
