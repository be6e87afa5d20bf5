"""Fields that several forms of campaigns share."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from console.campaigns.rules import comes_twice
from console.prices.rules.money import exponent, fits

CURRENCIES = ("EUR", "USD", "GBP", "SEK", "NOK", "DKK", "CHF", "PLN", "JPY", "KWD")


@cache
def zones() -> list[tuple[str, str]]:
    """Every zone that names a place, by name."""
    named = sorted(zone for zone in available_timezones() if "/" in zone)
    return [(zone, zone.replace("_", " ")) for zone in ["UTC", *named]]


def people(*roles: str) -> QuerySet[User]:
    """Active people who hold one of these roles, or any."""
    held = Q(groups__name__in=roles) if roles else Q()
    found = User.objects.filter(held, is_active=True).distinct()
    return found.order_by("first_name", "last_name", "username")


if TYPE_CHECKING:
    _Choice = forms.ModelChoiceField[User]
else:
    _Choice = forms.ModelChoiceField


class PersonField(_Choice):
    """A person, by full name."""

    def label_from_instance(self, obj: User) -> str:
        """The name people know."""
        return obj.get_full_name() or obj.get_username()


def both_twice(opens: datetime, closes: datetime, zone: str) -> bool:
    """Whether clocks in a zone show a start and an end, naive, for a second time."""
    return all(comes_twice(local, zone) for local in (opens, closes))


class VersionField(forms.IntegerField):
    """The version of what was shown, sent along unseen."""

    def __init__(self, **options: Any) -> None:
        """Say what to do where a page did not send it."""
        errors = {"required": "Reload the page, then change it again."}
        hidden = forms.HiddenInput()
        super().__init__(widget=hidden, error_messages=errors, **options)


class FoldField(forms.TypedChoiceField):
    """Which of two equal times on the wall clock is meant: 0, 1, or None."""

    def __init__(
        self,
        *,
        col: str = "w6 m12",
        label: str = "If the clock shows that time twice",
        unsaid: str = "Not asked",
    ) -> None:
        """col: its columns. unsaid: what None means."""
        self.col = col
        self.folds = [("", unsaid), ("0", "The first time"), ("1", "The second time")]
        super().__init__(
            label=label,
            choices=self.folds,
            required=False,
            coerce=int,
            empty_value=None,
            widget=self._select(),
        )

    def _select(self) -> forms.Select:
        return forms.Select(attrs={"data-col": self.col}, choices=self.folds)

    @staticmethod
    def show(form: forms.BaseForm, *, asked: bool, name: str = "fold") -> None:
        """Draw that of a form only where the clocks do show a time twice."""
        field = form.fields[name]
        assert isinstance(field, FoldField)
        field.widget = field._select() if asked else forms.HiddenInput()


class CommaField(forms.DecimalField):
    """A number whose decimals may come after a comma, where that can only be meant."""

    def to_python(self, value: Any) -> Any:
        """`18,50` is 18.50, `0,500` is 0.500; `1,500` may be two, and is refused."""
        said = value.strip() if isinstance(value, str) else ""
        if re.fullmatch(r"\d+,\d{1,2}|0*,\d+", said):
            return super().to_python(said.replace(",", "."))
        if re.fullmatch(r"[\d.]+(,[\d.]+)+", said):
            raise forms.ValidationError(
                "Write it with a point before the decimals, and no comma: 1234.50."
            )
        return super().to_python(value)


def say_decimals(form: forms.BaseForm, names: tuple[str, ...], currency: str) -> None:
    """Refuse amounts with more decimals than their currency has."""
    for name in names:
        amount = form.cleaned_data.get(name)
        if amount is not None and not fits(amount, currency):
            digits = exponent(currency)
            form.add_error(
                name, f"{form[name].label}: {currency} has {digits} decimals at most."
            )


class ShareField(CommaField):
    """A share of the whole, up to 1, that people say in per cent."""

    def __init__(self, **options: Any) -> None:
        """From 0.1% to 100%."""
        super().__init__(
            min_value=Decimal("0.1"),
            max_value=Decimal(100),
            max_digits=4,
            decimal_places=1,
            **options,
        )

    def clean(self, value: Any) -> Decimal | None:
        """`25` is 0.25."""
        said = super().clean(value)
        return None if said is None else said / 100


def per_cent(share: Decimal) -> str:
    """A share as such a field shows it: 0.25 is `25`."""
    return f"{(share * 100).normalize():f}"


class WallClockInput(forms.DateTimeInput):
    """The browser's own picker: to the minute, or to the second where one is set."""

    def __init__(self, **attrs: str) -> None:
        """attrs: of the input. Seconds may be set where none are shown."""
        said = {"type": "datetime-local", "step": "any"} | attrs
        super().__init__(attrs=said, format="%Y-%m-%dT%H:%M:%S")

    def format_value(self, value: Any) -> str | None:
        """`2026-11-27T20:00`."""
        said = super().format_value(value)
        to_second = len(said or "") == len("2026-11-27T20:00:00")
        return said.removesuffix(":00") if said and to_second else said

    def get_context(
        self, name: str, value: Any, attrs: dict[str, Any] | None
    ) -> dict[str, Any]:
        """With seconds to choose where there are some."""
        context = super().get_context(name, value, attrs)
        if len(context["widget"]["value"] or "") > len("2026-11-27T20:00"):
            context["widget"]["attrs"]["step"] = "1"
        return context


class WallClockField(forms.Field):
    """A local time as a clock on the wall shows it; which zone is another field."""

    def __init__(self, *, col: str = "w4 m12", **options: Any) -> None:
        """Draw it as the browser's own picker. col: its columns."""
        super().__init__(widget=WallClockInput(**{"data-col": col}), **options)

    def to_python(self, value: object) -> datetime | None:
        """`2026-11-27T20:00`, with seconds or without."""
        if value in self.empty_values:
            return None
        try:
            local = datetime.fromisoformat(str(value))
        except ValueError:
            raise forms.ValidationError(
                "Write date and time like 2026-11-27 20:00."
            ) from None
        return local.replace(tzinfo=None, microsecond=0)
