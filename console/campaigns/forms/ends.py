"""What a form that moves the end of a sale asks, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from console.campaigns.forms.fields import FoldField, WallClockField
from console.campaigns.models import Campaign
from console.campaigns.operations.ends import closing
from console.campaigns.rules import check_order
from console.errors import Refusal
from console.shell.forms import SayingForm


class EndForm(SayingForm):
    """A new end. Whether the old one was shown, and which of two equal times is meant,
    is asked only where it matters."""

    closes_local = WallClockField(label="Ends", required=False)
    fold = FoldField()
    countdown = forms.BooleanField(
        label="I accept that the end shoppers were shown will have been wrong",
        required=False,
        widget=forms.CheckboxInput(attrs={"data-col": "w12"}),
    )

    def __init__(self, *args: Any, of: Campaign, **options: Any) -> None:
        """of: the sale."""
        super().__init__(*args, **options)
        self.of = of
        clocks = f"On the clocks of {of.zone.replace('_', ' ')}"
        self.fields["closes_local"].help_text = clocks
        if of.opened_at is None:
            self.fields["countdown"].widget = forms.HiddenInput()
        FoldField.show(self, asked=self["fold"].value() not in (None, ""))

    def clean(self) -> dict[str, Any]:
        """Resolve the end, so that its field can say what is wrong."""
        data = super().clean() or {}
        if local := data.get("closes_local"):
            self._resolve(local, data.get("fold"))
        return data

    def _resolve(self, local: datetime, fold: int | None) -> None:
        try:
            closes_at = closing(self.of, local, fold)
            if self.of.opens_at:
                check_order(self.of.opens_at, closes_at)
        except Refusal as refused:
            if refused.field == "fold":
                FoldField.show(self, asked=True)
            known = refused.field in self.fields
            self.add_error(refused.field if known else None, refused.message)
