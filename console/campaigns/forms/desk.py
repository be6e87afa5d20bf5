"""Forms of a campaign's people, of a decision, and of a sale it waits for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.renderers import get_default_renderer

from console.campaigns.forms.fields import VersionField
from console.campaigns.models import Campaign
from console.campaigns.queries import versions
from console.campaigns.rules.reaching import MOST_CONTACTS, Contact, check_war_room
from console.campaigns.rules.versions import fingerprint
from console.errors import Refusal
from console.shell.forms import SayingForm


class ContactForm(SayingForm):
    """One person to call."""

    name = forms.CharField(required=False, max_length=80)
    role = forms.CharField(required=False, max_length=80)
    reach = forms.CharField(required=False, max_length=120)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Draw each field as a small cell."""
        super().__init__(*args, **options)
        hints = {"name": "Name", "role": "Role", "reach": "Phone, address or channel"}
        for name, hint in hints.items():
            attrs = {"class": "input input--sm", "aria-label": hint}
            self.fields[name].widget.attrs |= attrs | {"placeholder": hint}

    def clean(self) -> dict[str, Any]:
        """Ask for both where one is given."""
        data = super().clean() or {}
        if any(data.values()) and not (data.get("name") and data.get("reach")):
            self.add_error("reach", "A contact needs a name and how to reach it.")
        return data


if TYPE_CHECKING:
    _Rows = forms.BaseFormSet[ContactForm]
else:
    _Rows = forms.BaseFormSet


class Contacts(_Rows):
    """Contacts in the order they are called."""

    form = ContactForm
    extra, min_num, max_num, absolute_max = 2, 0, MOST_CONTACTS, 50
    can_delete = can_order = can_delete_extra = False
    validate_max = validate_min = False
    renderer = get_default_renderer()

    @property
    def contacts(self) -> list[Contact]:
        """Those that were filled in."""
        said = [form.cleaned_data for form in self.forms]
        return [
            Contact(d["name"], d["role"], d["reach"]) for d in said if d.get("name")
        ]


def rows_of(contacts: Iterable[Contact]) -> dict[str, str]:
    """Contacts as their rows send them."""
    data = {}
    for number, one in enumerate(contacts):
        for name, text in one.spelled().items():
            data[f"form-{number}-{name}"] = text
    count = len({key.rpartition("-")[0] for key in data})
    return data | {"form-TOTAL_FORMS": str(count), "form-INITIAL_FORMS": "0"}


class ContactsField(forms.CharField):
    """All contacts as one value: a list of name, role and reach, as JSON."""

    widget = forms.HiddenInput

    @staticmethod
    def spelled(contacts: Iterable[Contact]) -> str:
        """The value of these."""
        rows = [[one.name, one.role, one.reach] for one in contacts]
        return json.dumps(rows, ensure_ascii=False)

    @staticmethod
    def contacts(text: str) -> list[Contact]:
        """The other way round; nobody where it is no such value."""
        try:
            return [Contact(*map(str, row)) for row in json.loads(text)]
        except (TypeError, ValueError, RecursionError):
            return []

    def shown(self, text: str) -> str:
        """`1. Mara, Lead: +49 30 1`, as people read it."""
        return "; ".join(
            f"{n}. {', '.join(filter(None, (one.name, one.role)))}: {one.reach}"
            for n, one in enumerate(self.contacts(text), 1)
        )


class PeopleForm(SayingForm):
    """Whom to reach and where, as the three columns of two edits show it."""

    contacts = ContactsField(label="Whom to reach", required=False)
    war_room = forms.CharField(label="War room", required=False)
    version = VersionField()

    @staticmethod
    def values_of(campaign: Campaign) -> dict[str, Any]:
        """What a campaign says, as initial values."""
        contacts = [Contact(**one) for one in campaign.contacts]
        return {
            "contacts": ContactsField.spelled(contacts),
            "war_room": campaign.war_room,
            "version": fingerprint(versions.people(campaign)),
        }


class WarRoomForm(SayingForm):
    """Where people meet while the sale runs; and the version of all that is saved."""

    version = VersionField()

    war_room = forms.CharField(
        label="War room",
        required=False,
        max_length=300,
        help_text="An address that begins with https://",
        widget=forms.URLInput(attrs={"data-col": "w6 m12", "autocomplete": "off"}),
    )

    def clean_war_room(self) -> str:
        """Refuse what is not https."""
        try:
            return check_war_room(self.cleaned_data["war_room"])
        except Refusal as refused:
            raise forms.ValidationError(refused.message) from None


class DecideForm(SayingForm):
    """What was decided."""

    text = forms.CharField(
        label="What was decided, and why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "data-col": "w12"}),
    )
