"""Which columns a sheet of lines has, and what goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max, QuerySet
from import_export import fields, resources

from console.campaigns import rules
from console.campaigns.columns import (
    ListPriceWidget,
    PriceWidget,
    SkuWidget,
    UnitsWidget,
    coins,
)
from console.campaigns.models import Campaign, Line
from console.campaigns.queries import list_prices
from console.errors import Refusal
from console.shell.files import PART
from console.stock.models import Sku

Table = tuple[list[str], Iterator[list[Any]]]
COMPARED = ("regular_price", "sale_price", "units", "buffer")


class LineResource(resources.ModelResource):
    """The lines of one campaign, read from or written to a sheet."""

    sku = fields.Field("sku", "sku", widget=SkuWidget())
    name = fields.Field("sku__name", "name", readonly=True)
    variant = fields.Field("sku__variant", "variant", readonly=True)
    regular_price = fields.Field(
        "regular_price", "regular_price", widget=ListPriceWidget("list price")
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

    def __init__(
        self,
        campaign: Campaign,
        codes: Sequence[str] = (),
        *,
        now: datetime | None = None,
    ) -> None:
        """codes: the SKUs of the rows, read in one query with the lines they have.

        now: when their list prices hold; needed with codes.
        """
        super().__init__()
        self.campaign = campaign
        for name in ("regular_price", "sale_price"):
            self.fields[name].widget.currency = campaign.currency
        self.skus = {sku.code: sku for sku in Sku.objects.filter(code__in=codes)}
        self.fields["sku"].widget.known = self.skus
        lines = campaign.lines.filter(sku__code__in=codes).select_related("sku")
        self.lines = {line.sku.code: line for line in lines}
        if now:
            self._list_prices(now)
        last = campaign.lines.aggregate(last=Max("position"))["last"]
        self.position = last or 0

    def dehydrate_regular_price(self, line: Line) -> Decimal:
        """In coins: 119.000 would be a thousand times as much to some."""
        return coins(line.regular_price, self.campaign.currency)

    def dehydrate_sale_price(self, line: Line) -> Decimal:
        """In coins, as the list price."""
        return coins(line.sale_price, self.campaign.currency)

    def get_queryset(self) -> Any:
        """Only this campaign's."""
        return self.campaign.lines.select_related("sku")

    def _list_prices(self, now: datetime) -> None:
        """What a row without a list price has: its line's, else that of its SKU."""
        known = {code: line.regular_price for code, line in self.lines.items()}
        new = [sku for code, sku in self.skus.items() if code not in known]
        known |= list_prices.known(self.campaign, new, now=now)
        widget, currency = self.fields["regular_price"].widget, self.campaign.currency
        widget.known = known
        widget.unsaid = {
            sku.code: list_prices.unsaid(sku.code, currency)
            for sku in new
            if sku.code not in known
        }

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


def export(campaign: Campaign) -> Table:
    """The lines of a campaign as headings and rows, read as they are taken."""
    lines = campaign.lines.select_related("sku").order_by("position", "pk")
    return table(LineResource(campaign), lines)


def table(resource: resources.ModelResource, found: QuerySet[Any]) -> Table:
    """Headings and rows of what was found; a cursor of the database holds the rows."""
    rows = found.iterator(chunk_size=PART)
    return resource.get_export_headers(), map(resource.export_resource, rows)
