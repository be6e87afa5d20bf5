"""Input of people: one account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.validators import UnicodeUsernameValidator

from console.people.operations import Terms
from console.shell.policy import Role

MAY = {
    Role.VIEWER: "sees plans, boards and reports",
    Role.MERCHANDISER: "plans sales",
    Role.APPROVER: "approves plans of others, sets fatigue rules",
    Role.OPERATOR: "runs sales, stock, capacity and the relay",
    Role.ADMIN: "everything, also people and providers",
}


class PersonForm(forms.Form):
    """What an admin enters of a person; a password is never among it."""

    username = forms.CharField(
        label="User name",
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text="They sign in with it, and it never changes.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    first_name = forms.CharField(
        label="First name",
        max_length=150,
        widget=forms.TextInput(attrs={"data-col": "w6 m12"}),
    )
    last_name = forms.CharField(
        label="Last name",
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"data-col": "w6 m12"}),
    )
    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=[
            (role.value, f"{role.value.capitalize()}: {MAY[role]}") for role in Role
        ],
        error_messages={"required": "Choose at least one role."},
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, of: User | None = None, **kwargs: Any) -> None:
        """Show what is kept of a person."""
        super().__init__(*args, **kwargs)
        if of is not None:
            self.initial = {
                "username": of.username,
                "first_name": of.first_name,
                "last_name": of.last_name,
                "roles": list(of.groups.values_list("name", flat=True)),
            }
            self.fields["username"].disabled = True

    def terms(self) -> Terms:
        """What was entered, for the operations."""
        return Terms(**{k: v for k, v in self.cleaned_data.items() if k != "username"})
