"""Input of orders: what to list, and how fast to send."""

from __future__ import annotations

from typing import Any

from django import forms

from console.orders.listing import Wanted
from console.orders.models import Destination

STATES = [
    ("", "Any state"),
    ("queued", "Waiting"),
    ("sent", "Relayed"),
    ("dead", "Dead letter"),
    ("issue", "With an issue"),
]


class OrderFilter(forms.Form):
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


class RateForm(forms.Form):
    """How many orders a second a destination is sent."""

    rate_per_s = forms.FloatField(
        label="Send at most", widget=forms.NumberInput({"data-suffix": "per second"})
    )

    def __init__(self, *args: Any, destination: Destination, **kwargs: Any) -> None:
        """Bounded by what the destination allows."""
        super().__init__(*args, **kwargs)
        field = self.fields["rate_per_s"]
        field.initial = round(destination.rate_per_s, 2)
        field.help_text = (
            f"It allows {destination.limit_per_s:g} a second. Four fifths leave room "
            "for retries."
        )
        field.widget.attrs |= {"min": "0.01", "step": "any"}
        field.widget.attrs["max"] = f"{destination.limit_per_s:g}"
