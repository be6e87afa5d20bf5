"""The stock certificate of a sale: its units counted again from the ledger alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Q, Sum
from django.db.models.functions import Coalesce

from console.report import rules
from console.stock.models import Allocation, Movement, Sold

_BACK = ExpressionWrapper(
    Q(at=F("allocation__returned_at")), output_field=BooleanField()
)


def certificate(campaign: str) -> dict[str, Any] | None:
    """Where every unit went, by the ledger; None if no stock was locked.

    paid: units paid for, as the counters of the gate say. entries: of the ledger.
    """
    moves = Movement.objects.filter(allocation__campaign=campaign)
    back = Coalesce(_BACK, False)
    rows = list(
        moves.annotate(back=back)
        .values_list("source", "target", "back")
        .annotate(units=Sum("units"), entries=Count("pk"))
    )
    if not rows:
        return None
    told = rules.balance((row[0], row[1], row[2], row[3]) for row in rows)
    open_ = Allocation.objects.filter(campaign=campaign, returned_at=None).count()
    return asdict(told) | {
        "balanced": told.balanced,
        "paid": _paid(campaign),
        "entries": sum(row[4] for row in rows),
        "returned": not open_,
    }


def _paid(campaign: str) -> int:
    sold = Sold.objects.filter(allocation__campaign=campaign)
    return int(sold.aggregate(units=Sum("units"))["units"] or 0)
