"""The sales that tire an audience, as fatigue wants to hear of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from console.campaigns.models import Campaign
from console.campaigns.models.campaign import CampaignQuerySet
from console.campaigns.rules import COUNTED
from console.fatigue.rules import Sale

_FIELDS = ("code", "name", "opens_at", "closes_at", "ended_at", "depth", "reach")


def sales_of_audience(audience_id: int) -> list[Sale]:
    """Every approved, running or past sale of an audience."""
    return [
        _sale(*row)
        for row in _counted([audience_id]).values_list(*_FIELDS).order_by("opens_at")
    ]


def sales_by_audience(audience_ids: Iterable[int]) -> dict[int, list[Sale]]:
    """The same for many audiences, in one query."""
    ids = list(audience_ids)
    found: dict[int, list[Sale]] = {pk: [] for pk in ids}
    for pk, *row in _counted(ids).values_list("audience_id", *_FIELDS):
        found[pk].append(_sale(*row))
    return found


def _counted(audience_ids: list[int]) -> CampaignQuerySet:
    """Aborted ones count if they opened: people met them."""
    met = Q(state__in=sorted(COUNTED)) | Q(opened_at__isnull=False)
    campaigns = Campaign.objects.filter(met, audience__in=audience_ids)
    return campaigns.filter(opens_at__isnull=False).with_sums()


def _sale(
    code: str,
    name: str,
    opens_at: datetime,
    closes_at: datetime,
    ended_at: datetime | None,
    depth: Decimal | None,
    reach: Decimal,
) -> Sale:
    ended = min(closes_at, ended_at) if ended_at and ended_at > opens_at else closes_at
    return Sale(
        code, name, opens_at, ended, max(depth or Decimal(0), Decimal(0)), reach
    )
