"""Which SKUs a fence keeps others from, and what differed once it was down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from console.stock.models import Allocation, FeedMovement, Fence, SaleGate
from console.stock.rules import GateState
from console.stock.rules.feeds import (
    HELD,
    LEAVING,
    PAUSED,
    MovementKind,
    MovementState,
)
from console.stock.rules.fences import OVERDUE

SHOWN = 50
DIFFERS = Q(state=MovementState.APPLIED, kind=MovementKind.COUNTED) & ~Q(
    units=F("expected")
)
STUCK = Q(state__in=sorted(HELD))


@dataclass(frozen=True)
class FenceState:
    """The last fence of a sale, with those before it that nobody acknowledged.

    parked: movements that wait behind them. replayed: what was parked and is settled;
    units that left never were. differing: counts that found something else than
    expected, and movements that did not fit; shown: the first of them. unlooked,
    settling: what differs, and what is parked, of those that are down and not
    acknowledged.
    """

    fence: Fence
    parked: int
    replayed: int
    differing: int
    shown: list[FeedMovement]
    unlooked: int = 0
    settling: int = 0

    @property
    def up(self) -> bool:
        """True while it keeps others out."""
        return self.fence.dropped_at is None

    @property
    def open(self) -> bool:
        """True while somebody has to look at what differs."""
        return bool(self.unlooked)

    @property
    def ready(self) -> bool:
        """True if it can be acknowledged: all is booked, and something differs."""
        return self.open and not self.settling


def fenced(sku_ids: Iterable[int]) -> dict[int, Fence]:
    """The SKUs among these that a fence is up for, each with the oldest one."""
    up = {one.campaign: one for one in Fence.objects.filter(dropped_at=None)}
    if not up:
        return {}
    held = Allocation.objects.filter(
        sku__in=set(sku_ids), campaign__in=up, returned_at=None
    )
    rows = held.values_list("sku", "campaign")
    newest_first = sorted(rows, key=lambda row: up[row[1]].pk, reverse=True)
    return {sku: up[campaign] for sku, campaign in newest_first}


def can_be_fenced(campaign: str) -> bool:
    """True while a sale has stock that it has not given back."""
    return Allocation.objects.filter(campaign=campaign, returned_at=None).exists()


def fence_of(campaign: str) -> FenceState | None:
    """The last fence of a sale; None if there was none."""
    named = ("raised_by", "dropped_by", "acknowledged_by")
    all_ = Fence.objects.filter(campaign=campaign).select_related(*named)
    fences = list(all_.order_by("-pk"))
    if not fences:
        return None
    fence, unseen = fences[0], [one.pk for one in fences if _unseen(one)]
    of = FeedMovement.objects.filter(fence__in=[fence.pk, *unseen])
    stopped = Count("pk", filter=Q(kind__in=sorted(PAUSED)))
    told = of.aggregate(n=stopped, **_counts(unseen))
    rows = of.filter(DIFFERS | STUCK).select_related("sku", "location", "feed")
    return FenceState(
        fence,
        parked=told["parked"],
        replayed=told["n"] - told["parked"],
        differing=told["differing"],
        shown=list(rows.order_by("sku_code", "occurred_at", "pk")[:SHOWN]),
        unlooked=told["unlooked"],
        settling=told["settling"],
    )


def _unseen(fence: Fence) -> bool:
    """True if it is down, and nobody said that they looked."""
    return fence.dropped_at is not None and fence.acknowledged_at is None


def _counts(unseen: list[int]) -> dict[str, Count]:
    parked, differs = Q(state=MovementState.PARKED), DIFFERS | STUCK
    down = Q(fence__in=unseen)
    return {
        "parked": Count("pk", filter=parked),
        "differing": Count("pk", filter=differs),
        "settling": Count("pk", filter=parked & down),
        "unlooked": Count("pk", filter=differs & down),
    }


def units_gone(campaign: str) -> int:
    """Units of a sale that left elsewhere though they are promised: it sells air."""
    held = Allocation.objects.filter(campaign=campaign, returned_at=None)
    found = FeedMovement.objects.filter(
        state=MovementState.SHORT, kind__in=sorted(LEAVING), sku__in=held.values("sku")
    )
    return found.aggregate(units=Sum("units"))["units"] or 0


def overdue(*, now: datetime) -> list[Fence]:
    """Fences that are up though their sale ended long ago, or has no stock any more."""
    ended = SaleGate.objects.filter(
        campaign=OuterRef("campaign"),
        state=GateState.CLOSED,
        closed_at__lt=now - OVERDUE,
    )
    locked = Allocation.objects.filter(campaign=OuterRef("campaign"), returned_at=None)
    found = Fence.objects.filter(Exists(ended) | ~Exists(locked), dropped_at=None)
    return list(found.order_by("raised_at"))


def unacknowledged() -> list[str]:
    """Sales whose fence is down, and nobody looked at what differed."""
    found = FeedMovement.objects.filter(
        DIFFERS | STUCK,
        fence__dropped_at__isnull=False,
        fence__acknowledged_at=None,
    )
    return list(
        found.order_by("fence__campaign")
        .values_list("fence__campaign", flat=True)
        .distinct()
    )
