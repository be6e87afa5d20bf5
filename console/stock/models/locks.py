"""What is locked for a sale, where it came from and how much of it was paid."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from console.stock.models.goods import Location, Sku
from console.stock.rules import SkuState, choices


class Allocation(models.Model):
    """Units of one SKU locked for one sale.

    `taken` is what buyers hold or bought; holds that expired stay in it until somebody
    needs the units, so readers subtract them by their expiry.

    backorder: units that may be sold beyond those that are locked. promise_at: when
    they are there, if that is known. waiting: units of those who wait for one.
    """

    campaign = models.CharField(max_length=20)
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="allocations")
    quantity = models.IntegerField(help_text="Units locked for the sale.")
    buffer = models.IntegerField(default=0, help_text="Units held back, never sold.")
    taken = models.IntegerField(default=0, help_text="Units reserved or sold.")
    locked_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(
        max_length=10,
        choices=choices(SkuState),
        default=SkuState.OPEN,
        db_default=SkuState.OPEN.value,
    )
    backorder = models.IntegerField(
        default=0, db_default=0, help_text="Units sold before they are there."
    )
    promise_at = models.DateTimeField(null=True, blank=True)
    waiting = models.IntegerField(
        default=0, db_default=0, help_text="Units that buyers wait for."
    )
    sellable = models.GeneratedField(
        expression=F("quantity") + F("backorder") - F("buffer") - F("taken"),
        output_field=models.IntegerField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], condition=Q(returned_at=None), name="allocation_open"
            ),
            models.Index(
                fields=["id"], condition=Q(waiting__gt=0), name="allocation_awaited"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "sku"], name="allocation_one_per_campaign_and_sku"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0, buffer__gte=0, taken__gte=0),
                name="allocation_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(sellable__gte=0), name="allocation_never_oversold"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in SkuState]),
                name="allocation_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(backorder__gte=0, waiting__gte=0),
                name="allocation_promises_are_not_negative",
            ),
        ]

    def __str__(self) -> str:
        """Campaign and SKU."""
        return f"{self.campaign} · {self.sku.code}"


class Source(models.Model):
    """How many of an allocation's units came from which location."""

    allocation = models.ForeignKey(
        Allocation, on_delete=models.CASCADE, related_name="sources"
    )
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    units = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["allocation", "location"], name="source_one_per_location"
            ),
            models.CheckConstraint(
                condition=Q(units__gte=0), name="source_is_not_negative"
            ),
        ]


class Sold(models.Model):
    """Units of an allocation that were paid for, counted in slots.

    A confirmed hold changes nothing on the hot allocation row: it adds to the slot of
    its own database session, so payments never queue behind reservations.
    """

    allocation = models.ForeignKey(
        Allocation, on_delete=models.CASCADE, related_name="sold"
    )
    slot = models.SmallIntegerField()
    units = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["allocation", "slot"], name="sold_one_per_slot"
            ),
            models.CheckConstraint(
                condition=Q(units__gte=0), name="sold_is_not_negative"
            ),
        ]
