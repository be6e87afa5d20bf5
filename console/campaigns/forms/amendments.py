"""Forms of an amendment: what each product should say, and when the sale should end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.renderers import get_default_renderer

from console.campaigns.forms.ends import EndForm
from console.campaigns.forms.fields import FoldField, WallClockField
from console.campaigns.operations import Change, Wish
from console.campaigns.rules import NothingToAmend
from console.errors import Refusal
from console.shell.forms import SayingForm


def _cell(label: str) -> dict[str, str]:
    return {"class": "input input--sm num", "step": "any", "aria-label": label}


class WishForm(SayingForm):
    """One product: its cells, or that it leaves the sale."""

    sku = forms.CharField(
        required=False,
        max_length=64,
        widget=forms.TextInput(
            attrs={
                "class": "input input--sm",
                "aria-label": "SKU",
                "placeholder": "Another SKU",
                "autocomplete": "off",
            }
        ),
    )
    regular_price = forms.DecimalField(
        required=False,
        min_value=Decimal("0.001"),
        max_digits=14,
        decimal_places=3,
        widget=forms.NumberInput(
            attrs=_cell("List price") | {"placeholder": "As known"}
        ),
    )
    sale_price = forms.DecimalField(
        required=False,
        min_value=Decimal("0.001"),
        max_digits=14,
        decimal_places=3,
        widget=forms.NumberInput(attrs=_cell("Sale price")),
    )
    units = forms.IntegerField(
        required=False, min_value=1, widget=forms.NumberInput(attrs=_cell("Quantity"))
    )
    buffer = forms.IntegerField(
        required=False, min_value=0, widget=forms.NumberInput(attrs=_cell("Buffer"))
    )
    remove = forms.BooleanField(
        required=False,
        widget=forms.CheckboxInput(attrs={"aria-label": "Take out of the sale"}),
    )

    @property
    def wish(self) -> Wish | None:
        """What was entered; None for a row without a SKU."""
        data = self.cleaned_data
        if not data.get("sku"):
            return None
        return Wish(
            data["sku"],
            sale_price=data["sale_price"],
            units=data["units"],
            buffer=data["buffer"],
            remove=data["remove"],
            regular_price=data["regular_price"],
        )


if TYPE_CHECKING:
    _Rows = forms.BaseFormSet[WishForm]
else:
    _Rows = forms.BaseFormSet


class Wishes(_Rows):
    """Every row that is shown."""

    form = WishForm
    extra, min_num, max_num, absolute_max = 0, 0, 200, 1_000
    can_delete = can_order = can_delete_extra = False
    validate_max = validate_min = False
    renderer = get_default_renderer()

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """What was entered, rows without a SKU left out."""
        return tuple(wish for form in self.forms if (wish := form.wish))


class AmendForm(EndForm):
    """What an amendment says besides its products."""

    closes_local = WallClockField(label="Ends", required=False, col="w4 m12")
    fold = FoldField(col="w4 m12")
    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "data-col": "w12"}),
    )
    base = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput())

    def _resolve(self, local: datetime, fold: int | None) -> None:
        """An end that stays as it is is not asked about."""
        if local != self.of.closes_local:
            super()._resolve(local, fold)

    def change(self, wishes: Iterable[Wish]) -> Change:
        """Both forms as one amendment."""
        data: dict[str, Any] = self.cleaned_data
        return Change(
            tuple(wishes),
            closes_local=data["closes_local"],
            fold=data["fold"],
            countdown=data["countdown"],
            base=data["base"],
        )


def mark(rows: Wishes, form: AmendForm, refused: Refusal) -> bool:
    """Put a refusal at the row or the field it names; False if it names none."""
    field, sku = refused.field, refused.detail.get("sku", "")
    for row in rows.forms:
        if sku and row.cleaned_data["sku"] == sku:
            row.add_error(field if field in row.fields else None, refused.message)
            return True
    if field not in form.fields and not isinstance(refused, NothingToAmend):
        return False
    form.add_error(field or None, refused.message)
    return True
