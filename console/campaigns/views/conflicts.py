"""The conflicts of a plan: listed beside its products, each settled by one click."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from console.campaigns import operations, queries
from console.campaigns.operations import Way
from console.campaigns.queries import conflicts
from console.campaigns.views.asked import CHANGED, HtmxHttpRequest, actor, editable
from console.shell.forms import SayingForm
from console.shell.parts import part_of
from console.shell.show import done

SETTLED = {
    Way.EXCLUDE: "The SKUs of {} left this plan",
    Way.TAKE_OVER: "The SKUs of this plan left {}",
    Way.MOVE: "Moved behind {}",
}


class SettleForm(SayingForm):
    """Which campaign, and what settles it."""

    other = forms.CharField(max_length=20)
    way = forms.ChoiceField(choices=[(way.value, way.value) for way in Way])


@require_safe
@part_of("campaigns:plan")
def table(request: HtmxHttpRequest, code: str) -> HttpResponse:
    """Show the conflicts of a plan as they are now; by itself, on the plan's page."""
    head = queries.head(code)
    if not request.htmx:
        return redirect("campaigns:plan", head.code)
    context = {
        "campaign": head,
        "conflicts": conflicts.of(head.campaign),
        "editable": editable(request, head.campaign),
    }
    return render(request, "campaigns/_conflicts.html", context)


@require_POST
def settle(request: HttpRequest, code: str) -> HttpResponse:
    """Settle one conflict."""
    form = SettleForm(request.POST)
    if not form.is_valid():
        return HttpResponse("Name the campaign and the way.", status=422)
    other, way = form.cleaned_data["other"], Way(form.cleaned_data["way"])
    now = timezone.now()
    operations.settle(code, other, way, actor=actor(request), now=now)
    there = reverse("campaigns:plan", args=[code])
    said = SETTLED[way].format(other)
    # A moved plan is shown anew: its fields hold the old start, and the old version.
    stays = () if way == Way.MOVE else (CHANGED, "lines-changed")
    return done(request, said, *stays, to=there)
