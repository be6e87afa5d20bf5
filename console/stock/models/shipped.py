"""What became of what was sold: sent, taken back, cancelled."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from console.stock.models.goods import Location
from console.stock.models.holds import Reservation
from console.stock.models.locks import Allocation
from console.stock.rules import SettlementKind, choices


class Delivery(models.Model):
    """One sold line of a reservation, from its first parcel on.

    sold: as paid; shipped, returned and cancelled: units of it, in all.
    """

    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT)
    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT)
    sold = models.IntegerField()
    shipped = models.IntegerField(default=0)
    returned = models.IntegerField(default=0)
    cancelled = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reservation", "allocation"], name="delivery_one_per_line"
            ),
            models.CheckConstraint(
                condition=Q(returned__gte=0, cancelled__gte=0),
                name="delivery_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(sold__gte=F("shipped") + F("cancelled")),
                name="delivery_ships_what_was_sold",
            ),
            models.CheckConstraint(
                condition=Q(shipped__gte=F("returned")),
                name="delivery_takes_back_what_was_shipped",
            ),
        ]


class Settlement(models.Model):
    """Units of one parcel, return or cancellation at one place, written once.

    line: what the caller calls the parcel or the return; asked for the same again, it
    does nothing. location: where the units were, or are; none while a sale has them.
    """

    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT)
    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT)
    kind = models.CharField(max_length=10, choices=choices(SettlementKind))
    line = models.CharField(max_length=64, blank=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True)
    units = models.IntegerField()
    damaged = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reservation", "allocation", "kind", "line", "location"],
                nulls_distinct=False,
                name="settlement_once_per_line",
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1), name="settlement_has_units"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in SettlementKind]),
                name="settlement_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(damaged=False) | Q(kind=SettlementKind.RETURNED.value),
                name="settlement_damaged_came_back",
            ),
        ]
