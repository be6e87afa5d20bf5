"""The form of a catalogue that is brought in."""

from __future__ import annotations

from django import forms

from console.campaigns.forms.fields import CURRENCIES
from console.shell.forms import SayingForm


class CatalogueSheet(SayingForm):
    """A catalogue, and whether only to look what it would change."""

    file = forms.FileField(
        label="CSV or XLSX",
        help_text="A Shopify product export, or a sheet: only its column sku is "
        "needed, and a blank cell leaves a value as it is. Download the catalogue for "
        "the other columns.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
        error_messages={"required": "Choose a CSV or XLSX file."},
    )
    currency = forms.ChoiceField(
        label="Currency of a Shopify export",
        choices=[
            ("", "That of each SKU; EUR for a new one"),
            *((code, code) for code in CURRENCIES),
        ],
        required=False,
        help_text="A Shopify export does not say it. A sheet has a column for it.",
    )
    only_look = forms.BooleanField(
        required=False,
        initial=True,
        label="Only look: tell what would change",
        widget=forms.CheckboxInput(attrs={"data-look": "switch"}),
    )
