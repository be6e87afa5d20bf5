"""When the balances were last held against the ledger, and what was found."""

from __future__ import annotations

from console.stock.models import AuditRun


def last_audit() -> AuditRun | None:
    """The last look; None if nobody ever looked."""
    return AuditRun.objects.order_by("-at", "-pk").first()
