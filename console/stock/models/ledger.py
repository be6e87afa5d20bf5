"""The double-entry ledger: why every unit is where it is."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from console.stock.models.goods import Location, Sku
from console.stock.models.locks import Allocation
from console.stock.rules import Account, choices


class Movement(models.Model):
    """One entry of the ledger: units leave one account and enter another.

    Balanced by construction, never changed: the database refuses UPDATE and DELETE.
    Nothing refers to a movement, so that the database can keep a table a month (UTC,
    sql/months.sql): there its key is (id, at).
    """

    at = models.DateTimeField()
    sku = models.ForeignKey(
        Sku, on_delete=models.PROTECT, db_constraint=False, db_index=False
    )
    location = models.ForeignKey(
        Location,
        on_delete=models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
    )
    allocation = models.ForeignKey(
        Allocation,
        on_delete=models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
    )
    source = models.CharField(max_length=10, choices=choices(Account))
    target = models.CharField(max_length=10, choices=choices(Account))
    units = models.IntegerField()
    reservation = models.UUIDField(null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        db_constraint=False,
        db_index=False,
    )
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["allocation", "-id"],
                condition=Q(reservation=None),
                name="movement_by_allocation",
            ),
            models.Index(
                fields=["sku", "-id"],
                condition=Q(reservation=None),
                name="movement_by_sku",
            ),
            models.Index(
                fields=["sku", "location", "at"],
                condition=Q(reservation=None),
                name="movement_of_level",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(units__gte=1), name="movement_has_units"
            ),
            models.CheckConstraint(
                condition=~Q(source=F("target")), name="movement_goes_somewhere"
            ),
        ]
