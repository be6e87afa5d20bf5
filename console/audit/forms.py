"""What a reader of the trail filters by."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from console.audit import queries
from console.audit.queries import Wanted
from console.shell.forms import SayingForm

SYSTEM = ("system", "Doorbuster itself")


class TrailFilter(SayingForm):
    """Who, what, about what, when, and any words; all may be left out."""

    who = forms.ChoiceField(required=False)
    verb = forms.ChoiceField(required=False)
    object = forms.CharField(required=False, max_length=200)
    since = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput({"type": "date"}))
    text = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the people and verbs there are."""
        super().__init__(*args, **kwargs)
        people = [(name, full or name) for name, full in queries.actors()]
        self._choices("who", [("", "Everybody"), SYSTEM, *people])
        verbs = [(verb, verb) for verb in queries.verbs()]
        self._choices("verb", [("", "Everything"), *verbs])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """Both days belong to the range, so it may not end before it begins."""
        data = super().clean() or self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day is before the first: swap them.")
        return data

    def wanted(self) -> Wanted:
        """What was asked for; a field that makes no sense filters nothing."""
        self.is_valid()
        data = self.cleaned_data
        return Wanted(
            actor=data.get("who", ""),
            verb=data.get("verb", ""),
            object=data.get("object", ""),
            text=data.get("text", ""),
            since=_midnight(data.get("since")),
            until=_midnight(data.get("until"), days=1),
        )


def _midnight(day: date | None, days: int = 0) -> datetime | None:
    """The start of a day on the shop's clock."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days), time.min))
