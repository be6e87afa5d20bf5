"""Page or partial, and the word after a write: answers for a browser and htmx alike."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django_htmx.http import (
    HttpResponseClientRedirect,
    trigger_client_event,
)

from console.shell.parts import asks_for_part

LEVELS = {
    "ok": messages.SUCCESS,
    "info": messages.INFO,
    "warn": messages.WARNING,
    "bad": messages.ERROR,
}


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render `room/noun.html`; when htmx asks, render `room/_noun.html` alone.

    A boosted navigation gets the whole page, as the browser would.
    """
    if asks_for_part(request):
        room, _, name = template.rpartition("/")
        template = f"{room}/_{name}"
    return render(request, template, context, status=status)


def done(
    request: HttpRequest,
    text: str,
    *events: str,
    to: str = "",
    tone: str = "ok",
    sub: str = "",
    undo: str = "",
    link: tuple[str, str] | None = None,
) -> HttpResponse:
    """Say that a write went through, and what changed.

    With `events` (`stock-changed` …) htmx stays on the page: no content, a toast, the
    events, and the dialog it came from closes. Otherwise the person is led to `to`.

    to: an address, or anything `redirect` takes; the page a plain form returns to.
    undo: an address that undoes the write when POSTed to; the toast offers it.
    link: words and an address that the toast leads to besides.
    """
    htmx = bool(getattr(request, "htmx", False))
    if htmx and (events or not to):
        said = {"text": text, "tone": tone, "sub": sub, "undo": undo, "link": link}
        return _stay(events, said)
    if link:
        text = format_html('{} <a href="{}">{}</a>', text, link[1], link[0])
    messages.add_message(request, LEVELS[tone], text)
    there = redirect(to or request.headers.get("Referer", "/"))
    return HttpResponseClientRedirect(there["Location"]) if htmx else there


def _stay(events: tuple[str, ...], said: dict[str, Any]) -> HttpResponse:
    reply = HttpResponse(status=204)
    for event in events:
        trigger_client_event(reply, event)
    return trigger_client_event(reply, "toast", said)
