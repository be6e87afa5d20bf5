"""The people of a campaign, its decisions, and the sales it waits for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from console.campaigns import operations, queries
from console.campaigns.forms.desk import Contacts, DecideForm, WarRoomForm
from console.campaigns.queries.brief import Head
from console.campaigns.queries.decided import log
from console.campaigns.views.asked import actor
from console.shell.show import done


@require_safe
def people(request: HttpRequest, code: str) -> HttpResponse:
    """Show whom to reach, in order, and what was decided."""
    head = queries.head(code)
    rows = Contacts(initial=head.campaign.contacts)
    room = WarRoomForm(initial={"war_room": head.campaign.war_room})
    return render(request, "campaigns/people.html", _context(head, rows, room))


def _context(head: Head, rows: Contacts, room: WarRoomForm) -> dict[str, Any]:
    return {
        "campaign": head,
        "tab": "people",
        "rows": rows,
        "room": room,
        "log": log(head.campaign),
        "decide": DecideForm(auto_id="decide_%s"),
    }


@require_POST
def set_contacts(request: HttpRequest, code: str) -> HttpResponse:
    """Save whom to reach."""
    head = queries.head(code)
    rows, room = Contacts(request.POST), WarRoomForm(request.POST)
    if not (rows.is_valid() and room.is_valid()):
        context = _context(head, rows, room)
        return render(request, "campaigns/people.html", context, status=422)
    operations.set_contacts(
        code,
        rows.contacts,
        war_room=room.cleaned_data["war_room"],
        actor=actor(request),
        now=timezone.now(),
    )
    return done(request, "Saved", to=reverse("campaigns:people", args=[code]))


@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Write down what was decided."""
    operations.decide(
        code,
        text=request.POST.get("text", ""),
        actor=actor(request),
        now=timezone.now(),
    )
    return done(request, "Written down", to=reverse("campaigns:people", args=[code]))


@require_POST
def wait_for(request: HttpRequest, code: str) -> HttpResponse:
    """Let the plan wait for another sale."""
    on = request.POST.get("on", "").strip().upper()
    operations.wait_for(code, on=on, actor=actor(request), now=timezone.now())
    there = reverse("campaigns:changes", args=[code])
    return done(request, f"{code} waits for {on}", to=there)


@require_POST
def wait_no_more(request: HttpRequest, code: str) -> HttpResponse:
    """Let it no longer wait."""
    on = request.POST.get("on", "")
    operations.wait_no_more(code, on=on, actor=actor(request), now=timezone.now())
    there = reverse("campaigns:changes", args=[code])
    return done(request, f"{code} no longer waits for {on}", to=there)
