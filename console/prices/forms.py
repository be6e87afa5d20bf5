"""Input of prices: the instant to look at, and a price of the past."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from console.prices.models import WEB
from console.prices.operations import Note
from console.prices.rules import Reason
from console.shell.forms import SayingForm


class LookForm(SayingForm):
    """Which reduction the evidence is about."""

    at = forms.DateTimeField(
        required=False,
        label="Reduction starts",
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local"},
            format="%Y-%m-%dT%H:%M",
        ),
    )
    sale = forms.DecimalField(
        required=False,
        label="Sale price",
        min_value=Decimal("0.001"),
        max_digits=14,
        decimal_places=3,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


class BackfillForm(SayingForm):
    """A price that was in force before Doorbuster knew of it."""

    amount = forms.DecimalField(
        label="Price, with tax",
        max_digits=14,
        decimal_places=3,
        widget=forms.NumberInput(attrs={"step": "any", "data-col": "w6 m12"}),
    )
    net = forms.DecimalField(
        label="Price without tax",
        required=False,
        max_digits=14,
        decimal_places=3,
        help_text="Leave empty if unknown.",
        widget=forms.NumberInput(attrs={"step": "any", "data-col": "w6 m12"}),
    )
    from_at = forms.DateTimeField(
        label="In force from",
        help_text="Until the next row of the history.",
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "data-col": "w6 m12"},
            format="%Y-%m-%dT%H:%M",
        ),
    )
    remark = forms.CharField(
        label="Where it comes from",
        max_length=200,
        help_text="For example: export of the old shop, 3 November.",
    )
    channel = forms.SlugField(
        initial=WEB, max_length=20, widget=forms.TextInput(attrs={"data-col": "w6"})
    )
    currency = forms.RegexField(
        "^[A-Z]{3}$",
        initial="EUR",
        error_messages={"invalid": "Enter the code of the currency, like EUR."},
        widget=forms.TextInput(attrs={"data-col": "w6"}),
    )

    def note(self, sku: str) -> Note:
        """What was entered, as a row to write."""
        given: dict[str, Any] = self.cleaned_data
        return Note(
            sku,
            given["amount"],
            given["from_at"],
            Reason.BACKFILL,
            given["currency"],
            channel=given["channel"],
            net=given["net"],
            remark=given["remark"],
        )
