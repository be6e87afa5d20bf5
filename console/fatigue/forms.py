"""Input of fatigue: a policy, and an audience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from console.fatigue.models import Audience, Policy
from console.fatigue.rules import (
    BadPolicy,
    Counts,
    Enforcement,
    Limits,
    check_limits,
)


@dataclass(frozen=True)
class Part:
    """One input with the words around it."""

    before: str
    field: BoundField
    after: str


@dataclass(frozen=True)
class Group:
    """The inputs of one rule."""

    title: str
    help: str
    parts: Sequence[Part]

    @property
    def errors(self) -> list[str]:
        """What is wrong with any of them."""
        return [str(error) for part in self.parts for error in part.field.errors]


_GROUPS: list[tuple[str, str, list[tuple[str, str, str]]]] = [
    (
        "Rest between sales",
        "From the close of one sale to the opening of the next. 0 is off.",
        [("At least", "min_gap_days", "days"), ("counted as", "gap_counts", "")],
    ),
    (
        "Sales in a window",
        "Most openings in any window, past and planned. 0 is off.",
        [
            ("At most", "max_sales", ""),
            ("in", "window_days", "days"),
            ("counted as", "window_counts", ""),
        ],
    ),
    (
        "Smallest discount",
        "Rare sales have to be worth it.",
        [("At least", "min_depth_percent", "%")],
    ),
    (
        "Score",
        "A sale of 30% during 24 hours adds 40 points, deeper and longer ones more.",
        [
            ("Halves every", "half_life_days", "days"),
            ("Warn above", "amber", ""),
            ("Block above", "red", ""),
        ],
    ),
    (
        "Time zone",
        "Calendar days begin at midnight there.",
        [("", "zone", "")],
    ),
]


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A policy as a person edits it; `version` is the one it started from."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        max_length=300, widget=forms.TextInput(attrs={"class": "policy__why"})
    )

    class Meta:
        model = Policy
        fields = (
            "min_gap_days",
            "gap_counts",
            "max_sales",
            "window_days",
            "window_counts",
            "min_depth_percent",
            "half_life_days",
            "amber",
            "red",
            "zone",
            "enforcement",
        )
        widgets = {"enforcement": forms.RadioSelect}

    def __init__(self, data: Any = None, *, of: Policy, may: bool) -> None:
        """Start from a version; somebody who may not edit only reads."""
        held = of.limits().values()
        initial: dict[str, Any] = held | {"version": of.version}
        initial["half_life_days"] = Decimal(held["half_life_days"])
        super().__init__(data, initial=initial, auto_id="policy-%s")
        for name, field in self.fields.items():
            field.disabled = not may
            field.widget.attrs |= {"data-saved": str(initial.get(name, ""))}
            if isinstance(field.widget, forms.NumberInput):
                field.widget.attrs |= {"inputmode": "decimal"}

    @property
    def groups(self) -> list[Group]:
        """The rules in the order of the page."""
        return [
            Group(
                title, about, [Part(one, self[name], two) for one, name, two in parts]
            )
            for title, about, parts in _GROUPS
        ]

    @property
    def dirty(self) -> int:
        """How many values differ from the version it started from."""
        ours = {"version", "reason"}
        return len(set(self.changed_data) - ours) if self.is_bound else 0

    def clean(self) -> dict[str, Any]:
        """The limits together must be ones that can be kept."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors.keys() - {"reason"}:
            try:
                check_limits(self.limits())
            except BadPolicy as wrong:
                self.add_error(wrong.field, wrong.message)
        return cleaned

    def limits(self) -> Limits:
        """What was entered, for the rules."""
        given = {name: self.cleaned_data[name] for name in self.Meta.fields}
        given["gap_counts"] = Counts(given["gap_counts"])
        given["window_counts"] = Counts(given["window_counts"])
        given["enforcement"] = Enforcement(given["enforcement"])
        return Limits(**given)


class AudienceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A group of people who can tire."""

    class Meta:
        model = Audience
        fields = ("name", "size")
