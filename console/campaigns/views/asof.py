"""A sale as of an instant, on the wall clock of its zone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.campaigns import queries, rules
from console.campaigns.forms.fields import WallClockField
from console.campaigns.queries.asof import as_of as read
from console.campaigns.queries.asof import first_second
from console.campaigns.queries.places import places_of
from console.campaigns.rules import Place
from console.errors import Refusal
from console.shell.forms import SayingForm


class InstantForm(SayingForm):
    """An instant, as a clock in the sale's zone shows it; the first of two."""

    at = WallClockField(label="As of", col="w4 m12")

    def __init__(
        self, *args: Any, zone: str, markets: Sequence[Place], **options: Any
    ) -> None:
        """zone: of the sale. markets: of the sale; a choice from two on."""
        super().__init__(*args, **options)
        self.zone = zone
        if len(markets) > 1:
            choices = [(one.code, one.name) for one in markets]
            self.fields["market"] = forms.ChoiceField(
                label="Market",
                choices=choices,
                initial=choices[0][0],
                widget=forms.Select(attrs={"data-col": "w4 m12"}),
            )
        self.fields["at"].help_text = f"On the clocks of {zone.replace('_', ' ')}"

    def clean(self) -> dict[str, Any]:
        """Resolve it, so that its field can say what is wrong."""
        data = super().clean() or {}
        if local := data.get("at"):
            try:
                data["instant"] = rules.instant(local, self.zone, field="at", fold=0)
            except Refusal as refused:
                self.add_error("at", refused.message)
        return data


@require_safe
def as_of(request: HttpRequest, code: str) -> HttpResponse:
    """Show prices, claims, stock and state of each line at an instant."""
    head, now = queries.head(code), timezone.now()
    given = request.GET.dict() if "at" in request.GET else None
    first, zone = first_second(head.campaign), head.campaign.zone
    local = first and first.astimezone(rules.zone_of(zone)).replace(tzinfo=None)
    markets = places_of(head.campaign)
    if given and markets:
        given = {"market": markets[0].code} | given
    form = InstantForm(given, initial={"at": local}, zone=zone, markets=markets)
    at = form.cleaned_data["instant"] if form.is_valid() else None
    at = first if given is None else at
    said = form.cleaned_data if form.is_valid() else {}
    asked = {"market": said.get("market", ""), "page": request.GET.get("page", "1")}
    context = {
        "campaign": head,
        "tab": "",
        "form": form,
        "then": read(head.campaign, at, now=now, **asked) if at else None,
    }
    status = 422 if form.errors else 200
    return render(request, "campaigns/as_of.html", context, status=status)
