"""Who waits for units to come back, and who was sold units that are not there yet."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from console.stock.models.holds import Reservation
from console.stock.models.locks import Allocation
from console.stock.rules import WaiterState, choices

OPEN = (WaiterState.WAITING.value, WaiterState.OFFERED.value)


class Waiter(models.Model):
    """A buyer in the line for one SKU of a sale; the id comes from client and key.

    units: the most the buyer wants; offered: what was held for them, under a
    reservation of this very id. position: the order in which all came.
    """

    id = models.UUIDField(primary_key=True)
    allocation = models.ForeignKey(
        Allocation, on_delete=models.PROTECT, related_name="waiters"
    )
    client = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    body_hash = models.BinaryField()
    buyer = models.CharField(max_length=128)
    units = models.IntegerField()
    offered = models.IntegerField(default=0)
    state = models.CharField(max_length=10, choices=choices(WaiterState))
    position = models.BigIntegerField()
    made_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["allocation", "position"],
                condition=Q(state="waiting"),
                name="waiter_in_line",
            ),
            models.Index(
                fields=["id"], condition=Q(state="offered"), name="waiter_offered"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["allocation", "buyer"],
                condition=Q(state__in=OPEN),
                name="waiter_once_per_buyer",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in WaiterState]),
                name="waiter_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(units__gte=1, offered__gte=0, offered__lte=F("units")),
                name="waiter_is_offered_what_it_wants",
            ),
        ]


class OfferBell(models.Model):
    """When those who wait were last looked after: one row.

    Units are kept for them only while somebody does.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="offer_bell_is_one"),
        ]


class Backorder(models.Model):
    """Units of a reservation that were not there when they were promised.

    told_at: the date the buyer was told, if one was known. owed: what was sold and
    still not there when the sale gave its stock back; filled and dropped of it: what
    has come since, and what was cancelled.
    """

    reservation = models.ForeignKey(
        Reservation,
        on_delete=models.PROTECT,
        related_name="backorders",
        db_constraint=False,
    )
    allocation = models.ForeignKey(
        Allocation, on_delete=models.PROTECT, related_name="backorders"
    )
    units = models.IntegerField()
    told_at = models.DateTimeField(null=True)
    owed = models.IntegerField(default=0)
    filled = models.IntegerField(default=0)
    dropped = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["allocation"],
                condition=Q(owed__gt=F("filled") + F("dropped")),
                name="backorder_owed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reservation", "allocation"], name="backorder_once_per_line"
            ),
            models.CheckConstraint(
                condition=Q(units__gte=0, owed__gte=0, filled__gte=0, dropped__gte=0),
                name="backorder_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(units__gte=F("owed")),
                name="backorder_owes_what_it_promised",
            ),
            models.CheckConstraint(
                condition=Q(owed__gte=F("filled") + F("dropped")),
                name="backorder_fills_what_it_owes",
            ),
        ]
