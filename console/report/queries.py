"""Reads of reports: as frozen where the sale is closed, else as it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.campaigns import queries as campaigns
from console.orders.models import Order
from console.report.models import Result
from console.report.page import Report
from console.report.reading import facts
from console.report.standing import standing


def report(code: str, *, now: datetime, sort: str = "-revenue") -> Report:
    """The report of a sale.

    Raises:
        UnknownCampaign: there is none of that code.
    """
    frozen = Result.objects.filter(campaign=code).first()
    if frozen is None:
        return Report(facts(campaigns.brief(code), now=now), sort=sort)
    late = Order.objects.filter(campaign=code, accepted_at__gt=frozen.frozen_at)
    return Report(
        frozen.data,
        frozen_at=frozen.frozen_at,
        hash=frozen.hash,
        late_orders=late.count(),
        sort=sort,
    )


def summary(code: str, *, now: datetime) -> dict[str, Any]:
    """How a sale stands, or stood when it closed, in a few cheap reads.

    Raises:
        UnknownCampaign: there is none of that code.
    """
    frozen = Result.objects.filter(campaign=code).first()
    if frozen is None:
        told = standing(campaigns.brief(code), now=now)
        return told | {"frozen_at": None, "hash": None}
    stood: dict[str, Any] = frozen.data["standing"]
    sealed = {"frozen_at": frozen.frozen_at.isoformat(), "hash": frozen.hash}
    return stood | sealed
