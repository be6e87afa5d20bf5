"""Input of this room: an order history, and a past sale told by hand."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from console.campaigns import rules
from console.campaigns.forms.fields import WallClockField, zones
from console.campaigns.rules import Window
from console.errors import Refusal
from console.shell.forms import SayingForm
from console.shell.widgets import LongSelect

MOST_SKUS = 5_000
LARGEST_LIST = 1024 * 1024
HEADINGS = {"sku", "stockcode", "code"}


class HistoryForm(SayingForm):
    """A file of orders, and how to read its dates."""

    file = forms.FileField(
        label="Order history",
        help_text="CSV, or CSV packed with gzip: InvoiceNo, StockCode, Quantity, "
        "InvoiceDate, UnitPrice; Description, CustomerID and Country may be there.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.gz,.txt"}),
        error_messages={"required": "Choose a CSV file, packed or not."},
    )
    zone = forms.ChoiceField(
        label="Time zone of its dates",
        choices=zones,
        widget=LongSelect(attrs={"data-col": "w6 m12"}),
    )
    day_first = forms.BooleanField(
        label="5/12/2010 is 5 December (else 12 May)",
        required=False,
        widget=forms.CheckboxInput(attrs={"data-col": "w12"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the shop's own zone."""
        super().__init__(*args, **options)
        self.initial.setdefault("zone", settings.SHOP_ZONE)


class PastSaleForm(SayingForm):
    """A past sale: when, what, and how deep."""

    name = forms.CharField(max_length=120, widget=forms.TextInput())
    opens_local = WallClockField(label="Started", col="w4 m12")
    closes_local = WallClockField(label="Ended", col="w4 m12")
    depth = forms.DecimalField(
        label="Depth, off the usual price",
        required=False,
        min_value=Decimal(1),
        max_value=Decimal(99),
        max_digits=4,
        decimal_places=1,
        widget=forms.NumberInput(attrs={"data-col": "w4 m12", "data-suffix": "%"}),
    )
    skus = forms.CharField(
        label="SKUs",
        required=False,
        strip=True,
        help_text="One a line, or separated by commas.",
        widget=forms.Textarea(attrs={"rows": 4, "data-col": "w12"}),
    )
    sheet = forms.FileField(
        label="Or a sheet of SKUs",
        required=False,
        help_text="A CSV whose first column holds the codes.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt"}),
    )

    def clean(self) -> dict[str, Any]:
        """Resolve the window, and put both lists of SKUs together."""
        data = super().clean() or {}
        self.window: Window | None = None
        self.codes = self._codes(data)
        if not self.codes and "skus" not in self.errors:
            self.add_error("skus", "Name at least one SKU, or choose a sheet of them.")
        if len(self.codes) > MOST_SKUS:
            self.add_error("skus", f"{MOST_SKUS:,} SKUs at most.")
        opens, closes = data.get("opens_local"), data.get("closes_local")
        if opens and closes:
            self._resolve(opens, closes)
        return data

    def _resolve(self, opens: datetime, closes: datetime) -> None:
        """An hour that is there twice is the first."""
        try:
            self.window = rules.resolve(
                opens, closes, settings.SHOP_ZONE, folds=rules.Folds(0)
            )
        except Refusal as refused:
            self.add_error(refused.field, refused.message)

    def _codes(self, data: dict[str, Any]) -> list[str]:
        typed = re.split(r"[,;\n]", data.get("skus") or "")
        read = _first_column(data["sheet"]) if data.get("sheet") else []
        stripped = [code.strip().replace("\0", "")[:64] for code in [*typed, *read]]
        return list(dict.fromkeys(code for code in stripped if code))

    @property
    def share(self) -> Decimal | None:
        """The depth as a share: 0.3 for 30% off."""
        told: Decimal | None = self.cleaned_data["depth"]
        return None if told is None else told / 100


def _first_column(file: UploadedFile[Any]) -> list[str]:
    """The first cell of each row, without its heading; one list is enough."""
    text = file.read(LARGEST_LIST).decode("utf-8-sig", errors="replace")
    cells = [
        re.split(r"[,;\t]", line, maxsplit=1)[0].strip(' "')
        for line in text.splitlines()
    ]
    named = bool(cells) and cells[0].replace(" ", "").lower() in HEADINGS
    return cells[1:] if named else cells
