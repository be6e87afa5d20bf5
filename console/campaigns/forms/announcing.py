"""The form of one announcement."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from console.campaigns.forms.fields import VersionField
from console.campaigns.models import Announcement
from console.campaigns.queries import versions
from console.campaigns.rules import Medium, Told, check_told, read_when
from console.campaigns.rules.versions import fingerprint
from console.errors import Refusal
from console.shell.forms import SayingForm

_MEDIA = [(one.value, one.label) for one in Medium]


class AnnouncementForm(SayingForm):
    """By which channel, when, and to how many people of the audience."""

    medium = forms.ChoiceField(
        label="Channel",
        choices=_MEDIA,
        widget=forms.Select(attrs={"data-col": "w3"}),
    )
    when = forms.CharField(
        max_length=12,
        initial="T-24h",
        help_text="T is the start: T-24h, T0, T+30m, end-2h.",
        widget=forms.TextInput(attrs={"data-col": "w5", "autocomplete": "off"}),
    )
    share = forms.DecimalField(
        label="Share of people, %",
        min_value=Decimal("0.1"),
        max_value=100,
        decimal_places=1,
        initial=100,
        widget=forms.NumberInput(attrs={"data-col": "w3"}),
    )

    def clean(self) -> dict[str, Any]:
        """Read the offset, so that its field can say what is wrong."""
        data = super().clean() or {}
        if not self.errors:
            try:
                check_told(self.told)
            except Refusal as refused:
                self.add_error(refused.field or None, refused.message)
        return data

    @classmethod
    def values_of(cls, row: Announcement) -> dict[str, Any]:
        """One that is kept, as the form's initial values."""
        told = row.told
        return {"medium": told.medium.value, "when": told.when, "share": row.percent}

    @property
    def told(self) -> Told:
        """What was entered.

        Raises:
            BadAnnouncement: the offset cannot be read.
        """
        data = self.cleaned_data
        anchor, minutes = read_when(data["when"])
        return Told(Medium(data["medium"]), anchor, minutes, data["share"] / 100)


class ToldChangeForm(AnnouncementForm):
    """One that is there already, by the version that was seen."""

    version = VersionField()

    @classmethod
    def values_of(cls, row: Announcement) -> dict[str, Any]:
        """The same, with its version."""
        version = fingerprint(versions.announcement(row))
        return super().values_of(row) | {"version": version}
