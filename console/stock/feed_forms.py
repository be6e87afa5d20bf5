"""Input about those who move stock besides us: feeds, and fences against them."""

from __future__ import annotations

from typing import Any

from django import forms

from console.providers.signing import key_of
from console.shell.forms import SayingForm
from console.stock.forms import NUMBER
from console.stock.models import Feed, Location
from console.stock.operations import FeedTerms
from console.stock.rules.feeds import FeedKind

HALF = {"data-col": "w6 m12"}
SHORTEST_SECRET = 24
"""Bytes of the key."""
BAD_NAME = (
    "Write the name with letters from a to z, digits, hyphens and underscores only."
)
KEEP = "Leave empty to keep the one that is set. It is never shown again."


class FeedForm(SayingForm):
    """What a person enters of a feed; its secret goes in and never comes out."""

    name = forms.SlugField(
        max_length=40,
        error_messages={"invalid": BAD_NAME},
        help_text="Part of its address, so it never changes.",
        widget=forms.TextInput(attrs=HALF),
    )
    kind = forms.ChoiceField(
        choices=[(one.value, one.label) for one in FeedKind],
        widget=forms.Select(attrs=HALF),
    )
    location = forms.ModelChoiceField(
        Location.objects.order_by("name"),
        required=False,
        empty_label="Any",
        help_text="Any: each movement says where.",
        widget=forms.Select(attrs=HALF),
    )
    late_after_s = forms.IntegerField(
        label="Late after",
        min_value=1,
        max_value=7 * 86_400,
        initial=300,
        help_text="An alarm tells of it.",
        widget=forms.NumberInput(attrs=NUMBER | {"data-suffix": "s"}),
    )
    secret = forms.CharField(
        required=False,
        strip=True,
        error_messages={"required": "Enter the secret it signs with."},
        help_text="Signs what it sends: 24 characters or more, two with a space while "
        "you change it.",
        widget=forms.PasswordInput(attrs=HALF | {"autocomplete": "new-password"}),
    )
    active = forms.BooleanField(
        required=False,
        initial=True,
        label="Switched on",
        widget=forms.CheckboxInput(attrs={"data-look": "switch"}),
    )

    def __init__(self, *args: Any, of: Feed | None = None, **kwargs: Any) -> None:
        """Show what is kept of a feed, but for its secret."""
        super().__init__(*args, **kwargs)
        if of is None:
            self.fields["secret"].required = True
            return
        for name in ("name", "kind", "location", "late_after_s", "active"):
            self.initial.setdefault(name, getattr(of, name))
        self.fields["name"].disabled = True
        self.fields["secret"].help_text = KEEP

    def clean_secret(self) -> str:
        """Each signs with enough bytes."""
        secret = str(self.cleaned_data["secret"])
        for one in secret.split():
            key = key_of(one)
            if not key:
                raise forms.ValidationError("After whsec_ comes base64. Copy it whole.")
            if len(key) < SHORTEST_SECRET:
                told = "Use 24 characters or more; after whsec_, 32 of base64."
                raise forms.ValidationError(told)
        return secret

    def terms(self) -> FeedTerms:
        """What was entered, for the operations."""
        given = {k: v for k, v in self.cleaned_data.items() if k != "name"}
        return FeedTerms(**given | {"kind": FeedKind(given["kind"])})


class FenceForm(SayingForm):
    """Why a fence is raised, or dropped, by hand."""

    reason = forms.CharField(
        max_length=200,
        error_messages={"required": "Say why."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-col": "w12"}),
    )
