"""Forms of a campaign's lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms

from console.campaigns import rules
from console.campaigns.forms.fields import CommaField
from console.campaigns.models import Campaign, Line
from console.campaigns.operations import LineTerms
from console.campaigns.queries import list_prices
from console.errors import Refusal
from console.shell.forms import SayingForm, relabel
from console.stock.models import Sku

CELLS = ("sale_price", "units", "buffer")


class LineForm(SayingForm):
    """The cells of one line; those that were not sent stay as they are."""

    sale_price = CommaField(required=False, max_digits=14, decimal_places=3)
    units = forms.IntegerField(required=False)
    buffer = forms.IntegerField(required=False)
    confirm = forms.BooleanField(required=False)
    version = forms.IntegerField()

    def __init__(self, *args: Any, line: Line, **options: Any) -> None:
        """line: the one that is edited."""
        super().__init__(*args, **options)
        self.line = line

    def clean(self) -> dict[str, Any]:
        """Look at the line as it would be."""
        data = super().clean() or {}
        for name in CELLS:
            if name in self.data and data.get(name) is None and name not in self.errors:
                self.add_error(name, "Enter a number.")
        line = self.line
        if "sale_price" in data:
            price = _or(data["sale_price"], line.sale_price)
            _say(self, rules.check_prices, line.regular_price, price)
        if "units" in data:
            buffer = _or(data["buffer"], line.buffer) if "buffer" in data else 0
            _say(self, rules.check_units, _or(data["units"], line.units), buffer)
        return data

    @property
    def elsewhere(self) -> list[str]:
        """What is wrong with no cell, or with what no cell shows."""
        return [
            str(error)
            for name, errors in self.errors.items()
            for error in errors
            if name not in CELLS
        ]

    @property
    def terms(self) -> LineTerms:
        """What was entered."""
        data = self.cleaned_data
        return LineTerms(
            sale_price=data["sale_price"],
            units=data["units"],
            buffer=data["buffer"],
            price_confirmed=True if data["confirm"] else None,
        )


def _say(form: forms.Form, check: Callable[..., None], *values: Any) -> None:
    """Let the field that a rule refuses say so."""
    try:
        check(*values)
    except Refusal as refused:
        field = refused.field if refused.field in form.fields else None
        form.add_error(field, refused.message)


def _or(value: Any, fallback: Any) -> Any:
    return fallback if value is None else value


class AddLineForm(SayingForm):
    """A product to add."""

    sku = forms.CharField(
        label="SKU",
        max_length=64,
        widget=forms.TextInput(attrs={"data-col": "w12", "autocomplete": "off"}),
    )
    regular_price = CommaField(
        label="List price",
        required=False,
        min_value=Decimal("0.001"),
        max_digits=14,
        decimal_places=3,
        widget=forms.NumberInput(
            attrs={"data-col": "w6", "step": "any", "placeholder": "As known"}
        ),
    )
    sale_price = CommaField(
        min_value=Decimal("0.001"),
        max_digits=14,
        decimal_places=3,
        widget=forms.NumberInput(attrs={"data-col": "w6", "step": "any"}),
    )
    units = forms.IntegerField(
        min_value=1, widget=forms.NumberInput(attrs={"data-col": "w6"})
    )
    buffer = forms.IntegerField(
        min_value=0,
        initial=0,
        required=False,
        widget=forms.NumberInput(attrs={"data-col": "w6"}),
    )

    def __init__(self, *args: Any, of: Campaign, now: datetime, **options: Any) -> None:
        """of: the plan it is added to. now: when its list price holds."""
        super().__init__(*args, **options)
        self.of, self.now = of, now

    def clean(self) -> dict[str, Any]:
        """Look at SKU, prices and quantity, so that each field says what is wrong."""
        data = super().clean() or {}
        sku = Sku.objects.filter(code=data["sku"]).first() if "sku" in data else None
        if "sku" in data and sku is None:
            text = "Check the code, or import a sheet."
            self.add_error("sku", f"There is no SKU {data['sku']}. {text}")
        if sku and "regular_price" in data:
            self._check_prices(sku, data["regular_price"], data.get("sale_price"))
        if "units" in data and "buffer" in data:
            _say(self, rules.check_units, data["units"], data["buffer"] or 0)
        return data

    def _check_prices(
        self, sku: Sku, regular: Decimal | None, sale: Decimal | None
    ) -> None:
        known = list_prices.known(self.of, [sku], now=self.now)
        if (listed := regular or known.get(sku.code)) is None:
            told = list_prices.unsaid(sku.code, self.of.currency)
            self.add_error("regular_price", told)
        elif sale is not None:
            _say(self, rules.check_prices, listed, sale)

    @property
    def terms(self) -> LineTerms:
        """What was entered."""
        data = self.cleaned_data
        return LineTerms(
            data["sale_price"],
            data["units"],
            data["buffer"] or 0,
            regular_price=data["regular_price"],
        )


PERCENTS = {
    "depth": ("Depth", "Of each list price; prices are rounded down."),
    "buffer": ("Buffer", "Of each quantity; units are rounded up."),
}
"""What is set in per cent: its name, and what it is a share of."""


class BulkForm(SayingForm):
    """One change for many lines: `depth` or `buffer` in per cent."""

    percent = CommaField(
        min_value=Decimal(0),
        max_value=Decimal(99),
        max_digits=5,
        decimal_places=2,
        widget=forms.NumberInput(
            attrs={"data-col": "w6 m12", "step": "any", "data-suffix": "%"}
        ),
    )

    def __init__(self, *args: Any, field: str, **options: Any) -> None:
        """field: what is set."""
        super().__init__(*args, **options)
        label, said = PERCENTS[field]
        relabel(self.fields["percent"], label)
        self.fields["percent"].help_text = said


class UploadForm(SayingForm):
    """A sheet of lines, and how to read it."""

    file = forms.FileField(
        label="Sheet",
        help_text="CSV or XLSX: sku, sale_price, units (or quantity), buffer; or a "
        "Shopify export.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
        error_messages={"required": "Choose a CSV or XLSX file."},
    )
    percent_off = CommaField(
        label="Reduce by",
        initial=20,
        required=False,
        min_value=Decimal(1),
        max_value=Decimal(95),
        max_digits=5,
        decimal_places=2,
        help_text="For rows without a sale price, as in a Shopify export.",
        widget=forms.NumberInput(attrs={"data-col": "w6 m12", "data-suffix": "%"}),
    )
    make_skus = forms.BooleanField(
        label="Make a SKU from the handle where it is blank",
        required=False,
        widget=forms.CheckboxInput(attrs={"data-col": "w12"}),
    )
