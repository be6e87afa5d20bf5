"""Input of orders: what to list, and how fast to send."""

from __future__ import annotations

from typing import Any

from django import forms

from console.orders.models import Destination
from console.orders.queries.listing import Wanted
from console.providers import queries as providers
from console.providers.ports import Relay
from console.shell.forms import SayingForm

STATES = [
    ("", "Any state"),
    ("queued", "Waiting"),
    ("sent", "Relayed"),
    ("dead", "Dead letter"),
    ("issue", "With an issue"),
]


class OrderFilter(SayingForm):
    """Reference or buyer, campaign, state."""

    q = forms.CharField(required=False, label="Order or buyer", max_length=128)
    campaign = forms.ChoiceField(required=False, label="Campaign")
    state = forms.ChoiceField(required=False, label="State", choices=STATES)

    def __init__(self, *args: Any, campaigns: list[str], **kwargs: Any) -> None:
        """campaigns: the codes that may be chosen."""
        super().__init__(*args, **kwargs)
        choices = [("", "All campaigns"), *((code, code) for code in campaigns)]
        field = self.fields["campaign"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        self.fields["q"].widget.attrs["data-find"] = ""

    def wanted(self) -> Wanted:
        """The filter; a value that cannot be is as if it were empty."""
        self.is_valid()
        said = getattr(self, "cleaned_data", {})
        return Wanted(
            text=said.get("q", "").strip(),
            campaign=said.get("campaign", ""),
            state=said.get("state", ""),
        )


class RateForm(SayingForm):
    """How many orders a second a destination allows, and how many it is sent."""

    limit_per_s = forms.FloatField(
        label="It allows",
        min_value=0.01,
        max_value=10_000,
        widget=forms.NumberInput({"data-suffix": "per second", "data-col": "w6 m12"}),
    )
    rate_per_s = forms.FloatField(
        label="Send at most",
        help_text="Four fifths of the limit leave room for retries.",
        widget=forms.NumberInput({"data-suffix": "per second", "data-col": "w6 m12"}),
    )

    def __init__(self, *args: Any, destination: Destination, **kwargs: Any) -> None:
        """Filled in with how it is."""
        super().__init__(*args, **kwargs)
        for name, value in (
            ("limit_per_s", destination.limit_per_s),
            ("rate_per_s", destination.rate_per_s),
        ):
            self.fields[name].initial = round(value, 2)
            self.fields[name].widget.attrs["step"] = "any"


class DestinationForm(SayingForm):
    """A system that orders are handed on to from now on."""

    name = forms.CharField(label="Name", max_length=60)
    connection = forms.ChoiceField(label="Connection")
    limit_per_s = forms.FloatField(
        label="It allows",
        min_value=0.01,
        max_value=10_000,
        help_text="It is sent four fifths of that.",
        widget=forms.NumberInput({"data-suffix": "orders per second", "step": "any"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Connections that take orders may be chosen."""
        super().__init__(*args, **kwargs)
        field = self.fields["connection"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, name) for name in providers.names(Relay)]

    def clean_name(self) -> str:
        """A name of its own."""
        name: str = self.cleaned_data["name"].strip()
        if Destination.objects.filter(name=name).exists():
            raise forms.ValidationError(
                f"There is a destination called {name} already."
            )
        return name
