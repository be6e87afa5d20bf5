"""Purchase limits of a sale as they are met: who was refused, and who is over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Func, IntegerField, Sum, Value

from console.stock.models import LimitBreach, SaleGate
from console.stock.rules import LimitRule

LATELY = timedelta(minutes=5)
MOST = 20


@dataclass(frozen=True)
class Over:
    """A buyer who has more than they may: `has` units, paid or held now."""

    buyer: str
    has: int
    times: int
    last_at: datetime
    rule: str = LimitRule.PAID_OVER


@dataclass(frozen=True)
class Limits:
    """What one buyer may have, and what was tried. None: there is no such limit.

    buyers, tries: how many were refused, and how often. refused: the latest of them.
    lately: who asked most, of those whose last try is not five minutes old. over:
    buyers who have more than they may, who has most first.
    """

    buyer_limit: int | None = None
    order_limit: int | None = None
    buyers: int = 0
    tries: int = 0
    refused: Sequence[LimitBreach] = ()
    lately: LimitBreach | None = None
    over: Sequence[Over] = ()

    @property
    def any(self) -> bool:
        """Whether there is a limit at all."""
        return self.buyer_limit is not None or self.order_limit is not None


def limits(campaign: str, *, now: datetime) -> Limits:
    """The limits of a sale whose gate opened; of another one there are none."""
    gate = SaleGate.objects.filter(campaign=campaign).first()
    if gate is None or (gate.buyer_limit is None and gate.order_limit is None):
        return Limits()
    refused = LimitBreach.objects.filter(campaign=campaign)
    refused = refused.exclude(rule=LimitRule.PAID_OVER)
    lately = refused.filter(last_at__gt=now - LATELY)
    told = refused.aggregate(buyers=Count("buyer", distinct=True), tries=Sum("times"))
    return Limits(
        gate.buyer_limit,
        gate.order_limit,
        buyers=told["buyers"],
        tries=told["tries"] or 0,
        refused=list(refused.order_by("-last_at", "buyer", "rule")[:MOST]),
        lately=lately.order_by("-times", "buyer").first(),
        over=_over(gate, now),
    )


def _over(gate: SaleGate, now: datetime) -> list[Over]:
    """Who paid late and has too much even now: what expired since does not count."""
    if gate.buyer_limit is None:
        return []
    paid = LimitBreach.objects.filter(
        campaign=gate.campaign, rule=LimitRule.PAID_OVER
    ).annotate(
        has=Func(
            F("campaign"),
            F("buyer"),
            Value(now),
            function="stock_used",
            output_field=IntegerField(),
        )
    )
    paid = paid.filter(has__gt=gate.buyer_limit).order_by("-has", "buyer")
    return [
        Over(**one) for one in paid.values("buyer", "has", "times", "last_at")[:MOST]
    ]
