"""What unlocking would give back, and what it would leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from console.stock.models import Allocation
from console.stock.queries.counts import counted


@dataclass(frozen=True)
class Unlocked:
    """Several locks of one campaign, and what becomes of their units.

    ticked: `id:version` of each. back: left to sell and held back; the others stay.
    """

    campaign: str
    codes: tuple[str, ...]
    ticked: tuple[str, ...]
    back: int
    reserved: int
    sold: int


def unlocked(ids: Iterable[int], *, now: datetime) -> Unlocked | None:
    """What unlocking these would do; None where none of them is locked any more.

    Those of the first one's campaign only: a person confirms one campaign's code.
    """
    chosen = Allocation.objects.filter(pk__in=list(ids), returned_at=None)
    found = list(counted(chosen, now).select_related("sku").order_by("sku__code"))
    if not found:
        return None
    campaign = found[0].campaign
    same = [one for one in found if one.campaign == campaign]
    return Unlocked(
        campaign=campaign,
        codes=tuple(one.sku.code for one in same),
        ticked=tuple(f"{one.pk}:{one.version}" for one in same),
        back=sum(
            one.quantity - min(one.taken - one.units_expired, one.quantity - one.buffer)
            for one in same
        ),
        reserved=sum(one.units_reserved for one in same),
        sold=sum(one.units_sold for one in same),
    )
