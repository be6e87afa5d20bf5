"""Forms that set many prices at once, and that fill a plan from the catalogue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from console.campaigns.forms.fields import CommaField
from console.campaigns.rules.sources import SourceKind
from console.prices.rules.charms import Charm, Pricing
from console.prices.rules.money import Method
from console.shell.forms import SayingForm

PERCENT = {Method.PERCENT_OFF_PRIOR, Method.PERCENT_OFF_REGULAR}


class PricingForm(SayingForm):
    """A method, its value, and how the price ends."""

    method = forms.ChoiceField(
        choices=[(m.value, m.label) for m in Method],
        initial=Method.PERCENT_OFF_REGULAR.value,
        widget=forms.Select(attrs={"data-col": "w6 m12"}),
    )
    value = CommaField(
        min_value=Decimal("0.001"),
        max_digits=14,
        decimal_places=3,
        initial=20,
        widget=forms.NumberInput(attrs={"data-col": "w3 m6", "step": "any"}),
    )
    charm = forms.ChoiceField(
        label="Ending",
        choices=[(c.value, c.label) for c in Charm],
        required=False,
        widget=forms.Select(attrs={"data-col": "w3 m6"}),
    )

    def clean(self) -> dict[str, Any]:
        """Refuse a percentage that is none."""
        data = super().clean() or {}
        if data.get("method") in PERCENT and (data.get("value") or 0) >= 100:
            self.add_error("value", "Enter a percentage below 100.")
        return data

    @property
    def pricing(self) -> Pricing:
        """What was entered."""
        data = self.cleaned_data
        return Pricing(Method(data["method"]), data["value"], Charm(data["charm"]))


class FillForm(PricingForm):
    """A filter of the catalogue, and what each SKU it matches shall say."""

    kind = forms.ChoiceField(
        label="All of",
        choices=[(k.value, k.label) for k in SourceKind],
        widget=forms.Select(attrs={"data-col": "w4 m12"}),
    )
    name = forms.CharField(
        label="Category, brand or beginning of the SKU",
        max_length=100,
        widget=forms.TextInput(
            attrs={"data-col": "w8 m12", "list": "categories", "autocomplete": "off"}
        ),
    )
    units = forms.IntegerField(
        label="Units of each",
        min_value=1,
        initial=10,
        widget=forms.NumberInput(attrs={"data-col": "w3 m6"}),
    )
    buffer = forms.IntegerField(
        min_value=0,
        initial=0,
        widget=forms.NumberInput(attrs={"data-col": "w3 m6"}),
    )
    field_order = ("kind", "name", "method", "value", "charm", "units", "buffer")

    def clean(self) -> dict[str, Any]:
        """Refuse a buffer that leaves nothing, whatever else is wrong."""
        data = super().clean()
        units, buffer = data.get("units"), data.get("buffer")
        if units is not None and buffer is not None and buffer >= units:
            self.add_error("buffer", "The buffer leaves nothing to sell.")
        return data
