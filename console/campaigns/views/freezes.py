"""Freezes: the list of them, a new one, and lifting one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from console.campaigns import operations
from console.campaigns.forms.fields import WallClockField
from console.campaigns.models import Freeze, Market
from console.campaigns.queries.freezes import Hit, hits
from console.campaigns.rules import check_order, instant
from console.campaigns.views.asked import CHANGED, actor
from console.errors import Refusal
from console.shell.forms import SayingForm
from console.shell.parts import at, part_of
from console.shell.show import done, show
from console.stock import queries as stock


class FreezeForm(SayingForm):
    """What is frozen, from when to when on the shop's clock, and for which sales."""

    name = forms.CharField(
        label="What for",
        max_length=80,
        help_text="For example: ERP migration.",
        widget=forms.TextInput(attrs={"data-col": "w12", "autocomplete": "off"}),
    )
    starts = WallClockField(col="w6 m12")
    ends = WallClockField(col="w6 m12")
    category = forms.CharField(
        required=False,
        max_length=100,
        help_text="Only sales of this category; all if empty.",
        widget=forms.TextInput(attrs={"data-col": "w12", "list": "categories"}),
    )
    markets = forms.MultipleChoiceField(
        required=False,
        help_text="Only sales in one of these; everywhere if none is ticked.",
        widget=forms.CheckboxSelectMultiple(attrs={"data-col": "w12"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """In a shop without markets there is nothing to choose."""
        super().__init__(*args, **options)
        there = [(one.code, str(one)) for one in Market.objects.order_by("name")]
        markets = self.fields["markets"]
        assert isinstance(markets, forms.MultipleChoiceField)
        markets.choices = there
        if not there:
            del self.fields["markets"]

    def clean(self) -> dict[str, Any]:
        """Resolve both times, so that their field can say what is wrong."""
        data = super().clean() or {}
        for name in ("starts", "ends"):
            if name in data:
                self._resolve(name, data)
        return data

    def _resolve(self, name: str, data: dict[str, Any]) -> None:
        try:
            at = instant(data[name], settings.SHOP_ZONE, field=name, fold=0)
            data[f"{name}_at"] = at
            if name == "ends" and "starts_at" in data and at <= data["starts_at"]:
                check_order(data["starts_at"], at)
        except Refusal as refused:
            self.add_error(name, refused.message)


@require_safe
def freezes(request: HttpRequest) -> HttpResponse:
    """Show the freezes to come and those that are over, the latest first."""
    every = Freeze.objects.select_related("by").named()
    found = every.order_by("-starts_at", "-pk")[:100]
    context = {"freezes": found, "now": timezone.now()}
    return show(request, "campaigns/freezes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def freeze(request: HttpRequest) -> HttpResponse:
    """Freeze a period."""
    form = FreezeForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        made = operations.freeze(
            data["name"],
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            category=data["category"],
            markets=data.get("markets", ()),
            actor=actor(request),
            now=timezone.now(),
        )
        there = reverse("campaigns:freezes")
        return done(request, f"Frozen: {made}", to=there)
    status = 422 if form.errors else 200
    context = {"form": form, "categories": stock.categories(), "hits": _hits(form)}
    return show(request, "campaigns/freeze.html", context, status=status)


@require_safe
@part_of(at("campaigns:freeze"))
def concerned(request: HttpRequest) -> HttpResponse:
    """Say which sales the freeze that is being typed would concern."""
    context = {"hits": _hits(FreezeForm(request.GET))}
    return render(request, "campaigns/_freeze_found.html", context)


def _hits(form: FreezeForm) -> list[Hit] | None:
    """The sales it would concern; None until its times make sense."""
    if not form.is_bound or set(form.errors) - {"name"}:
        return None
    said = form.cleaned_data
    return hits(
        said["starts_at"],
        said["ends_at"],
        category=said["category"].strip(),
        markets=said.get("markets", ()),
    )


@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """End a freeze early."""
    lifted = operations.lift(pk, actor=actor(request), now=timezone.now())
    return done(request, f"Lifted: {lifted}", CHANGED, to=reverse("campaigns:freezes"))
