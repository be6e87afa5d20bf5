"""Pages of this room: the connections, one connection, a test."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.providers import operations, queries
from console.providers.forms import ConnectionForm
from console.providers.models import Connection
from console.shell.show import done, show

CHANGED = "providers-changed"
LIST = "providers:list"


@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """Show every connection with its last test."""
    lines = queries.connections()
    return show(request, "providers/connections.html", {"connections": lines})


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Connect an outside system."""
    form = ConnectionForm(request.POST or None)
    if form.is_valid():
        name = form.cleaned_data["name"]
        operations.add(name, form.settings(), actor=request.user, now=timezone.now())
        return done(request, f"Added {name}. Test it now.", CHANGED, to=LIST)
    return show(request, "providers/connection.html", {"form": form})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one connection."""
    connection = get_object_or_404(Connection, pk=pk)
    form = ConnectionForm(request.POST or None, of=connection)
    if form.is_valid():
        operations.edit(pk, form.settings(), actor=request.user, now=timezone.now())
        return done(request, f"Saved {connection.name}", CHANGED, to=LIST)
    context = {"form": form, "connection": connection}
    return show(request, "providers/connection.html", context)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask one connection for a sign of life."""
    connection = get_object_or_404(Connection, pk=pk)
    probe = operations.test(pk, now=timezone.now())
    if probe.ok:
        text = f"{connection.name} answers in {probe.ms:.0f} ms"
        return done(request, text, CHANGED, to=LIST, sub=probe.note)
    text = f"{connection.name} does not work"
    return done(request, text, CHANGED, to=LIST, tone="bad", sub=probe.note)
