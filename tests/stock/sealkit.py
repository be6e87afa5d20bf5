"""Certificates as they would be if they were sealed again."""

from __future__ import annotations

from console.stock.models import Allocation
from console.stock.queries.certificates import computed
from console.stock.rules.certificates import seal


def recomputed(campaign: str) -> dict[str, str]:
    """The hash of each certificate of a sale, computed again from the ledger."""
    back = Allocation.objects.filter(campaign=campaign, returned_at__isnull=False)
    found = list(back.select_related("sku"))
    said = computed(found)
    return {one.sku.code: seal(said[one.pk]) for one in found}
