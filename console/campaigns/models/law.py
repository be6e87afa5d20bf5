"""The law a sale was armed and opened by, kept for its evidence."""

from __future__ import annotations

from django.db import models

from console.campaigns.models.campaign import Campaign


class KeptLaw(models.Model):
    """What the law and the facts of goods were when a sale was armed, then opened.

    packs: `id`, `version` and `options` of each; of newer rows also the codes of the
    `markets` it judges, the `zone` of their days, and `after_s`, how many seconds after
    the first market they open. goods: by SKU, `perishable` and
    `on_market_since` of those that are not as most. Markets and goods may change after.
    """

    campaign = models.OneToOneField(
        Campaign, on_delete=models.CASCADE, related_name="kept_law"
    )
    packs = models.JSONField()
    goods = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Which campaign's."""
        return f"Law of {self.campaign_id}"
