"""Input of this room: one person."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.validators import RegexValidator

from console.people.operations import Details
from console.shell import policy
from console.shell.policy import Role

USERNAME = RegexValidator(
    r"\A[a-z0-9][a-z0-9._-]*\Z",
    "Use small letters, digits, points, dashes and underscores, such as mara.k.",
)


class PersonForm(forms.Form):
    """What an admin says of somebody; at least one role, or they could open nothing."""

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
            }

    def details(self) -> Details:
        """What was entered, for the operations."""
        entered = self.cleaned_data
        roles, shown = (
            frozenset(Role(name) for name in entered[field])
            for field in ("roles", "shown")
        )
        return Details(entered["name"], entered["email"], roles, shown)


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
