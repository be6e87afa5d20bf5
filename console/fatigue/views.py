"""Pages of fatigue: the policy of one scope, its preview, a new audience or policy."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from console.errors import Refusal
from console.fatigue import operations, queries
from console.fatigue.forms import AudienceForm, PolicyForm, ScopeForm
from console.fatigue.models import Policy, Scope
from console.fatigue.preview import preview
from console.shell.diff import Change, changed_by, chosen, differ, seen
from console.shell.policy import may
from console.shell.show import done, show


@require_GET
def policy(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Show the policy of a scope; without one, of the largest audience."""
    scopes = queries.scopes()
    if not scopes:
        return show(request, "fatigue/policy.html", {"scopes": []})
    chosen = get_object_or_404(Scope, pk=pk) if pk else scopes[0]
    held = queries.in_force(chosen.value, timezone.now())
    context = _context(request, held, _form(request, held))
    return show(request, "fatigue/policy.html", context | {"scopes": scopes})


@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what was entered as the next version."""
    now = timezone.now()
    held = queries.in_force(get_object_or_404(Scope, pk=pk).value, now)
    form = _form(request, held)
    if not form.is_valid():
        context = _context(request, held, form) | {"scopes": queries.scopes()}
        return show(request, "fatigue/policy.html", context)
    try:
        saved = operations.save(
            held.scope_id,
            form.limits(),
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
            actor=request.user,  # type: ignore[arg-type]
            now=now,
        )
    except operations.StalePolicy as refused:
        return _stale(request, pk, refused, mine=form)
    text = f"Saved as version {saved.version} for {held.scope}"
    return done(request, text, to=reverse("fatigue:scope", args=[pk]))


@require_POST
def preview_(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what saving would change; nothing is saved."""
    held = queries.in_force(get_object_or_404(Scope, pk=pk).value, timezone.now())
    form = _form(request, held)
    form.is_valid()
    context = _context(request, held, form)
    return render(request, "fatigue/_preview_reply.html", context)


@require_http_methods(["GET", "POST"])
def add_audience(request: HttpRequest) -> HttpResponse:
    """Add an audience, with a policy of our defaults."""
    form = AudienceForm(request.POST or None)
    if form.is_valid():
        audience = operations.add_audience(
            form.cleaned_data["name"],
            size=form.cleaned_data["size"],
            actor=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        scope = Scope.objects.get(kind="audience", name=audience.slug)
        there = reverse("fatigue:scope", args=[scope.pk])
        return done(request, f"Added {audience}", to=there)
    return show(request, "fatigue/audience.html", {"form": form})


@require_http_methods(["GET", "POST"])
def add_policy(request: HttpRequest) -> HttpResponse:
    """Protect a category, a brand, a market, a SKU or each of them."""
    form = ScopeForm(request.POST or None)
    if form.is_valid():
        added = operations.add_policy(
            form.scope,
            form.limits(settings.SHOP_ZONE),
            reason="First version",
            actor=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
        there = reverse("fatigue:scope", args=[added.scope_id])
        return done(request, f"{added.scope} has a policy now", to=there)
    return show(request, "fatigue/scope.html", {"form": form})


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin with our defaults: for everybody, for everything and for each SKU."""
    operations.start(
        zone=settings.SHOP_ZONE,
        actor=request.user,  # type: ignore[arg-type]
        now=timezone.now(),
    )
    return done(request, "Started with our defaults", to=reverse("fatigue:policy"))


def _form(request: HttpRequest, held: Policy) -> PolicyForm:
    allowed = may(request.user, "fatigue.edit")
    return PolicyForm(chosen(request.POST) or None, of=held, may=allowed)


def _stale(
    request: HttpRequest, pk: int, refused: Refusal, *, mine: PolicyForm
) -> HttpResponse:
    """Somebody saved another version first: the three values of each field."""
    held = queries.in_force(get_object_or_404(Scope, pk=pk).value, timezone.now())
    newer = PolicyForm(of=held, may=True)
    author = held.author
    who = (author.get_full_name() or author.get_username()) if author else ""
    return differ(
        request,
        refused,
        mine=mine,
        newer=newer,
        title=f"Two edits of {held.scope}",
        back=reverse("fatigue:scope", args=[pk]),
        changes=changed_by(Change(who, held.since), newer),
    )


def _wrong(form: PolicyForm, names: Set[str]) -> list[str]:
    """Which entries cannot be, by the words of their fields, and why."""
    return [
        f"{form[name].label}: {form.errors[name][0]}" if name in form.fields
        else str(form.errors[name][0])
        for name in (*form.fields, NON_FIELD_ERRORS) if name in names
    ]  # fmt: skip


def _context(request: HttpRequest, held: Policy, form: PolicyForm) -> dict[str, Any]:
    """The page of one policy; an entry that cannot be is previewed as what is held."""
    wrong = form.errors.keys() - {"reason"} if form.is_bound else set()
    tried = form.limits() if form.is_bound and not wrong else held.limits()
    looked = preview(held.scope.value, held.limits(), tried, now=timezone.now())
    return {
        "policy": held,
        "scope": held.scope,
        "form": form,
        "seen": request.POST.get("seen") or seen(form),
        "wrong": _wrong(form, wrong),
        "preview": looked,
        "versions": queries.versions(held.scope),
        "next_version": held.version + 1,
        "editable": may(request.user, "fatigue.edit"),
    }
