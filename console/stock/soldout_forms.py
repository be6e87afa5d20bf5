"""Input of what shops do once the units of a sale are gone."""

from __future__ import annotations

from typing import Any

from django import forms

from console.shell.forms import SayingForm
from console.stock.forms import TEXT
from console.stock.models import SoldOutPolicy
from console.stock.operations.soldout_targets import leads_to
from console.stock.rules.soldout import (
    LABELS,
    MOST_TO,
    BadTarget,
    SoldOutWay,
)

WAYS = [(way.value, LABELS[way]) for way in SoldOutWay]


class SoldOutForm(SayingForm):
    """What shops do; blank for nothing of its own."""

    way = forms.ChoiceField(
        label="When it is sold out",
        required=False,
        widget=forms.Select(attrs={"data-col": "w12", "autofocus": True}),
    )
    to = forms.CharField(
        label="Redirect to",
        required=False,
        max_length=MOST_TO,
        help_text="An address of one of your shops, sku:CODE or category:HANDLE.",
        widget=forms.TextInput(attrs={"data-col": "w12", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=TEXT | {"data-col": "w12"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, of: SoldOutPolicy | None, nothing: str, **kwargs: Any
    ) -> None:
        """Start from what holds now. nothing: what the blank choice means."""
        super().__init__(*args, **kwargs)
        field = self.fields["way"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", nothing), *WAYS]
        self.initial.setdefault("way", of.way if of else "")
        self.initial.setdefault("to", of.to if of else "")

    def clean(self) -> dict[str, Any]:
        """Refuse an address beside its field."""
        data = self.cleaned_data
        if data.get("way") and "to" in data:
            try:
                leads_to(SoldOutWay(data["way"]), data["to"])
            except BadTarget as bad:
                self.add_error("to", bad.message)
        return data

    def chosen(self) -> SoldOutWay | None:
        """The way, None for nothing."""
        way = self.cleaned_data["way"]
        return SoldOutWay(way) if way else None
