"""The people of a campaign, its decisions, and the sales it waits for."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from console.campaigns import operations, queries
from console.campaigns.forms.desk import (
    Contacts,
    ContactsField,
    DecideForm,
    PeopleForm,
    WarRoomForm,
    rows_of,
)
from console.campaigns.queries.brief import Head
from console.campaigns.queries.decided import log
from console.campaigns.rules import StaleEdit
from console.campaigns.views import stale
from console.campaigns.views.asked import actor
from console.shell.diff import chosen, seen
from console.shell.show import done


@require_safe
def people(request: HttpRequest, code: str) -> HttpResponse:
    """Show whom to reach, in order, and what was decided."""
    head = queries.head(code)
    held = PeopleForm.values_of(head.campaign)
    rows, room = Contacts(initial=head.campaign.contacts), WarRoomForm(initial=held)
    saw = seen(PeopleForm(initial=held))
    return render(request, "campaigns/people.html", _context(head, rows, room, saw))


def _context(head: Head, rows: Contacts, room: WarRoomForm, saw: str) -> dict[str, Any]:
    return {
        "seen": saw,
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
    head, data = queries.head(code), _entered(request.POST)
    rows, room = Contacts(data), WarRoomForm(data)
    if not all([rows.is_valid(), room.is_valid()]):
        context = _context(head, rows, room, data.get("seen", ""))
        return render(request, "campaigns/people.html", context, status=422)
    try:
        operations.set_contacts(
            code,
            rows.contacts,
            **room.cleaned_data,
            actor=actor(request),
            now=timezone.now(),
        )
    except StaleEdit as refused:
        mine = PeopleForm(_whole(rows, room))
        fresh = queries.head(code).campaign
        return stale.people(request, fresh, refused, mine=mine)
    return done(request, "Saved", to=reverse("campaigns:people", args=[code]))


def _entered(post: QueryDict) -> QueryDict:
    """What was entered; the screen of two edits sends all contacts as one value."""
    data = chosen(post)
    if "contacts" in data:
        whole = ContactsField.contacts(str(data["contacts"]))
        for name, text in rows_of(whole).items():
            data[name] = text
    return data


def _whole(rows: Contacts, room: WarRoomForm) -> dict[str, Any]:
    return {**room.cleaned_data, "contacts": ContactsField.spelled(rows.contacts)}


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
