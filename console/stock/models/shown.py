"""What shops were given to say about the last units."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from console.stock.models.goods import Sku


class ScarcityText(models.Model):
    """One text about one SKU of a sale, as long as shops were given it without a break.

    It stays when the sale's lock is undone: what was shown was shown.

    from_at: when the ledger said so first. until_at: until when the last shop that was
    given it might show it. times: how often the ledger was asked for it.
    """

    campaign = models.CharField(max_length=20)
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="texts")
    units = models.PositiveIntegerField(help_text="Units left, as the ledger said.")
    text = models.CharField(max_length=100)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    times = models.PositiveIntegerField()
    current = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "sku"],
                condition=Q(current=True),
                name="scarcity_text_one_current",
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1, times__gte=1) & ~Q(text=""),
                name="scarcity_text_tells_of_units",
            ),
            models.CheckConstraint(
                condition=Q(until_at__gte=F("from_at")),
                name="scarcity_text_ends_after_it_began",
            ),
        ]
