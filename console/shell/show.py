"""Page or partial: one call that answers a browser and htmx alike."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render `room/noun.html`; when htmx asks, render `room/_noun.html` alone.

    A boosted navigation gets the whole page, as the browser would.
    """
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.boosted and not htmx.history_restore_request:
        room, _, name = template.rpartition("/")
        template = f"{room}/_{name}"
    return render(request, template, context, status=status)
