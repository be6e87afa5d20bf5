"""Whose price a SKU has, where and when: one campaign at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Value

from console.campaigns.models.campaign import Campaign
from console.stock.models import Sku

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
else:
    _Field = models.Field


class PlacesField(_Field):
    """Numbers of places (rules.places) as `int4multirange`."""

    def db_type(self, connection: Any) -> str:
        """The type in PostgreSQL."""
        return "int4multirange"


class PriceOwner(models.Model):
    """One SKU of an approved campaign: nobody else sets its price there and then.

    Written when the campaign is approved, gone when it is over (operations.owners). Of
    a sale that opens at the same local time everywhere, during is from its first
    opening to its last close.
    """

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="owned"
    )
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+")
    places = PlacesField()
    during = DateTimeRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="price_has_one_owner",
                expressions=[
                    (
                        Func(F("sku"), F("sku"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (F("places"), RangeOperators.OVERLAPS),
                    (F("during"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        """Campaign and SKU."""
        return f"{self.campaign_id} · {self.sku_id}"
