"""Input of this room: one connection."""

from __future__ import annotations

from typing import Any

from django import forms

from console.providers.models import TIMEOUT_MOST_S, Connection
from console.providers.operations import Settings
from console.providers.registry import drivers
from console.shell.forms import SayingForm

KEEP = "Leave empty to keep the one that is set. It is never shown again."


class ConnectionForm(SayingForm):
    """What a person enters; secrets go in and never come out."""

    name = forms.SlugField(
        max_length=40,
        help_text="Steps call it by this name, so it never changes.",
        widget=forms.TextInput(attrs={"data-col": "w6 m12"}),
    )
    driver = forms.ChoiceField(
        label="Kind", widget=forms.Select(attrs={"data-col": "w6 m12"})
    )
    base_url = forms.URLField(
        label="Address",
        max_length=300,
        assume_scheme="https",
        help_text="The base address of its interface.",
    )
    secret = forms.CharField(
        required=False,
        label="Secret",
        strip=True,
        help_text="The token we send.",
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password", "data-col": "w6 m12"}
        ),
    )
    webhook_secret = forms.CharField(
        required=False,
        label="Webhook secret",
        help_text="Signs what it sends to us; two with a space while you change it.",
        widget=forms.PasswordInput(
            attrs={"autocomplete": "new-password", "data-col": "w6 m12"}
        ),
    )
    timeout_s = forms.FloatField(
        label="Timeout",
        min_value=0.1,
        max_value=TIMEOUT_MOST_S,
        initial=5,
        help_text="For one whole call.",
        widget=forms.NumberInput(attrs={"data-suffix": "s", "data-col": "w6 m12"}),
    )
    options = forms.JSONField(
        required=False,
        initial=dict,
        label="Options",
        help_text='For example {"edge_url": "https://shop.example.com"}.',
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    enabled = forms.BooleanField(
        required=False,
        initial=True,
        label="Switched on",
        widget=forms.CheckboxInput(attrs={"data-look": "switch"}),
    )

    def __init__(self, *args: Any, of: Connection | None = None, **kwargs: Any) -> None:
        """Show what is kept of a connection, but for its secrets."""
        super().__init__(*args, **kwargs)
        kinds = sorted((kind.label, name) for name, kind in drivers().items())
        choices = [(name, label) for label, name in kinds]
        self.fields["driver"] = forms.ChoiceField(
            label="Kind", choices=choices, widget=self.fields["driver"].widget
        )
        if of is not None:
            self._show(of)

    def _show(self, of: Connection) -> None:
        shown = ("name", "driver", "base_url", "timeout_s", "options", "enabled")
        self.initial = {name: getattr(of, name) for name in shown}
        self.fields["name"].disabled = True
        self.fields["secret"].help_text = KEEP
        self.fields["webhook_secret"].help_text = KEEP

    def clean_options(self) -> dict[str, Any]:
        """Only a flat object makes sense."""
        options = self.cleaned_data["options"] or {}
        flat = isinstance(options, dict) and not any(
            isinstance(value, dict | list) for value in options.values()
        )
        if not flat:
            raise forms.ValidationError('Write a flat object: {"name": "value"}.')
        return dict(options)

    def settings(self) -> Settings:
        """What was entered, for the operations."""
        given = {k: v for k, v in self.cleaned_data.items() if k != "name"}
        return Settings(**given)
