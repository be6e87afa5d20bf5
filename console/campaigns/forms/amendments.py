"""Forms of an amendment: what each product should say, and when the sale should end."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.renderers import get_default_renderer

from console.campaigns.forms.fields import FoldField, WallClockField
from console.campaigns.models import Campaign
from console.campaigns.operations import Change, Wish
from console.campaigns.operations.ends import closing
from console.errors import Refusal


def _cell(label: str) -> dict[str, str]:
    return {"class": "input input--sm num", "step": "any", "aria-label": label}


class WishForm(forms.Form):
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


class AmendForm(forms.Form):
    """What an amendment says besides its products."""

    closes_local = WallClockField(label="Ends", required=False, col="w4 m12")
    fold = FoldField(col="w4 m12")
    countdown = forms.BooleanField(
        label="I accept that the end shoppers were shown will have been wrong",
        required=False,
        widget=forms.CheckboxInput(attrs={"data-col": "w12"}),
    )
    reason = forms.CharField(
        label="Why",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "data-col": "w12"}),
    )
    base = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput())

    def __init__(self, *args: Any, of: Campaign, **options: Any) -> None:
        """of: the sale. Whether its end was shown, and which of two equal times is
        meant, is asked only where it matters."""
        super().__init__(*args, **options)
        self._of = of
        if of.opened_at is None:
            self.fields["countdown"].widget = forms.HiddenInput()
        FoldField.show(self, asked=self["fold"].value() not in (None, ""))

    def clean(self) -> dict[str, Any]:
        """Resolve the end, so that its field can say what is wrong."""
        data = super().clean() or {}
        local = data.get("closes_local")
        if local is None or local == self._of.closes_local:
            return data
        try:
            closing(self._of, local, data.get("fold"))
        except Refusal as refused:
            if refused.field == "fold":
                FoldField.show(self, asked=True)
            known = refused.field in self.fields
            self.add_error(refused.field if known else None, refused.message)
        return data

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
