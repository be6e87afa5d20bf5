"""What there is and where: SKUs, locations and levels."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest


class Sku(models.Model):
    """One thing that can be sold and counted.

    perishable, on_market_since: what the law on reductions asks of it.
    """

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    variant = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=100, blank=True)
    brand = models.CharField(max_length=100, blank=True)
    regular_price = models.DecimalField(max_digits=14, decimal_places=3)
    cost = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    currency = models.CharField(max_length=3, default="EUR")
    image = models.CharField(max_length=500, blank=True)
    perishable = models.BooleanField(
        default=False, db_default=False, help_text="It deteriorates or expires rapidly."
    )
    on_market_since = models.DateField(
        null=True, blank=True, help_text="Where it is a new arrival."
    )

    class Meta:
        indexes = [
            models.Index(fields=["name"], name="sku_of_name"),
            models.Index(fields=["category"], name="sku_of_category"),
            models.Index(fields=["brand"], name="sku_of_brand"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="sku_has_a_code"),
            models.CheckConstraint(
                condition=Q(regular_price__gte=0), name="sku_price_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        """Name and variant, as on the shelf."""
        return f"{self.name}, {self.variant}" if self.variant else self.name


class Location(models.Model):
    """A place that holds stock; a lock takes from the lowest position first."""

    name = models.CharField(max_length=100, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        """Its name."""
        return self.name


class Level(models.Model):
    """What one location has of one SKU, and whom it is promised to.

    free: what may still be promised. The buffer may ask for more than is there; then
    nothing may, and the ledger's `free` is below zero by what is missing of the buffer.
    policy_buffer: what buffer policies hold back besides `buffer`, set by hand.
    counted_at: when it was last written. last_count_at: the instant of its newest
    count; what happened before is in it, also where the count agreed with the books.
    """

    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="levels")
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    on_hand = models.IntegerField(default=0, help_text="Units physically there.")
    committed = models.IntegerField(
        default=0, help_text="Units promised to orders and other channels."
    )
    allocated = models.IntegerField(default=0, help_text="Units locked for sales.")
    buffer = models.IntegerField(default=0, help_text="Units never to be promised.")
    policy_buffer = models.IntegerField(
        default=0, db_default=0, help_text="Units that buffer policies hold back."
    )
    version = models.PositiveIntegerField(default=1)
    counted_at = models.DateTimeField(null=True, blank=True)
    last_count_at = models.DateTimeField(null=True, editable=False)
    free = models.GeneratedField(
        expression=Greatest(
            F("on_hand")
            - F("committed")
            - F("allocated")
            - F("buffer")
            - F("policy_buffer"),
            0,
        ),
        output_field=models.IntegerField(),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "location"], name="level_one_per_sku_and_location"
            ),
            models.CheckConstraint(
                condition=Q(committed__gte=0, allocated__gte=0, buffer__gte=0),
                name="level_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(on_hand__gte=F("committed") + F("allocated")),
                name="level_keeps_its_promises",
            ),
            models.CheckConstraint(
                condition=Q(policy_buffer__gte=0), name="level_policies_hold_back"
            ),
        ]

    def __str__(self) -> str:
        """SKU and place."""
        return f"{self.sku.code} at {self.location.name}"
