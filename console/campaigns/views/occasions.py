"""Occasions: the list of them, a new one, another name for one, and taking one away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from console.campaigns import operations
from console.campaigns.forms.occasions import OccasionForm
from console.campaigns.models import Occasion
from console.campaigns.queries.occasions import days
from console.campaigns.rules import StaleEdit
from console.campaigns.views import stale
from console.campaigns.views.asked import CHANGED, actor
from console.errors import Refusal
from console.shell.diff import chosen, seen
from console.shell.show import done, show

HOME = "campaigns:occasions"
any_method = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def occasions(request: HttpRequest) -> HttpResponse:
    """Show what may justify a sale: days to come, and those that are over."""
    context = {"days": days(timezone.localdate())}
    return show(request, "campaigns/occasions.html", context)


@any_method
def add_occasion(request: HttpRequest) -> HttpResponse:
    """Add an occasion."""
    form = OccasionForm(request.POST or None)
    if form.is_valid() and _saved(request, form):
        return done(request, f"Added {_named(form)}", CHANGED, to=reverse(HOME))
    return _dialog(request, form, "Add an occasion")


@any_method
def rename_occasion(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an occasion another name or day."""
    held = get_object_or_404(Occasion, pk=pk)
    form = OccasionForm(chosen(request.POST) or None, of=held)
    try:
        if form.is_valid() and _saved(request, form, pk):
            return done(request, f"Saved {_named(form)}", CHANGED, to=reverse(HOME))
    except StaleEdit as refused:
        held.refresh_from_db()
        return stale.occasion(request, held, refused, mine=form)
    return _dialog(request, form, f"Rename {held.name}")


@any_method
def drop_occasion(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once, then take an occasion away."""
    held = get_object_or_404(Occasion, pk=pk)
    if request.method != "POST":
        context = {"occasion": held, "here": request.path}
        return show(request, "campaigns/drop_occasion.html", context)
    operations.drop_occasion(pk, actor=actor(request), now=timezone.now())
    return done(request, f"Removed {held.name}", CHANGED, to=reverse(HOME))


def _saved(request: HttpRequest, form: OccasionForm, pk: int | None = None) -> bool:
    """Save it, or let the field say what is wrong.

    Raises:
        StaleEdit: somebody changed it since it was read.
    """
    said = {n: form.cleaned_data[n] for n in ("name", "on")}
    said |= {"actor": actor(request), "now": timezone.now()}
    try:
        if pk is None:
            operations.add_occasion(**said)
        else:
            version = form.cleaned_data["version"]
            operations.rename_occasion(pk, **said, version=version)
    except StaleEdit:
        raise
    except Refusal as refused:
        known = refused.field in form.fields
        form.add_error(refused.field if known else None, refused.message)
        return False
    return True


def _named(form: OccasionForm) -> str:
    return str(form.cleaned_data["name"])


def _dialog(request: HttpRequest, form: OccasionForm, title: str) -> HttpResponse:
    status = 422 if form.errors else 200
    context: dict[str, object] = {"form": form, "title": title, "here": request.path}
    context["seen"] = request.POST.get("seen") or seen(form)
    return show(request, "campaigns/occasion.html", context, status=status)
