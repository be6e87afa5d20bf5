"""Campaigns as the calendar draws them, and what each touches.

A year shows hundreds; a model of a campaign and one of its footprint take twice as long
to make as their columns take to read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from console.campaigns.models import Campaign
from console.campaigns.queries.footprints import Touch, kept, known
from console.campaigns.queries.spans import Span
from console.campaigns.rules import COUNTED, State

COLUMNS = (
    *("pk", "code", "name", "state", "opens_at", "closes_at", "occasion__name"),
    *(f"footprint__{name}" for name in ("scopes", "reach", "depth", "told")),
)


class Drawn(NamedTuple):
    """A campaign with a date, and its footprint where one is kept.

    occasion: its name.
    """

    pk: int
    code: str
    name: str
    state: str
    opens_at: datetime
    closes_at: datetime
    occasion: str | None
    scopes: list[str] | None
    reach: list[float] | None
    depth: float | None
    told: list[str] | None


def drawn(span: Span) -> list[Drawn]:
    """Campaigns from a rest before the first day to the last."""
    start, end = span.instants
    found = Campaign.objects.filter(
        Q(closes_at__gte=start - timedelta(days=60)), opens_at__lt=end
    ).exclude(state=State.ABORTED, opened_at=None)
    rows = found.order_by("opens_at", "pk").values_list(*COLUMNS)
    return [Drawn._make(row) for row in rows]


def touches_of(rows: Sequence[Drawn]) -> dict[int, Touch]:
    """What each touches, without its SKUs: as kept if counted, or else `known`."""
    counted = {
        one.pk: kept(one.scopes, one.reach or (), one.depth or 0.0, one.told or ())
        for one in rows
        if one.state in COUNTED and one.scopes is not None
    }
    others = Campaign.objects.filter(pk__in={one.pk for one in rows} - counted.keys())
    others = others.select_related("audience", "footprint").defer("footprint__skus")
    return known(list(others)) | counted
