"""The form of a decision about a campaign, or of a control of a running sale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from console.campaigns import rules
from console.campaigns.forms.ends import EndForm
from console.campaigns.forms.fields import FoldField, WallClockField
from console.campaigns.models import Campaign
from console.errors import Refusal

NAMED = 3
"""Obstacles a label names one by one."""


class DecisionForm(EndForm):
    """What a decision may need said: why, which content, until when."""

    closes_local = WallClockField(label="New end", required=False, col="w12")
    fold = FoldField(col="w8 m12")
    reason = forms.CharField(
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "data-col": "w12"}),
    )
    override = forms.CharField(
        label="Why pass over it",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "data-col": "w12"}),
    )
    override_until = WallClockField(
        label="The override may be used until", required=False, col="w12"
    )
    typed = forms.CharField(
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"data-col": "w12", "autocomplete": "off"}),
    )
    content_hash = forms.CharField(
        required=False, max_length=64, widget=forms.HiddenInput()
    )

    def __init__(
        self,
        *args: Any,
        asks: tuple[str, ...],
        of: Campaign,
        over: Sequence[str] = (),
        **options: Any,
    ) -> None:
        """asks: the fields this decision has; `reason!` must be filled in.

        over: what stands in the way and may be passed over, a sentence each.
        """
        super().__init__(*args, of=of, **options)
        if over:
            more = f"; and {len(over) - NAMED} more" if len(over) > NAMED else ""
            self.fields[
                "override"
            ].label = f"Why pass over: {'; '.join(over[:NAMED])}{more}"
        self._guard_with(of.code)
        named = {ask.rstrip("!") for ask in asks}
        for name in set(self.fields) - named:
            del self.fields[name]
        for ask in asks:
            self.fields[ask.rstrip("!")].required = ask.endswith("!")

    def _guard_with(self, code: str) -> None:
        """Keep the button off until the code is typed."""
        field = self.fields["typed"]
        field.label = f"Type {code} to confirm"
        field.error_messages["required"] = f"Enter {code}."
        field.widget.attrs |= {"data-confirm": code, "data-for": "act-go"}

    def clean_typed(self) -> str:
        """The code, typed by hand."""
        typed: str = self.cleaned_data["typed"]
        try:
            rules.check_typed(typed, self.of.code)
        except Refusal as refused:
            wanted = self.fields["typed"].error_messages["required"]
            raise forms.ValidationError(wanted) from refused
        return typed
