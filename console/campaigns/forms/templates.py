"""Forms of templates: saving one, and the day it is used on."""

from __future__ import annotations

from typing import Any

from django import forms

from console.campaigns.forms.fields import FoldField, both_twice
from console.campaigns.rules import Folds, resolve
from console.campaigns.rules.shape import Shape
from console.errors import Refusal
from console.shell.forms import SayingForm


class SaveTemplateForm(SayingForm):
    """A name, and whether the products are kept."""

    name = forms.CharField(
        max_length=80,
        help_text="A template of the same name is replaced.",
        widget=forms.TextInput(attrs={"data-col": "w6 m12", "autocomplete": "off"}),
    )
    with_lines = forms.BooleanField(
        label="Keep its products",
        required=False,
        initial=True,
        widget=forms.CheckboxInput(attrs={"data-col": "w12"}),
    )


class OnDayForm(SayingForm):
    """A day, and the time of it where that is another."""

    name = forms.CharField(
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"data-col": "w6 m12", "autocomplete": "off"}),
    )
    day = forms.DateField(
        widget=forms.DateInput(
            attrs={"type": "date", "data-col": "w3 m12"}, format="%Y-%m-%d"
        )
    )
    opens = forms.TimeField(
        label="Opens at",
        required=False,
        help_text="On the wall clock of the sale's zone.",
        widget=forms.TimeInput(
            attrs={"type": "time", "data-col": "w3 m12"}, format="%H:%M"
        ),
    )
    fold = FoldField()
    closes_fold = FoldField(
        label="If it shows the end twice too", unsaid="The same as the start"
    )

    def __init__(self, *args: Any, shape: Shape, zone: str, **options: Any) -> None:
        """shape, zone: when the sale runs, and on whose clocks."""
        super().__init__(*args, **options)
        self.shape, self.zone = shape, zone
        for name in ("fold", "closes_fold"):
            said = self[name].value() not in (None, "")
            FoldField.show(self, asked=said, name=name)

    def clean(self) -> dict[str, Any]:
        """Look whether the clocks show those times on that day."""
        data = super().clean() or {}
        if self.errors:
            return data
        shape = Shape(data["opens"] or self.shape.opens, self.shape.lasts)
        opens, closes = shape.on(data["day"])
        if both_twice(opens, closes, self.zone):
            FoldField.show(self, asked=True, name="closes_fold")
        folds = Folds(data["fold"], data["closes_fold"])
        try:
            resolve(opens, closes, self.zone, folds=folds)
        except Refusal as refused:
            field = refused.field if refused.field in self.fields else "opens"
            if field == "fold":
                FoldField.show(self, asked=True)
            self.add_error(field, refused.message)
        return data
