"""The form of the table of risks: above which values more people approve."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django import forms

from console.campaigns import rules
from console.campaigns.rules import Table
from console.errors import Refusal
from console.shell.forms import SayingForm


def _limit(label: str, *, suffix: str = "", digits: int = 16, places: int = 3) -> Any:
    attrs = {"data-col": "w6 m12", "step": "any"}
    attrs |= {"data-suffix": suffix} if suffix else {}
    return forms.DecimalField(
        label=label,
        help_text="" if suffix else "Units for sale times sale price.",
        required=False,
        min_value=Decimal(0),
        max_digits=digits,
        decimal_places=places,
        widget=forms.NumberInput(attrs=attrs),
    )


def _count(label: str) -> Any:
    attrs = {"data-col": "w6 m12", "data-suffix": "SKUs"}
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=10_000_000,
        widget=forms.NumberInput(attrs=attrs),
    )


class RiskForm(SayingForm):
    """A table of risks as a person edits it; an empty limit is never passed."""

    depth_2 = _limit("2 approvers: a line deeper than", suffix="%", digits=5, places=2)
    depth_3 = _limit("3 approvers: a line deeper than", suffix="%", digits=5, places=2)
    gmv_2 = _limit("2 approvers: may sell for more than")
    gmv_3 = _limit("3 approvers: may sell for more than")
    skus_2 = _count("2 approvers: more than")
    skus_3 = _count("3 approvers: more than")
    confirmed = forms.TypedChoiceField(
        label="Approvers where a price below a guard was confirmed",
        choices=[("1", "1"), ("2", "2"), ("3", "3")],
        coerce=int,
        widget=forms.Select(attrs={"data-col": "w6 m12"}),
    )
    currency = forms.CharField(
        label="Currency of what it may sell for",
        help_text="Empty: each campaign counts in its own.",
        max_length=3,
        required=False,
        widget=forms.TextInput(attrs={"data-col": "w6 m12", "placeholder": "EUR"}),
    )
    rates = forms.CharField(
        label="A unit of another currency counts for",
        help_text="Plans in a currency without a rate need 2 approvers.",
        max_length=300,
        required=False,
        widget=forms.TextInput(
            attrs={"data-col": "w12", "placeholder": "JPY 0.0062, KWD 3.01"}
        ),
    )
    reason = forms.CharField(
        label="Why this change",
        help_text="Kept with the version.",
        max_length=300,
        widget=forms.TextInput(attrs={"data-col": "w12", "autocomplete": "off"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, data: Any = None, *, of: Table, may: bool) -> None:
        """Start from a version; somebody who may not edit only reads."""
        super().__init__(data, initial=values_of(of), auto_id="risk_%s")
        for field in self.fields.values():
            field.disabled = not may

    def clean(self) -> dict[str, Any]:
        """The limits together must be ones that can be kept."""
        data = super().clean() or {}
        if not self.errors:
            try:
                rules.check_table(self.table)
            except Refusal as refused:
                self.add_error(refused.field, refused.message)
        return data

    @property
    def table(self) -> Table:
        """What was entered."""
        names = [name for name in Table.__dataclass_fields__ if name != "version"]
        return Table(**{name: self.cleaned_data[name] for name in names})


def values_of(table: Table) -> dict[str, Any]:
    """A table as the form's initial values."""
    return {
        name: f"{value.normalize():f}" if isinstance(value, Decimal) else value
        for name, value in asdict(table).items()
    }
