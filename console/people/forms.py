"""Input of this room: one person."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.validators import RegexValidator

from console.people.operations import Details
from console.people.queries import limit_of
from console.people.rules import Limit
from console.shell import policy
from console.shell.forms import SayingForm
from console.shell.policy import Role

USERNAME = RegexValidator(
    r"\A[a-z0-9][a-z0-9._-]*\Z",
    "Use small letters, digits, points, dashes and underscores, such as mara.k.",
)


class PersonForm(SayingForm):
    """What an admin says of somebody; at least one role, or they could open nothing.

    fresh: what says which roles were shown, not what they shall be.
    """

    fresh = ("shown",)

    name = forms.CharField(
        max_length=150,
        help_text="As the trail shall show it.",
        widget=forms.TextInput(attrs={"data-col": "w6 m12", "autocomplete": "off"}),
    )
    email = forms.EmailField(
        required=False,
        label="E-mail",
        max_length=254,
        help_text="For people to find each other; nothing is sent to it.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    roles = forms.MultipleChoiceField(
        choices=[(r.value, f"{r.capitalize()}: {policy.DOES[r]}") for r in Role],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one role."},
    )
    categories = forms.CharField(
        required=False,
        max_length=1000,
        label="Limited to categories",
        help_text="With commas between them; all categories if empty.",
        widget=forms.TextInput(attrs={"data-col": "w6 m12", "autocomplete": "off"}),
    )
    markets = forms.CharField(
        required=False,
        max_length=200,
        label="Limited to markets",
        help_text="Country codes such as DE, FI; all markets if empty.",
        widget=forms.TextInput(attrs={"data-col": "w6 m12", "autocomplete": "off"}),
    )
    shown = forms.MultipleChoiceField(
        choices=[(role.value, role.value) for role in Role],
        required=False,
        widget=forms.MultipleHiddenInput,
    )

    def __init__(self, *args: Any, of: User | None = None, **kwargs: Any) -> None:
        """Show what is kept of a person."""
        super().__init__(*args, **kwargs)
        if of is not None:
            held = [role.value for role in policy.assigned(of)]
            self.initial = {
                "name": of.get_full_name(),
                "email": of.email,
                "roles": held,
                "shown": held,
                "categories": ", ".join(sorted(limit_of(of).categories)),
                "markets": ", ".join(sorted(limit_of(of).markets)),
            }

    def clean_categories(self) -> frozenset[str]:
        """The names between the commas."""
        return _listed(self.cleaned_data["categories"])

    def clean_markets(self) -> frozenset[str]:
        """The codes between the commas, in capitals."""
        codes = frozenset(x.upper() for x in _listed(self.cleaned_data["markets"]))
        if wrong := [code for code in codes if not re.fullmatch("[A-Z]{2}", code)]:
            raise forms.ValidationError(
                f"“{wrong[0]}” is no country code. Write two letters, such as DE."
            )
        return codes

    def details(self) -> Details:
        """What was entered, for the operations."""
        entered = self.cleaned_data
        roles, shown = (
            frozenset(Role(name) for name in entered[field])
            for field in ("roles", "shown")
        )
        limit = Limit(entered["categories"], entered["markets"])
        return Details(entered["name"], entered["email"], roles, shown, limit)


def _listed(text: str) -> frozenset[str]:
    return frozenset(filter(None, (part.strip() for part in text.split(","))))


class NewPersonForm(PersonForm):
    """The same, with the name they sign in with."""

    username = forms.CharField(
        max_length=40,
        label="User name",
        validators=[USERNAME],
        help_text="They sign in with it, and it never changes.",
        widget=forms.TextInput(
            attrs={
                "data-col": "w6 m12",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
    field_order = ("username", "name", "email", "roles")
