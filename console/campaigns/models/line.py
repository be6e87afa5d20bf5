"""What a campaign offers of one SKU."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from console.stock.models import Sku


class Line(models.Model):
    """One SKU in a campaign: its prices, and the units to lock."""

    campaign = models.ForeignKey(
        "campaigns.Campaign", on_delete=models.CASCADE, related_name="lines"
    )
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+")
    regular_price = models.DecimalField(max_digits=14, decimal_places=3)
    sale_price = models.DecimalField(max_digits=14, decimal_places=3)
    units = models.PositiveIntegerField()
    buffer = models.PositiveIntegerField(default=0)
    price_confirmed = models.BooleanField(
        default=False, help_text="Somebody confirmed that a price this low is meant."
    )
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
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
