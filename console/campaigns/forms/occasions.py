"""Input about what justifies a sale."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html

from console.campaigns.forms.fields import VersionField
from console.campaigns.models import Occasion
from console.campaigns.queries import versions
from console.campaigns.rules.versions import NOT_THERE, fingerprint
from console.shell.forms import SayingForm


def offer(field: forms.Field) -> None:
    """Let a plan choose among those there are; without any, lead to where one is added.

    field: of a form that chooses an `Occasion`; read here, once for both.
    """
    assert isinstance(field, forms.ModelChoiceField)
    there = [(str(one.pk), str(one)) for one in field.queryset or ()]
    field.choices = [("", str(field.empty_label)), *there]
    if not there:
        way = 'There is none yet. <a href="{}">Add one</a>, then choose it here.'
        field.help_text = format_html(way, reverse("campaigns:occasions"))


class OccasionForm(SayingForm):
    """A name and a day."""

    name = forms.CharField(
        max_length=80,
        help_text="A launch, a holiday or an event: Black Friday, Launch of Skarn 3L.",
        widget=forms.TextInput(attrs={"data-col": "w12", "autocomplete": "off"}),
    )
    on = forms.DateField(
        label="Day",
        error_messages={"invalid": "Day is no date. Choose one."},
        widget=forms.DateInput(
            attrs={"type": "date", "data-col": "w6 m12"}, format="%Y-%m-%d"
        ),
    )
    version = VersionField(required=False)

    def __init__(self, *args: Any, of: Occasion | None = None, **options: Any) -> None:
        """Show one to rename it, or begin a new one."""
        super().__init__(*args, **options)
        self.initial.setdefault("version", NOT_THERE)
        if of is not None:
            version = fingerprint(versions.occasion(of))
            self.initial.update(name=of.name, on=of.on, version=version)
            self.fields["version"].required = True
