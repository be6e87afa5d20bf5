"""What a sale touches: kept as it was approved, and read for every later verdict."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F

from console.campaigns.models.campaign import Campaign


class Footprint(models.Model):
    """The scopes, the depth and the SKUs of one campaign.

    Derived from its lines (queries.footprints), written when it is approved, so that a
    verdict on another campaign reads one row a sale and not its ten thousand lines.
    """

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, primary_key=True, related_name="footprint"
    )
    scopes = ArrayField(models.CharField(max_length=111), help_text="category:Boots")
    reach = ArrayField(models.FloatField(), help_text="The share of each, 0 to 1.")
    depth = models.FloatField(help_text="Mean reduction of the list prices, 0 to 1.")
    told = ArrayField(
        models.CharField(max_length=40),
        default=list,
        help_text="Its announcements: medium, anchor, minutes, share.",
    )
    strain = models.FloatField(
        default=1, help_text="How much its load weighed for its audience: 0.5 to 2."
    )
    skus = models.BinaryField(help_text="Keys of its SKUs, 4 bytes each, in order.")

    class Meta:
        indexes = [GinIndex(fields=["scopes"], name="footprint_by_scope")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scopes__len=F("reach__len")),
                name="footprint_reach_of_each_scope",
            ),
            models.CheckConstraint(
                condition=models.Q(depth__gte=0, depth__lte=1),
                name="footprint_depth_is_a_ratio",
            ),
            models.CheckConstraint(
                condition=models.Q(strain__gte=0.5, strain__lte=2),
                name="footprint_strain_is_bounded",
            ),
        ]

    def __str__(self) -> str:
        """Whose it is."""
        return f"Footprint of {self.campaign_id}"
