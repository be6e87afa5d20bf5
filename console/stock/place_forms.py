"""Input about locations: their names, and which way one moves."""

from __future__ import annotations

from typing import Any

from django import forms

from console.shell.forms import SayingForm
from console.stock.models import Location
from console.stock.rules.places import LONGEST_NAME, MOST_LOCATIONS

WAYS = [("up", "Up"), ("down", "Down")]


class PlaceForm(SayingForm):
    """A location's name, and the one that was seen."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        help_text="As sheets and feeds write it.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "data-col": "w12", "autofocus": True}
        ),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, of: Location | None = None, **kwargs: Any) -> None:
        """Start from the name there is."""
        super().__init__(*args, **kwargs)
        if of is None:
            del self.fields["seen"]
            return
        for name in ("name", "seen"):
            self.initial.setdefault(name, of.name)


class PlaceMove(forms.Form):
    """Which way, and the ids in the order that was seen."""

    way = forms.ChoiceField(choices=WAYS)
    order = forms.RegexField(r"^\d{1,9}(,\d{1,9})*$", max_length=10 * MOST_LOCATIONS)

    def up(self) -> bool:
        """True towards those that are emptied first."""
        return bool(self.cleaned_data["way"] == "up")

    def seen(self) -> list[int]:
        """The ids, in their order."""
        return [int(one) for one in self.cleaned_data["order"].split(",")]
