"""What another end of a sale would run into, and what it would do to other sales."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.campaigns import queries
from console.campaigns.forms.ends import EndForm
from console.campaigns.operations.ends import closing
from console.campaigns.queries import impact as found
from console.campaigns.queries.readiness import Check
from console.campaigns.views.actions import ACTIONS
from console.shell.parts import part_of


@require_safe
@part_of("campaigns:extend")
def impact(request: HttpRequest, code: str) -> HttpResponse:
    """Judge the end that is being typed; nothing of one that makes no sense."""
    campaign = queries.head(code).campaign
    form, checks = EndForm(request.GET, of=campaign), []
    if form.is_valid() and (local := form.cleaned_data["closes_local"]):
        closes_at = closing(campaign, local, form.cleaned_data["fold"])
        checks = found.of_end(campaign, closes_at, now=timezone.now())
    context = {
        "campaign": campaign,
        "checks": checks,
        "action": ACTIONS["extend"],
        "blocked": _blocked(checks),
    }
    return render(request, "campaigns/_impact_reply.html", context)


def _blocked(checks: Sequence[Check]) -> str:
    """Why the sale may not end then, in a sentence; nothing if it may."""
    bad = sum(check.tone == "bad" for check in checks)
    if not bad:
        return ""
    what = "This stands" if bad == 1 else f"{bad} things stand"
    return f"{what} in the way of that end. Choose an earlier one."
