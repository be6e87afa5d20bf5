"""What a campaign offers of one SKU."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from console.stock.models import Sku


class Line(models.Model):
    """One SKU in a campaign: its prices, and the units to lock.

    source, source_price: the filter that gave it its price, and which. While the sale
    price is still that one the line is the filter's; else somebody chose it by itself.
    """

    campaign = models.ForeignKey(
        "campaigns.Campaign",
        on_delete=models.CASCADE,
        related_name="lines",
        db_index=False,
        help_text="The unique key begins with it: one index for both.",
    )
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+")
    regular_price = models.DecimalField(max_digits=14, decimal_places=3)
    sale_price = models.DecimalField(max_digits=14, decimal_places=3)
    units = models.PositiveIntegerField()
    buffer = models.PositiveIntegerField(default=0)
    price_confirmed = models.BooleanField(
        default=False, help_text="Somebody confirmed that a price this low is meant."
    )
    source = models.ForeignKey(
        "campaigns.SourceFilter",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    source_price = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, blank=True
    )
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(
                fields=["source"],
                condition=Q(source__isnull=False),
                name="line_of_source",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "sku"], name="line_one_per_campaign_and_sku"
            ),
            models.CheckConstraint(
                condition=Q(sale_price__gt=0), name="line_price_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(sale_price__lt=F("regular_price")),
                name="line_sale_below_regular",
            ),
            models.CheckConstraint(
                condition=Q(units__gt=F("buffer")), name="line_buffer_leaves_some"
            ),
        ]

    def __str__(self) -> str:
        """Campaign and SKU."""
        return f"{self.campaign_id} · {self.sku_id}"

    @property
    def filtered(self) -> bool:
        """True if its price is the one a filter gave it."""
        return self.source_id is not None and self.sale_price == self.source_price
