"""Which sales there are, and which of them is looked at first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from console.stock.models import Allocation, SaleGate
from console.stock.rules import GateState


@dataclass(frozen=True)
class Source:
    """Who knows of sales that have neither a lock nor a gate yet.

    known: whether there is a campaign of that code. next: the code of the approved one
    that opens next, or '' if none does.
    """

    known: Callable[[str], bool]
    next: Callable[[datetime], str]


_told_by: list[Source] = []


def sales_told_by(source: Source) -> Source:
    """Register who plans sales."""
    _told_by.append(source)
    return source


def is_sale(campaign: str) -> bool:
    """Whether there is such a campaign: planned, or locked or sold here."""
    return (
        Allocation.objects.filter(campaign=campaign).exists()
        or any(source.known(campaign) for source in _told_by)
        or SaleGate.objects.filter(campaign=campaign).exists()
    )


def current_campaign(*, now: datetime) -> str:
    """The sale that runs and opened last, else opens next, else ended last, or ''."""
    gates = SaleGate.objects.order_by("-opened_at", "-pk")
    runs = gates.exclude(state=GateState.CLOSED).first()
    if runs:
        return runs.campaign
    for source in _told_by:
        if code := source.next(now):
            return code
    ended = gates.order_by(F("closed_at").desc(nulls_last=True), "-pk").first()
    return ended.campaign if ended else _locked_last()


def _locked_last() -> str:
    last = Allocation.objects.order_by("-locked_at", "-pk").first()
    return last.campaign if last else ""
