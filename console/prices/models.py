"""The price history: a row from which instant on a price is in force."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from console.prices.rules import Point, Reason

WEB = "web"


class PricePointQuerySet(models.QuerySet["PricePoint"]):
    """Points by product, and in the order they hold."""

    def of(self, sku: str, *, channel: str, currency: str) -> PricePointQuerySet:
        """The history of one SKU in one channel and currency, oldest first."""
        found = self.filter(sku=sku, channel=channel, currency=currency)
        return found.order_by("from_at", "pk")

    def until(self, at: datetime) -> PricePointQuerySet:
        """In force at or before an instant."""
        return self.filter(from_at__lte=at)


class PricePoint(models.Model):
    """What a SKU costs from an instant on, until the next row of its history.

    Of two rows at one instant the later written one holds. The database refuses UPDATE,
    DELETE and TRUNCATE (migration 0002).
    """

    sku = models.CharField(max_length=64)
    channel = models.CharField(max_length=20, default=WEB)
    currency = models.CharField(max_length=3)
    amount = models.DecimalField(
        max_digits=14, decimal_places=3, help_text="As shown: with tax."
    )
    net = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, help_text="Without tax, if known."
    )
    from_at = models.DateTimeField()
    reason = models.CharField(max_length=8, choices=[(r, r.label) for r in Reason])
    campaign = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = PricePointQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["sku", "channel", "currency", "-from_at", "-id"],
                name="price_in_force",
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="price_is_positive"),
            models.CheckConstraint(
                condition=Q(net=None) | Q(net__gt=0, net__lte=models.F("amount")),
                name="price_net_is_below_gross",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[A-Z]{3}$"),
                name="price_currency_is_a_code",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=[r.value for r in Reason]),
                name="price_reason_is_known",
            ),
        ]

    def __str__(self) -> str:
        """`SKN3-M-BLK 219.00 EUR`."""
        return f"{self.sku} {self.amount} {self.currency}"

    def point(self) -> Point:
        """The values the rules read."""
        return Point(self.from_at, self.amount, self.reason == Reason.SALE)
