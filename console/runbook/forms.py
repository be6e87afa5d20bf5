"""What a person types at the run sheet."""

from __future__ import annotations

from django import forms

from console.shell.forms import SayingForm


class SkipForm(SayingForm):
    """Why a step is left out."""

    reason = forms.CharField(
        max_length=300,
        help_text="Kept in the audit trail and shown on the run sheet.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
