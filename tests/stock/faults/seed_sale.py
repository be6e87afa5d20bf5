"""Fills a migrated database with one open sale, and prints the key to its gate.

`python -m tests.stock.faults.seed_sale units skus ttl_s`. For tests that have a whole
PostgreSQL.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import django

CAMPAIGN = "FS-1"


def main(units: int, skus: int, ttl_s: int) -> str:
    """Stock the shelves, lock, open, and issue a key."""
    from console.stock import operations as stock
    from console.stock.models import Location, Sku
    from console.stock.rules import Reason, Want

    now = datetime.now(UTC)
    home = Location.objects.create(name="Main")
    codes = [f"SKU-{n}" for n in range(1, skus + 1)]
    Sku.objects.bulk_create(
        [Sku(code=code, name=code, regular_price=1) for code in codes]
    )
    shelf = {"reason": Reason.RECEIPT, "actor": None, "now": now}
    wants = []
    for sku in Sku.objects.order_by("pk"):
        stock.receive(sku.pk, home.pk, units=units, **shelf)
        wants.append(Want(sku.pk, units))
    stock.lock(CAMPAIGN, wants=wants, actor=None, now=now)
    stock.open_gate(CAMPAIGN, hold_ttl_s=ttl_s, now=now)
    return stock.issue_token("shop", actor=None, now=now)


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(main(*(int(word) for word in sys.argv[1:])))
