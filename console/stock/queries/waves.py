"""What of a sale waits, and for what: its waves and release rules; which are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from console.stock.models import Allocation, BufferRule, SaleGate, Sold, Wave, WavePart
from console.stock.queries.suggest import lag_s
from console.stock.rules import GateState
from console.stock.rules.waves import ReleaseWhen, last_part

LIVE = Q(allocation__returned_at=None, allocation__locked_at=F("locked_at"))
"""Parts of the lock they were planned for, as long as the sale has it."""


@dataclass(frozen=True)
class WaveRow:
    """One wave of a sale; units: that wait, or that it let go. at: when, if known."""

    of: Wave
    units: int
    skus: int
    at: datetime | None

    @property
    def after(self) -> timedelta:
        """How long after the opening it starts."""
        return timedelta(seconds=self.of.after_s or 0)


@dataclass(frozen=True)
class RuleRow:
    """One release rule; at: when it is due, if the clock tells."""

    of: BufferRule
    sku: str
    at: datetime | None

    @property
    def label(self) -> str:
        """What it waits for, in words."""
        return ReleaseWhen(self.of.when).label


@dataclass(frozen=True)
class ReleasePlan:
    """What a sale holds back: for waves, and besides them."""

    waves: list[WaveRow]
    rules: list[RuleRow]
    gate: SaleGate | None
    sellable: int
    waiting: int
    own: int

    @property
    def next(self) -> WaveRow | None:
        """The wave that starts next."""
        return next((one for one in self.waves if one.of.opened_at is None), None)

    @property
    def seen(self) -> list[int]:
        """The waves that wait, as an editor sees them."""
        return [one.of.pk for one in self.waves if one.of.opened_at is None]

    @property
    def open(self) -> bool:
        """Whether the sale takes reservations, or is paused."""
        return self.gate is not None and self.gate.state != GateState.CLOSED

    @property
    def editable(self) -> bool:
        """Whether there is anything that could wait: not once the sale has ended."""
        over = self.gate is not None and self.gate.state == GateState.CLOSED
        return not over and bool(self.sellable or self.waiting or self.own)


def wave_units(campaign: str) -> dict[int, int]:
    """Units of each allocation that wait for waves, by its id."""
    parts = WavePart.objects.filter(LIVE, wave__campaign=campaign, wave__opened_at=None)
    return dict(parts.values_list("allocation").annotate(Sum("units")))


def wave_parts(wave_id: int) -> list[tuple[int, int]]:
    """Allocations a wave has units of, and how many."""
    parts = WavePart.objects.filter(LIVE, wave=wave_id)
    return list(parts.values_list("allocation", "units").order_by("allocation"))


def release_plan(campaign: str) -> ReleasePlan:
    """The waves and release rules of a sale, in order."""
    gate = SaleGate.objects.filter(campaign=campaign).first()
    sums = Allocation.objects.filter(campaign=campaign, returned_at=None).aggregate(
        sellable=Sum(F("quantity") - F("buffer")), buffer=Sum("buffer")
    )
    waves = _waves(campaign, gate)
    kept = sum(one.units for one in waves if one.of.opened_at is None)
    buffer = sums["buffer"] or 0
    return ReleasePlan(
        waves=waves,
        rules=_rules(campaign, gate),
        gate=gate,
        sellable=sums["sellable"] or 0,
        waiting=min(kept, buffer),
        own=max(0, buffer - kept),
    )


def _waves(campaign: str, gate: SaleGate | None) -> list[WaveRow]:
    rows = Wave.objects.filter(campaign=campaign).select_related("opened_by")
    live = Q(
        parts__allocation__returned_at=None,
        parts__allocation__locked_at=F("parts__locked_at"),
    )
    counted = rows.annotate(
        units=Sum("parts__units", filter=live), skus=Count("parts", filter=live)
    )
    return [
        WaveRow(
            one,
            one.opened_units if one.opened_at else one.units or 0,
            one.skus,
            one.opened_at or _starts(one, gate),
        )
        for one in counted.order_by("position")
        if one.opened_at or one.skus
    ]


def _starts(one: Wave, gate: SaleGate | None) -> datetime | None:
    if gate is None or one.after_s is None:
        return None
    return gate.opened_at + timedelta(seconds=one.after_s)


def _rules(campaign: str, gate: SaleGate | None) -> list[RuleRow]:
    rows = BufferRule.objects.filter(campaign=campaign)
    found = rows.select_related("allocation__sku", "author").order_by("pk")
    return [
        RuleRow(
            one,
            one.allocation.sku.code if one.allocation else "",
            one.done_at or _begins(one, gate),
        )
        for one in found
    ]


def _begins(one: BufferRule, gate: SaleGate | None) -> datetime | None:
    """When a rule of the clock is due; unknown while the sale's end is."""
    if one.when != ReleaseWhen.LAST_PERCENT or gate is None or gate.ends_at is None:
        return None
    return last_part(gate.opened_at, gate.ends_at, one.value or Decimal(0))


def _open_gates(campaigns: Sequence[str]) -> dict[str, SaleGate]:
    open_ones = SaleGate.objects.filter(state=GateState.OPEN, campaign__in=campaigns)
    return {one.campaign: one for one in open_ones}


def rules_due(*, now: datetime) -> list[int]:
    """Release rules of open sales whose time has come, by id."""
    rows = list(BufferRule.objects.filter(done_at=None).exclude(when="manual"))
    if not rows:
        return []
    gates = _open_gates([one.campaign for one in rows])
    by_lag = any(one.when == ReleaseWhen.LAG_BELOW for one in rows)
    lag = lag_s(now=now) if by_lag else None
    return [
        one.pk
        for one in rows
        if one.campaign in gates and _is_due(one, gates[one.campaign], lag, now)
    ]


def _is_due(
    one: BufferRule, gate: SaleGate, lag: Decimal | None, now: datetime
) -> bool:
    if one.when == ReleaseWhen.LAG_BELOW:
        return lag is not None and one.value is not None and lag < one.value
    begins = _begins(one, gate)
    return begins is not None and begins <= now


def waves_due(*, now: datetime) -> list[int]:
    """The next wave of each open sale whose time has come, by id."""
    live = WavePart.objects.filter(LIVE, wave=OuterRef("pk"))
    rows = Wave.objects.filter(Exists(live), opened_at=None)
    waits = list(rows.order_by("campaign", "position").distinct("campaign"))
    if not waits:
        return []
    gates = _open_gates([one.campaign for one in waits])
    sold = _sold([x.campaign for x in waits if x.after_sold and x.campaign in gates])
    return [
        one.pk
        for one in waits
        if one.campaign in gates
        and _starts_now(one, gates[one.campaign], sold.get(one.campaign), now)
    ]


def _starts_now(one: Wave, gate: SaleGate, sold: Decimal | None, now: datetime) -> bool:
    if one.after_sold is not None:
        return sold is not None and sold >= one.after_sold
    starts = _starts(one, gate)
    return starts is not None and starts <= now


def _sold(campaigns: Sequence[str]) -> dict[str, Decimal]:
    """Percent that was paid of what these sales let go so far."""
    if not campaigns:
        return {}
    ours = Allocation.objects.filter(campaign__in=campaigns, returned_at=None)
    free = ours.values_list("campaign").annotate(n=Sum(F("quantity") - F("buffer")))
    let_go = dict(free)
    paid = Sold.objects.filter(allocation__in=ours)
    units = dict(paid.values_list("allocation__campaign").annotate(Sum("units")))
    return {one: Decimal(100 * units.get(one, 0)) / n for one, n in let_go.items() if n}
