"""Reads of reports: as frozen where the sale is closed, else as it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from console.campaigns import queries as campaigns
from console.report.models import Result
from console.report.standing import standing


def summary(code: str, *, now: datetime) -> dict[str, Any]:
    """How a sale stands, or stood when it closed.

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
