"""Input of this room: how many, how many held back, and why."""

from __future__ import annotations

from typing import Any

from django import forms

from console.shell.forms import SayingForm
from console.stock.models import Allocation, Level, Location
from console.stock.operations import LevelSize
from console.stock.rules import Reason

NUMBER = {"class": "input input--num", "inputmode": "numeric", "data-col": "w6 m12"}
FIRST = NUMBER | {"autofocus": True}
TEXT = {"autocomplete": "off", "data-col": "w6 m12"}
MOST, COUNTED = 10_000_000, 100_000_000
REASON = forms.CharField(
    required=False, max_length=200, widget=forms.TextInput(attrs=TEXT)
)
SEEN = forms.IntegerField(widget=forms.HiddenInput)
"""The version that was seen, in a form's `version`."""


def whole(
    *, least: int = 0, most: int = MOST, first: bool = False, **words: Any
) -> forms.IntegerField:
    """A whole number of units; first: where typing begins."""
    shown = forms.NumberInput(attrs=FIRST if first else NUMBER)
    return forms.IntegerField(min_value=least, max_value=most, widget=shown, **words)


def _out_of_range(field: forms.Field, told: str) -> None:
    """Say the same of everything that is no number in range."""
    field.error_messages |= dict.fromkeys(("invalid", "min_value", "max_value"), told)


class TopUp(SayingForm):
    """Units to add to a lock."""

    units = whole(label="Units to add", least=1, first=True)
    reason = REASON
    version = SEEN

    def __init__(self, *args: Any, of: Allocation, free: int, **kwargs: Any) -> None:
        """Remember the version that was seen."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("version", of.version)
        word = "unit is" if free == 1 else "units are"
        self.fields["units"].help_text = f"{free:,} {word} free"
        told = f"Units to add must be a whole number of 1 to {free:,}."
        _out_of_range(self.fields["units"], told if free else "No units are free.")


class BufferSize(SayingForm):
    """Units of a lock to hold back."""

    buffer = whole(label="Buffer, units", first=True)
    reason = REASON
    version = SEEN

    def __init__(self, *args: Any, of: Allocation, **kwargs: Any) -> None:
        """Start from what is held back now."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("buffer", of.buffer)
        self.initial.setdefault("version", of.version)
        told = f"Buffer must be a whole number of 0 to {of.quantity:,}."
        _out_of_range(self.fields["buffer"], told)


class Several(SayingForm):
    """Units to add to, or hold back from, each of several locks."""

    units = whole(label="Units for each SKU", least=1, first=True)
    reason = REASON


class Unlock(SayingForm):
    """Why a lock ends early; the campaign's code is typed by hand."""

    reason = forms.CharField(
        max_length=200,
        error_messages={"required": "Say why it is unlocked."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-col": "w12"}),
    )
    typed = forms.CharField(
        max_length=20,
        widget=forms.TextInput(
            attrs={"data-col": "w12", "autocomplete": "off", "data-for": "un-go"}
        ),
    )

    def __init__(self, *args: Any, code: str, **kwargs: Any) -> None:
        """Keep the button off until the code is typed."""
        super().__init__(*args, **kwargs)
        self.code, field = code, self.fields["typed"]
        field.label = f"Type {code} to unlock"
        field.error_messages["required"] = f"Enter {code}."
        field.widget.attrs["data-confirm"] = code

    def clean_typed(self) -> str:
        """The code, whatever its case."""
        typed = str(self.cleaned_data["typed"]).strip()
        if typed.upper() != self.code.upper():
            raise forms.ValidationError(f"Enter {self.code}.")
        return typed


class Count(SayingForm):
    """What a level says, and why it changes."""

    on_hand = whole(most=COUNTED, first=True, help_text="Units physically there.")
    committed = whole(most=COUNTED, help_text="Promised to orders and other channels.")
    buffer = whole(most=COUNTED, help_text="Never promised to anybody.")
    reason = forms.ChoiceField(
        choices=[(one.value, one.label) for one in Reason],
        widget=forms.Select(attrs={"data-col": "w6 m12"}),
    )
    note = forms.CharField(
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs=TEXT),
    )
    version = SEEN

    def __init__(self, *args: Any, of: Level, **kwargs: Any) -> None:
        """Start from what the level says now."""
        super().__init__(*args, **kwargs)
        for name in ("on_hand", "committed", "buffer", "version"):
            self.initial.setdefault(name, getattr(of, name))

    def size(self) -> LevelSize:
        """What the level shall say."""
        names = ("on_hand", "committed", "buffer")
        return LevelSize(**{name: self.cleaned_data[name] for name in names})

    def why(self) -> str:
        """Reason and note in one line."""
        reason, note = self.cleaned_data["reason"], self.cleaned_data["note"]
        return f"{reason}: {note}" if note else str(reason)


class LevelSheet(SayingForm):
    """A sheet of counts."""

    file = forms.FileField(
        label="CSV or XLSX",
        help_text="Needs the columns sku, location and on_hand. It may have committed, "
        "buffer, perishable (yes, no) and on_market_since (2026-11-27).",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class LevelFilter(SayingForm):
    """Which levels to show."""

    q = forms.CharField(
        required=False,
        max_length=60,
        widget=forms.TextInput(
            attrs={"placeholder": "Filter", "aria-label": "Filter", "data-find": True}
        ),
    )
    location = forms.ModelChoiceField(
        Location.objects.order_by("name"),
        required=False,
        empty_label="All locations",
        widget=forms.Select(attrs={"aria-label": "Location"}),
    )
    show = forms.ChoiceField(
        required=False,
        choices=[("", "All levels"), ("empty", "None free"), ("short", "Below buffer")],
        widget=forms.Select(attrs={"aria-label": "Show"}),
    )
