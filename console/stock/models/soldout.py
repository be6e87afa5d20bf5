"""What shops do when the units of a sale are gone, and which are gone now."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from console.stock.models.goods import Sku
from console.stock.models.locks import Allocation
from console.stock.rules import choices
from console.stock.rules.soldout import MOST_TO, SoldOutWay


class SoldOutPolicy(models.Model):
    """What shops do once a SKU of a sale is sold out; without a SKU, once any is.

    to: where a redirect leads. version: one that begins anew begins above those there
    were. It may be set before anything is locked.
    """

    campaign = models.CharField(max_length=20)
    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, null=True, related_name="+")
    way = models.CharField(max_length=12, choices=choices(SoldOutWay))
    to = models.CharField(max_length=MOST_TO, blank=True, default="")
    version = models.PositiveBigIntegerField(default=1)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "sku"],
                nulls_distinct=False,
                name="sold_out_policy_one_per_sku",
            ),
            models.CheckConstraint(
                condition=Q(way__in=[way.value for way in SoldOutWay]),
                name="sold_out_policy_way_is_known",
            ),
            models.CheckConstraint(
                condition=Q(way="redirect") & ~Q(to="") | ~Q(way="redirect") & Q(to=""),
                name="sold_out_policy_redirect_leads_somewhere",
            ),
        ]

    def __str__(self) -> str:
        """Campaign and SKU."""
        return f"{self.campaign} · {self.sku.code if self.sku else 'every SKU'}"


class SoldOut(models.Model):
    """A SKU of a sale that has nothing left, or had until a moment ago.

    empty_at: since when nothing is left, held or not. out_at: since when it counts as
    sold out. back_at: since when there are units again, while it still counts as sold
    out. withdrawn: a step takes its sale price back for that, or did, and not every
    shop shows it again; what became of it say the steps.
    """

    allocation = models.OneToOneField(
        Allocation, on_delete=models.CASCADE, primary_key=True, related_name="gone"
    )
    empty_at = models.DateTimeField(null=True)
    out_at = models.DateTimeField(null=True)
    back_at = models.DateTimeField(null=True)
    withdrawn = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(back_at=None) | Q(out_at__isnull=False),
                name="sold_out_comes_back_from_being_out",
            ),
        ]

    def __str__(self) -> str:
        """The allocation."""
        return str(self.allocation)
