"""Which columns a catalogue has, how each is read, and what goes out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from import_export import fields, resources

from console.campaigns.catalogue.cells import (
    AmountWidget,
    ChannelWidget,
    CurrencyWidget,
    MomentWidget,
    TextWidget,
)
from console.campaigns.columns import coins
from console.campaigns.resources import Table, table
from console.stock.models import Sku

TEXTS = ("name", "variant", "category", "brand")
COLUMNS = (
    *("sku", *TEXTS, "list_price", "currency", "cost"),
    *("from_at", "net", "channel", "remark"),
)


class CatalogueResource(resources.ModelResource):
    """One row a SKU; the last four columns go out blank, for prices of the past."""

    sku = fields.Field("code", "sku", widget=TextWidget("SKU", 64))
    name = fields.Field("name", "name", widget=TextWidget("name", 200))
    variant = fields.Field("variant", "variant", widget=TextWidget("variant", 200))
    category = fields.Field("category", "category", widget=TextWidget("category", 100))
    brand = fields.Field("brand", "brand", widget=TextWidget("brand", 100))
    list_price = fields.Field(
        "regular_price", "list_price", widget=AmountWidget("list price")
    )
    currency = fields.Field("currency", "currency", widget=CurrencyWidget())
    cost = fields.Field("cost", "cost", widget=AmountWidget("cost"))
    from_at = fields.Field(column_name="from_at", widget=MomentWidget())
    net = fields.Field(column_name="net", widget=AmountWidget("net price"))
    channel = fields.Field(column_name="channel", widget=ChannelWidget())
    remark = fields.Field(column_name="remark", widget=TextWidget("remark", 200))

    class Meta:
        model = Sku
        fields = COLUMNS
        export_order = COLUMNS
        import_id_fields = ("sku",)

    def __init__(self, channels: Collection[str] = ()) -> None:
        """channels: those that a price may be of."""
        super().__init__()
        if channels:
            self.fields["channel"].widget.known = channels

    def dehydrate_list_price(self, sku: Sku) -> Decimal | str:
        """In coins of its currency; blank for 0, which nobody said."""
        return coins(sku.regular_price, sku.currency) if sku.regular_price else ""

    def dehydrate_cost(self, sku: Sku) -> Decimal | str:
        """In coins of its currency; blank where nobody said."""
        return "" if sku.cost is None else coins(sku.cost, sku.currency)

    def read(self, cells: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
        """What one row says, and what is wrong with it, both by column."""
        values: dict[str, Any] = {}
        wrong: dict[str, str] = {}
        for name in COLUMNS:
            try:
                values[name] = self.fields[name].widget.clean(cells.get(name, ""))
            except ValueError as error:
                wrong[name] = str(error)
        return values, wrong


def export(skus: QuerySet[Sku]) -> Table:
    """SKUs as headings and rows of a file that can be brought in again."""
    return table(CatalogueResource(), skus)
