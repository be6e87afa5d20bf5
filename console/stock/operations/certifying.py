"""Sealing, once, what became of each SKU of a sale."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from console.audit.operations import operation, record
from console.stock import queries
from console.stock.models import Allocation, SaleGate, SkuCertificate
from console.stock.operations.ledger import Why
from console.stock.rules import GateState
from console.stock.rules.certificates import seal

RECENT = timedelta(days=1)


@operation()
def certify(campaign: str, why: Why) -> None:
    """Write the certificate of every SKU that went back and has none.

    It says what the ledger said when the SKU went back, whatever was written since. One
    at a time does so, under the row lock of the gate: nobody who buys waits for that. A
    sale that never opened sold nothing and may lock its stock again: it has no
    certificate. The trail keeps one hash over all of them.
    """
    gate = SaleGate.objects.select_for_update(no_key=True).filter(campaign=campaign)
    if not gate.first():
        return
    known = SkuCertificate.objects.filter(campaign=campaign).values("sku")
    back = Allocation.objects.filter(campaign=campaign, returned_at__isnull=False)
    found = list(back.exclude(sku__in=known).select_related("sku").order_by("pk"))
    said = queries.computed(found)
    made = SkuCertificate.objects.bulk_create(
        [
            SkuCertificate(
                campaign=campaign,
                sku_id=one.sku_id,
                content=said[one.pk],
                hash=seal(said[one.pk]),
                at=why.now,
            )
            for one in found
        ],
        batch_size=2_000,
    )
    if made:
        _tell(campaign, made, why)


def certify_missing(*, now: datetime) -> int:
    """Certify what sales gave back within a day and nobody certified; how many sales.

    Whoever gave it back died before that, or is just doing it.
    """
    sealed = SkuCertificate.objects.filter(
        campaign=OuterRef("campaign"), sku=OuterRef("sku")
    )
    back = Allocation.objects.filter(returned_at__gt=now - RECENT)
    kept = Allocation.objects.filter(returned_at=None)
    sales = SaleGate.objects.filter(
        campaign__in=back.exclude(Exists(sealed)).values("campaign"),
        state=GateState.CLOSED,
    ).exclude(campaign__in=kept.values("campaign"))
    found = list(sales.order_by("campaign").values_list("campaign", flat=True))
    for campaign in found:
        certify(campaign, Why(None, now))
    return len(found)


def _tell(campaign: str, made: list[SkuCertificate], why: Why) -> None:
    hashes = "\n".join(sorted(one.hash for one in made))
    after = {
        "skus": len(made),
        "oversold": sum(one.content["oversold"] for one in made),
        "hash": hashlib.sha256(hashes.encode()).hexdigest(),
    }
    record(why.actor, "stock.certify", campaign, now=why.now, after=after)
