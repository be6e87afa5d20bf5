"""Input of those who run a sale: why a SKU is stopped, how many are sold early."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from console.shell.forms import SayingForm
from console.stock.forms import REASON, SEEN, TEXT, whole
from console.stock.models import Allocation
from console.stock.rules.shortfalls import RESOLUTIONS


class Why(SayingForm):
    """Why a SKU is stopped, or started."""

    reason = forms.CharField(
        max_length=200, widget=forms.TextInput(attrs=TEXT | {"autofocus": True})
    )


class Resolve(SayingForm):
    """What was done for a buyer whose paid units are not there."""

    resolution = forms.ChoiceField(
        label="What was done",
        choices=[(one.value, word) for one, word in RESOLUTIONS.items()],
        widget=forms.RadioSelect({"data-look": "seg", "data-col": "w12"}),
    )
    note = forms.CharField(
        required=False,
        max_length=200,
        help_text="Like the number of the refund, or what was sent instead.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-col": "w12"}),
    )


class EarlySale(SayingForm):
    """Units of a SKU that may be sold before they are there, and when they are."""

    units = whole(
        label="Units beyond the allocation",
        first=True,
        help_text="0 sells only what is there.",
    )
    promise_at = forms.DateField(
        label="There by",
        required=False,
        help_text="Only if it is certain: buyers are told.",
        widget=forms.DateInput(attrs={"type": "date", "data-col": "w6 m12"}),
    )
    reason = REASON
    version = SEEN

    def __init__(self, *args: Any, of: Allocation, **kwargs: Any) -> None:
        """Start from what is allowed now."""
        super().__init__(*args, **kwargs)
        day = of.promise_at and timezone.localtime(of.promise_at).date()
        self.initial.setdefault("units", of.backorder)
        self.initial.setdefault("promise_at", day and day.isoformat())
        self.initial.setdefault("version", of.version)
