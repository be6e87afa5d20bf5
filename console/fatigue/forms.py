"""Input of fatigue: a policy, and an audience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField

from console.errors import Refusal
from console.fatigue import rules
from console.fatigue.fields import QuietField
from console.fatigue.models import Audience, Policy
from console.fatigue.rules import (
    EACH,
    BadPolicy,
    Counts,
    Enforcement,
    Kind,
    Limits,
    Quiet,
    Scope,
    check_limits,
)
from console.shell.forms import Saying, SayingForm


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
        "Days on sale",
        "Share of the dates in any window with a sale. 0 is off.",
        [("At most", "max_share_percent", "%"), ("of", "share_days", "calendar days")],
    ),
    (
        "Smallest discount",
        "Rare sales have to be worth it. 0 is off.",
        [("At least", "min_depth_percent", "%")],
    ),
    (
        "Occasion",
        "A launch, a holiday or an event.",
        [("", "occasion_required", "Every sale needs an occasion")],
    ),
    (
        "Quiet periods",
        "No sale may run on these days. One a line: 2026-11-22 Totensonntag, or "
        "2026-12-24 to 2026-12-26 Christmas.",
        [("", "quiet", "")],
    ),
    (
        "Messages per contact",
        "Announcements of sales to these people. 0 is off.",
        [
            ("At most", "max_messages", ""),
            ("in", "message_days", "days"),
            ("counted as", "message_counts", ""),
            ("e-mails", "email_gap_h", "h apart"),
            ("push and SMS", "push_gap_h", "h apart"),
        ],
    ),
    (
        "Score",
        "30% off during 24 hours adds 40 points, deeper and longer sales more. "
        "Both limits 0: no score is kept.",
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
_PEOPLE_ONLY = {"Messages per contact"}


class PolicyForm(Saying, forms.ModelForm):  # type: ignore[type-arg]
    """A policy as a person edits it; `version` is the one it started from."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    quiet = QuietField(
        required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 2})
    )
    reason = forms.CharField(
        max_length=300,
        widget=forms.TextInput(attrs={"class": "policy__why"}),
        error_messages={"required": "Say why: it is kept with the version."},
    )

    class Meta:
        model = Policy
        fields = (
            "min_gap_days",
            "gap_counts",
            "max_sales",
            "window_days",
            "window_counts",
            "max_share_percent",
            "share_days",
            "min_depth_percent",
            "occasion_required",
            "quiet",
            "max_messages",
            "message_days",
            "message_counts",
            "email_gap_h",
            "push_gap_h",
            "half_life_days",
            "amber",
            "red",
            "zone",
            "enforcement",
        )
        widgets = {"enforcement": forms.RadioSelect}

    def __init__(self, data: Any = None, *, of: Policy, may: bool) -> None:
        """Start from a version; somebody who may not edit only reads."""
        self.of = of
        held = of.limits().values()
        initial: dict[str, Any] = held | {"version": of.version}
        initial["half_life_days"] = Decimal(held["half_life_days"])
        super().__init__(data, initial=initial, auto_id="policy-%s")
        unasked = self._unasked()
        for name, field in self.fields.items():
            # What the page does not ask of this scope stays as it is.
            field.disabled = not may or (name in unasked and name not in (data or ()))
            saved = field.prepare_value(initial.get(name, ""))
            field.widget.attrs |= {"data-saved": str(saved)}
            if isinstance(field.widget, forms.NumberInput):
                field.widget.attrs |= {"inputmode": "decimal"}

    def _unasked(self) -> set[str]:
        """The fields of rules about people, where the policy is not about any."""
        if self.of.scope.kind == Kind.AUDIENCE:
            return set()
        people = (parts for title, _, parts in _GROUPS if title in _PEOPLE_ONLY)
        return {name for parts in people for _, name, _ in parts}

    @property
    def groups(self) -> list[Group]:
        """The rules in the order of the page."""
        return [
            Group(
                title, about, [Part(one, self[name], two) for one, name, two in parts]
            )
            for title, about, parts in _GROUPS
            if title not in _PEOPLE_ONLY or self.of.scope.kind == Kind.AUDIENCE
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
        given["message_counts"] = Counts(given["message_counts"])
        given["quiet"] = tuple(Quiet.read(told) for told in given["quiet"])
        given["enforcement"] = Enforcement(given["enforcement"])
        return Limits(**given)


class AudienceForm(Saying, forms.ModelForm):  # type: ignore[type-arg]
    """A group of people who can tire."""

    class Meta:
        model = Audience
        fields = ("name", "size")


class ScopeForm(SayingForm):
    """What a new policy protects."""

    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in Kind if kind != Kind.AUDIENCE],
        initial=Kind.CATEGORY,
        widget=forms.Select(attrs={"data-col": "w6 m12"}),
    )
    name = forms.CharField(
        required=False,
        max_length=100,
        initial=EACH,
        help_text="Its name as it stands on the products, or the code of a market; "
        f"{EACH} for each of them.",
        widget=forms.TextInput(attrs={"data-col": "w6 m12"}),
    )

    def clean(self) -> dict[str, Any]:
        """Everything has no name; all else has one."""
        data = super().clean() or {}
        if not self.errors:
            name = "" if data["kind"] == Kind.EVERYTHING else data["name"]
            self.scope = Scope(Kind(data["kind"]), name)
            try:
                rules.check_scope(self.scope)
            except Refusal as refused:
                self.add_error(refused.field, refused.message)
        return data

    def limits(self, zone: str) -> Limits:
        """Our defaults for such a scope."""
        if self.scope.kind is Kind.SKU:
            return rules.of_each_sku(zone)
        if self.scope.kind is Kind.EVERYTHING:
            return rules.of_everything(zone)
        return Limits(zone=zone)
