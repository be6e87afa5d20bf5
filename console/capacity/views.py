"""Pages of this room: a campaign's capacity, the service profiles."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.capacity import charts, operations, queries, watching
from console.capacity.forms import ProfileForm
from console.capacity.models import ServiceProfile
from console.capacity.panel import panel as read_panel
from console.shell.show import done, show

CHANGED = "capacity-changed"
PROFILES = "capacity:profiles"


@require_GET
def home(_request: HttpRequest) -> HttpResponse:
    """Lead to the capacity of the sale that runs, else of the next."""
    campaign = queries.nearest(now=timezone.now())
    if not campaign:
        return redirect(PROFILES)
    try:
        return redirect(reverse("campaigns:capacity", args=[campaign]))
    except NoReverseMatch:
        return redirect("capacity:panel", campaign)


@require_GET
def panel(request: HttpRequest, campaign: str) -> HttpResponse:
    """Show what a campaign needs, has and costs."""
    found = read_panel(campaign, now=timezone.now())
    context: dict[str, Any] = {"campaign": campaign, "panel": found}
    if found:
        context["figure"] = charts.capacity(found)
        context["sentence"] = charts.sentence(found)
    return show(request, "capacity/panel.html", context)


@require_POST
def raise_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a floor that somebody lowered back up."""
    group = watching.raise_again(pk, actor=request.user, now=timezone.now())
    text = f"{group.name} is back at {group.floor}"
    return done(request, text, CHANGED, to="capacity:home")


@require_GET
def profiles(request: HttpRequest) -> HttpResponse:
    """Show what each service carries."""
    return show(request, "capacity/profiles.html", {"profiles": queries.profiles()})


@require_http_methods(["GET", "POST"])
def add_profile(request: HttpRequest) -> HttpResponse:
    """Describe one more service."""
    return _profile(request, ServiceProfile())


@require_http_methods(["GET", "POST"])
def edit_profile(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a service carries."""
    return _profile(request, get_object_or_404(ServiceProfile, pk=pk))


def _profile(request: HttpRequest, profile: ServiceProfile) -> HttpResponse:
    title = profile.title
    form = ProfileForm(request.POST or None, instance=profile)
    if form.is_valid():
        operations.save_profile(form.instance, actor=request.user, now=timezone.now())
        return done(request, f"Saved {profile.title}", CHANGED, to=PROFILES)
    context = {"form": form, "profile": profile, "title": title}
    return show(request, "capacity/profile.html", context)
