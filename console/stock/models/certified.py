"""What became of each SKU of a sale, sealed once when it gave its stock back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from console.stock.models.goods import Sku


class SkuCertificate(models.Model):
    """Where every unit of one SKU of a sale went, computed from the ledger alone.

    content: as `rules.certificates` lays it out. hash: SHA-256 of its canonical JSON.
    The database refuses UPDATE and DELETE, as it does for the ledger.
    """

    campaign = models.CharField(max_length=20)
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "sku"], name="sku_certificate_once"
            ),
            models.CheckConstraint(
                condition=Q(hash__regex="^[0-9a-f]{64}$"),
                name="sku_certificate_has_a_hash",
            ),
        ]

    def __str__(self) -> str:
        """Campaign and SKU."""
        return f"{self.campaign} · {self.content['sku']}"
