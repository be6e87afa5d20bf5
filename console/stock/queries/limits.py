"""Purchase limits of a sale as they are met: who was refused, and who is over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Count, F, Func, IntegerField, QuerySet, Sum, Value
from django.db.models.functions import Cast

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

    lately: who asked most, of those whose last try is not five minutes old. over: all
    buyers who have more than they may, who has most first. buyers, tries: how many were
    refused, and how often; refused: the latest MOST of them. Those three are read only
    for a list.
    """

    buyer_limit: int | None = None
    order_limit: int | None = None
    lately: LimitBreach | None = None
    over: Sequence[Over] = ()
    buyers: int = 0
    tries: int = 0
    refused: Sequence[LimitBreach] = ()

    @property
    def any(self) -> bool:
        """Whether there is a limit at all."""
        return self.buyer_limit is not None or self.order_limit is not None


def limits(campaign: str, *, now: datetime) -> Limits:
    """The limits of a sale whose gate opened, and what is alarming about them.

    Read twice a second while a sale runs: it costs the same however many were refused.
    """
    gate = SaleGate.objects.filter(campaign=campaign).first()
    if gate is None or (gate.buyer_limit is None and gate.order_limit is None):
        return Limits()
    lately = _refused(campaign).filter(last_at__gt=now - LATELY)
    return Limits(
        gate.buyer_limit,
        gate.order_limit,
        lately=lately.order_by("-times", "buyer").first(),
        over=_over(gate, now),
    )


def listed(campaign: str, *, now: datetime) -> Limits:
    """The same, with who was refused."""
    found = limits(campaign, now=now)
    if not found.any:
        return found
    refused = _refused(campaign)
    told = refused.aggregate(buyers=Count("buyer", distinct=True), tries=Sum("times"))
    return replace(
        found,
        buyers=told["buyers"],
        tries=told["tries"] or 0,
        refused=list(refused.order_by("-last_at", "buyer", "rule")[:MOST]),
    )


def _refused(campaign: str) -> QuerySet[LimitBreach]:
    return LimitBreach.objects.filter(
        campaign=campaign, rule__in=[LimitRule.BUYER_LIMIT, LimitRule.ORDER_LIMIT]
    )


def _over(gate: SaleGate, now: datetime) -> list[Over]:
    """Who paid late and has too much even now: what expired since does not count."""
    if gate.buyer_limit is None:
        return []
    used = Func(F("campaign"), F("buyer"), Value(now), function="stock_used")
    paid = LimitBreach.objects.filter(campaign=gate.campaign, rule=LimitRule.PAID_OVER)
    told = paid.annotate(has=Cast(used, IntegerField())).order_by("buyer")
    found = [Over(**one) for one in told.values("buyer", "has", "times", "last_at")]
    over = [one for one in found if one.has > gate.buyer_limit]
    return sorted(over, key=lambda one: -one.has)
