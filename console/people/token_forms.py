"""Input of a personal token: its name, how long it lasts, what it may do."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from django import forms

from console.people.rules import LONGEST_DAYS
from console.shell import policy
from console.shell.forms import SayingForm
from console.shell.rest.routes import ASKED

MAY = {
    "campaigns.edit": "Edit plans, lines and people",
    "campaigns.submit": "Submit plans and take them back",
    "campaigns.approve": "Approve, reject and arm",
    "campaigns.control": "Pause, resume, move the end, end, abort",
    "campaigns.note": "Write decisions down",
    "campaigns.freeze": "Set and lift freezes",
    "campaigns.markets": "Change markets and shops",
    "campaigns.risk": "Change how many approve",
    "campaigns.glass": "Break the glass",
    "fatigue.edit": "Change fatigue policies",
    "fatigue.audience": "Bring in contacts and rates",
    "prices.edit": "Add past prices, decide conflicts",
    "uplift.edit": "Bring order histories, tell past sales",
}
"""What each permission means, in the words of the pages."""


class TokenForm(SayingForm):
    """A new token; every one may read, and do what is ticked besides."""

    name = forms.CharField(
        max_length=80,
        help_text="Who or what will use it, for example: ERP export.",
        widget=forms.TextInput(attrs={"data-col": "w8 m12", "autocomplete": "off"}),
    )
    days = forms.IntegerField(
        label="Expires in",
        initial=90,
        min_value=1,
        max_value=LONGEST_DAYS,
        widget=forms.NumberInput(attrs={"data-col": "w4 m12", "data-suffix": "days"}),
    )
    scopes = forms.MultipleChoiceField(
        label="May, besides reading",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Only as long as your roles include it.",
    )

    def __init__(
        self, *args: Any, held: Set[str], own: bool = True, **options: Any
    ) -> None:
        """Offer what its owner may do, as far as an endpoint asks for it.

        own: the owner's roles may shrink; a program's one role does not.
        """
        super().__init__(*args, **options)
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        if not own:
            field.help_text = "To approve takes a person: there is no scope for it."
        field.choices = [
            (scope, f"{MAY[scope]} ({scope})")
            for scope in policy.MATRIX
            if scope in held & ASKED
        ]
