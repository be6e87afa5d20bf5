"""The fence of a sale on its Stock tab: up or down, what waits, what differed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from console.shell.parts import part_of
from console.shell.show import done
from console.stock import clock, operations, queries
from console.stock.feed_forms import FenceForm
from console.stock.views import person
from console.stock.views.panel import tab

CHANGED = "fence-changed"


@require_GET
@part_of(tab)
def fence(request: HttpRequest, campaign: str) -> HttpResponse:
    """Say whether others may write the stock of a sale, and what waits or differs."""
    context = {
        "campaign_code": campaign,
        "read_at": clock.now(),
        "fence": queries.fence_of(campaign),
        "to_fence": queries.can_be_fenced(campaign),
    }
    return render(request, "stock/_fence.html", context)


@require_http_methods(["GET", "POST"])
@part_of(tab)
def raise_fence(request: HttpRequest, campaign: str) -> HttpResponse:
    """Keep others out by hand."""
    form = FenceForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        operations.raise_fence(
            campaign, actor=person(request), now=clock.now(), reason=reason
        )
        return done(request, f"Others do not write stock of {campaign} now", CHANGED)
    return _dialog(request, campaign, form, "raise")


@require_http_methods(["GET", "POST"])
@part_of(tab)
def drop_fence(request: HttpRequest, campaign: str) -> HttpResponse:
    """Let others in by hand."""
    form = FenceForm(request.POST or None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        fence = operations.drop_fence(
            campaign, actor=person(request), now=clock.now(), reason=reason
        )
        text = f"Others write stock of {campaign} again" if fence else "No fence is up"
        return done(request, text, CHANGED)
    return _dialog(request, campaign, form, "drop")


@require_POST
@part_of(tab)
def acknowledge(request: HttpRequest, campaign: str) -> HttpResponse:
    """Note that somebody looked at what differed."""
    operations.acknowledge_fence(campaign, actor=person(request), now=clock.now())
    return done(request, "Differences acknowledged", CHANGED)


def _dialog(
    request: HttpRequest, campaign: str, form: FenceForm, act: str
) -> HttpResponse:
    context = {"campaign_code": campaign, "form": form, "act": act}
    context["fence"] = queries.fence_of(campaign)
    return render(request, "stock/_turn_fence.html", context)
