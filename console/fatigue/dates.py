"""One date for one scope: may a sale that nobody planned yet open then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from console.fatigue import calendar
from console.fatigue.models import Policy
from console.fatigue.rules import Judge, Panel, Reason, Sale


@dataclass(frozen=True)
class Judged:
    """What a policy says. earliest: the first opening that passes, if any."""

    passes: bool
    reasons: Sequence[Reason]
    earliest: datetime | None


def judged(
    policy: Policy,
    opens_at: datetime,
    closes_at: datetime,
    *,
    depth: Decimal,
    occasion: str = "",
) -> Judged:
    """Judge a sale of the policy's scope by every sale that counts there.

    depth: mean reduction as a ratio.
    """
    sale = Sale("", "", opens_at, closes_at, depth, occasion=occasion)
    judge = Judge(policy.limits(), calendar.sales(policy.scope.value), sale)
    panel = Panel([judge])
    return Judged(
        judge.passes(opens_at), panel.reasons(opens_at), panel.earliest(opens_at)
    )
