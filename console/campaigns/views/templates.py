"""Templates: the list of them, saving one, using one, and a clone on another day."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from console.campaigns import operations, queries
from console.campaigns.forms.templates import OnDayForm, SaveTemplateForm
from console.campaigns.models import Campaign, Template
from console.campaigns.operations.templates import droppable, sold_out_kept
from console.campaigns.rules.shape import shape_of
from console.campaigns.views.asked import actor
from console.campaigns.views.shown import link_to
from console.shell.show import done
from console.stock.rules.soldout import said_words


@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """List the templates by name."""
    found = list(Template.objects.select_related("made_by").order_by("name"))
    mine = droppable(found, actor(request))
    context = {"templates": found, "mine": mine}
    return render(request, "campaigns/templates.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a sale as a template."""
    head = queries.head(code)
    form = SaveTemplateForm(request.POST or None, initial={"name": head.name})
    if request.method == "POST" and form.is_valid():
        made = operations.save_template(
            code, **form.cleaned_data, actor=actor(request), now=timezone.now()
        )
        return done(request, f"Saved: {made}", to=reverse("campaigns:templates"))
    context = {"campaign": head, "form": form, "title": "Save as a template"}
    context["kept"] = said_words(sold_out_kept(head.campaign, with_lines=True))
    return render(request, "campaigns/on_day.html", context | {"button": "Save"})


@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a sale from a template, on a day."""
    made = get_object_or_404(Template, pk=pk)
    initial = {"opens": made.opens, "name": made.name}
    form = OnDayForm(
        request.POST or None,
        initial=initial,
        shape=made.shape,
        zone=made.terms["zone"],
    )
    if request.method == "POST" and form.is_valid():
        draft = operations.use_template(
            pk, **form.cleaned_data, actor=actor(request), now=timezone.now()
        )
        return _begun(request, draft, f"Begun as {draft.code}.")
    context = {"title": f"Use {made.name}", "button": "Begin the draft", "made": made}
    return _asked(request, form, context)


@require_http_methods(["GET", "HEAD", "POST"])
def clone(request: HttpRequest, code: str) -> HttpResponse:
    """Copy a sale onto another day."""
    head = queries.head(code)
    shape = shape_of(head.campaign.opens_local, head.campaign.closes_local)
    initial = {"opens": shape.opens}
    zone = head.campaign.zone
    form = OnDayForm(request.POST or None, initial=initial, shape=shape, zone=zone)
    del form.fields["name"]
    if request.method == "POST" and form.is_valid():
        copy = operations.clone(
            code, **form.cleaned_data, actor=actor(request), now=timezone.now()
        )
        return _begun(request, copy, f"Cloned as {copy.code}.")
    context = {"campaign": head, "title": f"Clone {code}", "button": "Clone"}
    return _asked(request, form, context)


def _begun(request: HttpRequest, draft: Campaign, text: str) -> HttpResponse:
    there = reverse("campaigns:plan", args=[draft.code])
    return done(request, text, to=there, link=link_to(request, draft))


def _asked(
    request: HttpRequest, form: OnDayForm, context: dict[str, Any]
) -> HttpResponse:
    said = context | {"form": form}
    status = 422 if form.errors else 200
    return render(request, "campaigns/on_day.html", said, status=status)


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a template."""
    operations.drop_template(pk, actor=actor(request), now=timezone.now())
    return done(request, "Deleted", to=reverse("campaigns:templates"))
