"""Which columns a sheet of lines has, how each cell is read, and what goes out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.db.models import Max
from import_export import fields, resources, widgets

from console.campaigns import rules
from console.campaigns.models import Campaign, Line
from console.errors import Refusal
from console.shell import formats
from console.stock.models import Sku

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COMPARED = ("regular_price", "sale_price", "units", "buffer")


class SkuWidget(widgets.Widget):
    """A SKU by its code, among those that were read beforehand."""

    known: Mapping[str, Sku] = {}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Sku:
        """The SKU of a code.

        Raises:
            ValueError: there is none.
        """
        code = str(value or "").strip()
        if not code:
            raise ValueError("The SKU is blank. Give every row a SKU.")
        if code not in self.known:
            raise ValueError(
                f"There is no SKU {code}. Correct it, or import it with its product."
            )
        return self.known[code]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """The code, such that no sheet takes it for a formula."""
        return neutral(value.code) if value else ""


class PriceWidget(widgets.Widget):
    """A price as people write it: 1234.50, 1,234.50 or 1234,50."""

    def __init__(self, name: str) -> None:
        """name: how a sentence calls it."""
        super().__init__()
        self.name = name

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Decimal:
        """The exact amount.

        Raises:
            ValueError: it is blank, or no number.
        """
        text = str(value if value is not None else "").strip()
        if not text:
            raise ValueError(f"The {self.name} is blank. Enter it like 119.00.")
        try:
            amount = Decimal(_plain_number(text))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            raise ValueError(
                f"“{text[:40]}” is not a {self.name}. Enter it like 119.00."
            )
        return amount

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """A number for a sheet."""
        return value


def _plain_number(text: str) -> str:
    """One comma and no point is a decimal comma; other commas part thousands."""
    if "." not in text and text.count(",") == 1 and len(text.split(",")[1]) != 3:
        return text.replace(",", ".")
    return text.replace(",", "")


class UnitsWidget(widgets.Widget):
    """A whole number of units."""

    def __init__(self, name: str, least: int, blank: int | None = None) -> None:
        """name: how a sentence calls it. blank: what an empty cell means."""
        super().__init__()
        self.name, self.least, self.blank = name, least, blank

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int:
        """The number.

        Raises:
            ValueError: it is blank, no whole number, or too small.
        """
        text = str(value if value is not None else "").strip().removesuffix(".0")
        if not text and self.blank is not None:
            return self.blank
        if not text:
            raise ValueError(f"The {self.name} are blank. Enter a whole number.")
        if re.fullmatch(r"-?\d{1,12}", text):
            return self._bounded(int(text))
        raise ValueError(
            f"“{text[:40]}” is not a whole number. Enter {self.name} like 120."
        )

    def _bounded(self, number: int) -> int:
        if number < self.least:
            raise ValueError(
                f"The {self.name} cannot be {formats.number(number)}. "
                f"Enter {self.least} or more."
            )
        return number

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """A number for a sheet."""
        return value


class LineResource(resources.ModelResource):
    """The lines of one campaign, read from or written to a sheet."""

    sku = fields.Field("sku", "sku", widget=SkuWidget())
    name = fields.Field("sku__name", "name", readonly=True)
    variant = fields.Field("sku__variant", "variant", readonly=True)
    regular_price = fields.Field(
        "regular_price", "regular_price", widget=PriceWidget("list price")
    )
    sale_price = fields.Field(
        "sale_price", "sale_price", widget=PriceWidget("sale price")
    )
    units = fields.Field("units", "units", widget=UnitsWidget("units", 1))
    buffer = fields.Field("buffer", "buffer", widget=UnitsWidget("buffer", 0, blank=0))

    class Meta:
        model = Line
        fields = (
            "sku",
            "name",
            "variant",
            "regular_price",
            "sale_price",
            "units",
            "buffer",
        )
        import_id_fields = ("sku",)
        skip_unchanged = True
        report_skipped = True
        store_row_values = True
        clean_model_instances = False
        skip_html_diff = True

    def __init__(self, campaign: Campaign, codes: Sequence[str] = ()) -> None:
        """codes: the SKUs of the rows, read in one query with the lines they have."""
        super().__init__()
        self.campaign = campaign
        self.skus = {sku.code: sku for sku in Sku.objects.filter(code__in=codes)}
        self.fields["sku"].widget.known = self.skus
        lines = campaign.lines.filter(sku__code__in=codes).select_related("sku")
        self.lines = {line.sku.code: line for line in lines}
        last = campaign.lines.aggregate(last=Max("position"))["last"]
        self.position = last or 0

    def get_queryset(self) -> Any:
        """Only this campaign's."""
        return self.campaign.lines.select_related("sku")

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        """A row without a list price has that of its SKU."""
        sku = self.skus.get(str(row["sku"] or "").strip())
        if sku and not str(row.get("regular_price") or "").strip():
            line = self.lines.get(sku.code)
            row["regular_price"] = line.regular_price if line else sku.regular_price

    def get_instance(self, instance_loader: Any, row: Any) -> Line | None:
        """The line that has this SKU already."""
        return self.lines.get(str(row["sku"] or "").strip())

    def init_instance(self, row: Any = None) -> Line:
        """A new line below the others."""
        self.position += 1
        return Line(campaign=self.campaign, position=self.position)

    def validate_instance(
        self,
        instance: Line,
        import_validation_errors: Any = None,
        validate_unique: bool = True,
    ) -> None:
        """Add what the rules say to what the cells said.

        Raises:
            ValidationError: by column.
        """
        errors = _all_errors(import_validation_errors or {}, instance)
        if errors:
            raise ValidationError(errors)

    def read(self, cells: Mapping[str, str]) -> tuple[Line, dict[str, Any]]:
        """What one row says, and what is wrong with it: the row alone, not its table.

        Neither saves nor compares, so it costs a fraction of importing the row.
        """
        row, line, errors = dict(cells), Line(), {}
        self.before_import_row(row)
        for name in ("sku", *COMPARED):
            try:
                value = self.fields[name].widget.clean(row.get(name, ""), row)
            except ValueError as error:
                errors[name] = str(error)
            else:
                if name != "sku":  # one that is only about to be made has no key yet
                    setattr(line, name, value)
        return line, _all_errors(errors, line)

    def before_save_instance(self, instance: Line, row: Any, **kwargs: Any) -> None:
        """A changed line is a new version, and its price is not confirmed any more."""
        if instance.pk:
            instance.version += 1
            instance.price_confirmed = False


def _all_errors(said: Mapping[str, Any], line: Line) -> dict[str, Any]:
    """What the cells said; only where they say nothing, what the rules say."""
    errors = dict(said)
    if "sku" in errors:  # then its list price is not known either
        errors.pop("regular_price", None)
    return errors or _refused(line)


def _refused(line: Line) -> dict[str, str]:
    try:
        rules.check_offer(
            line.regular_price, line.sale_price, units=line.units, buffer=line.buffer
        )
    except Refusal as refused:
        return {refused.field: refused.message}
    return {}


def neutral(text: object) -> str:
    """Text no spreadsheet runs as a formula.

    Source: OWASP, CSV Injection: a leading = + - @ tab or return is quoted.
    """
    said = str(text)
    return f"'{said}" if said[:1] in ("=", "+", "-", "@", "\t", "\r") else said


def export(campaign: Campaign, form: str) -> tuple[bytes, str]:
    """The lines of a campaign as a file, and its content type.

    form: csv or xlsx.
    """
    lines = campaign.lines.select_related("sku").order_by("position", "pk")
    return encoded(LineResource(campaign).export(lines), form)


def encoded(dataset: tablib.Dataset, form: str) -> tuple[bytes, str]:
    """A table as a file; every text in it is neutral to spreadsheets."""
    safe = tablib.Dataset(headers=dataset.headers)
    for row in dataset:
        safe.append([neutral(v) if isinstance(v, str) else v for v in row])
    body = safe.export(form)
    return (body.encode("utf-8-sig") if isinstance(body, str) else body), KINDS[form]
