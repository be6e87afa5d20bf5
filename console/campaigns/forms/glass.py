"""The form of a review: what somebody else makes of a broken glass."""

from __future__ import annotations

from django import forms

from console.campaigns.models import BreakGlass
from console.shell.forms import SayingForm


class ReviewForm(SayingForm):
    """A decision and a note, both needed."""

    decision = forms.ChoiceField(
        choices=BreakGlass.Decision.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label="What you looked at, and what follows from it",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "data-col": "w12"}),
    )
