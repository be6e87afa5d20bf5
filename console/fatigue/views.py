"""Pages of fatigue: the policy of one audience, its preview, a new audience."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.fatigue import operations, queries
from console.fatigue.forms import AudienceForm, PolicyForm
from console.fatigue.models import Audience, Policy
from console.fatigue.preview import preview
from console.shell.policy import may
from console.shell.show import done, show


@require_GET
def policy(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Show the policy of an audience; without a name, of the largest."""
    audiences = queries.audiences()
    if not audiences:
        return show(request, "fatigue/policy.html", {"audiences": []})
    chosen = [one for one in audiences if one.slug == slug]
    audience = chosen[0] if chosen else audiences[0]
    if slug and not chosen:
        audience = get_object_or_404(Audience, slug=slug)
    held = queries.in_force(audience, timezone.now())
    context = _context(request, held, _form(request, held))
    return show(request, "fatigue/policy.html", context | {"audiences": audiences})


@require_POST
def save(request: HttpRequest, slug: str) -> HttpResponse:
    """Save what was entered as the next version."""
    now = timezone.now()
    held = queries.in_force(get_object_or_404(Audience, slug=slug), now)
    form = _form(request, held)
    if not form.is_valid():
        context = _context(request, held, form) | {"audiences": queries.audiences()}
        return show(request, "fatigue/policy.html", context)
    saved = operations.save(
        held.audience_id,
        form.limits(),
        version=form.cleaned_data["version"],
        reason=form.cleaned_data["reason"],
        actor=request.user,  # type: ignore[arg-type]
        now=now,
    )
    text = f"Saved as version {saved.version} for {held.audience}"
    return done(request, text, to=reverse("fatigue:audience", args=[slug]))


@require_POST
def preview_(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what saving would change; nothing is saved."""
    held = queries.in_force(get_object_or_404(Audience, slug=slug), timezone.now())
    form = _form(request, held)
    form.is_valid()
    context = _context(request, held, form)
    return render(request, "fatigue/_preview_reply.html", context)


@require_http_methods(["GET", "POST"])
def add_audience(request: HttpRequest) -> HttpResponse:
    """Add an audience, with a policy of our defaults."""
    form = AudienceForm(request.POST or None)
    if form.is_valid():
        audience = operations.add_audience(
            form.cleaned_data["name"],
            size=form.cleaned_data["size"],
            actor=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        there = reverse("fatigue:audience", args=[audience.slug])
        return done(request, f"Added {audience}", to=there)
    return show(request, "fatigue/audience.html", {"form": form})


def _form(request: HttpRequest, held: Policy) -> PolicyForm:
    allowed = may(request.user, "fatigue.edit")
    return PolicyForm(request.POST or None, of=held, may=allowed)


def _context(request: HttpRequest, held: Policy, form: PolicyForm) -> dict[str, Any]:
    """The page of one policy; an entry that cannot be is previewed as what is held."""
    wrong = form.errors.keys() - {"reason"} if form.is_bound else set()
    tried = form.limits() if form.is_bound and not wrong else held.limits()
    looked = preview(held.audience_id, held.limits(), tried, now=timezone.now())
    return {
        "policy": held,
        "audience": held.audience,
        "form": form,
        "wrong": sorted(wrong),
        "preview": looked,
        "versions": queries.versions(held.audience),
        "next_version": held.version + 1,
        "editable": may(request.user, "fatigue.edit"),
    }
