"""Waves: parts of a sale that wait in its buffer until they start, once each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Max

from console import words
from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.stock import queries
from console.stock.models import Allocation, SaleGate, Wave, WavePart
from console.stock.operations.ledger import (
    Why,
    briefly,
    held_back,
    locked_allocations,
    post,
    reclaim,
)
from console.stock.operations.releasing import NothingLocked, lower, sale_gate
from console.stock.rules import (
    BadQuantity,
    GateClosed,
    GateState,
    NotEnoughStock,
    StaleEdit,
)
from console.stock.rules.waves import NoWave, SaleNotOpen, Tranche, check_waves, parts

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_RESIZE = """
UPDATE stock_allocation a SET buffer = w.units, version = a.version + 1
FROM unnest(%s::bigint[], %s::int[]) AS w (id, units)
WHERE a.id = w.id AND a.buffer <> w.units
"""


@operation()
@briefly()
def plan_waves(
    campaign: str,
    waves: Sequence[Tranche],
    *,
    seen: Sequence[int],
    actor: User | None,
    now: datetime,
    reason: str = "",
) -> int:
    """Let these waves wait instead of those that wait now: units that wait then.

    A wave is a percentage of what the sale may sell of each SKU; what they leave of
    100 percent is sold from the start. seen: the waves that waited when the editor
    looked, by id. No waves: everything can be sold.

    Raises:
        BadQuantity: more than 100 percent, or out of order, or SKUs of the sale may be
            sold before they are there.
        StaleEdit: a wave started, or somebody planned others, since.
        NotEnoughStock: buyers took so much already that a wave cannot be filled.
        NothingLocked: the sale holds nothing. GateClosed: it has ended.
        OutOfScope: the person is limited to other categories or markets.
    """
    check_within(actor, Kind.CAMPAIGN, [campaign])
    check_waves(waves)
    _one_planner(campaign)
    if SaleGate.objects.filter(campaign=campaign, state=GateState.CLOSED).exists():
        raise GateClosed(
            f"The sale {campaign} has ended: no wave starts any more.", field="campaign"
        )
    _check_seen(campaign, seen)
    ours = locked_allocations(
        Allocation.objects.filter(campaign=campaign, returned_at=None)
    )
    if not ours:
        raise NothingLocked(f"{campaign} holds no units that could wait.")
    if waves:
        _check_late(ours)
    reclaim([one.pk for one in ours], now)
    found = Allocation.objects.filter(pk__in=[one.pk for one in ours])
    units = _rewrite(campaign, waves, list(found.order_by("pk")), Why(actor, now))
    after = {"waves": len(waves), "units": units}
    record(actor, "stock.plan_waves", campaign, now=now, after=after, reason=reason)
    return units


def _check_late(ours: Sequence[Allocation]) -> None:
    late = sum(one.backorder > 0 for one in ours)
    if late:
        raise BadQuantity(
            f"{words.count(late, 'SKU')} of this sale may be sold before it is there, "
            "while units that are there would wait. Set that to 0 first.",
            field="waves",
        )


def _one_planner(campaign: str) -> None:
    """Let one person at a time plan the waves of a sale."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(5704, hashtext(%s))", [campaign])


def _check_seen(campaign: str, seen: Sequence[int]) -> None:
    waiting = Wave.objects.filter(campaign=campaign, opened_at=None)
    list(waiting.select_for_update().order_by("pk"))
    if queries.release_plan(campaign).seen != sorted(seen):
        raise StaleEdit(
            "A wave started, or somebody planned others, while you were editing. Open "
            "it again to plan what waits now."
        )


def _rewrite(
    campaign: str, waves: Sequence[Tranche], ours: Sequence[Allocation], why: Why
) -> int:
    """Write the waves and their parts, and hold the units back that wait for them."""
    before = queries.wave_units(campaign)
    Wave.objects.filter(campaign=campaign, opened_at=None).delete()
    opened = Wave.objects.filter(campaign=campaign).aggregate(n=Max("position"))["n"]
    made = Wave.objects.bulk_create(
        Wave(
            campaign=campaign,
            position=position,
            share=one.share,
            after_s=one.after_s,
            after_sold=one.after_sold,
            author=why.actor,
            at=why.now,
        )
        for position, one in zip(count((opened or 0) + 1), waves, strict=False)
    )
    waits = [one.share for one in waves]
    shares = [100 - sum(waits, Decimal(0)), *waits]
    sizes, moves, kept = [], [], []
    for one in ours:
        own = one.buffer - min(before.get(one.pk, 0), one.buffer)
        each = parts(one.quantity - own, shares)[1:]
        _check_room(one, own + sum(each))
        sizes.append((one.pk, own + sum(each)))
        moves.append(held_back(one, own + sum(each) - one.buffer))
        kept += [
            WavePart(wave=wave, allocation=one, units=n, locked_at=one.locked_at)
            for wave, n in zip(made, each, strict=True)
            if n
        ]
    WavePart.objects.bulk_create(kept, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute(_RESIZE, [list(column) for column in zip(*sizes, strict=True)])
    post(moves, why)
    return sum(one.units for one in kept)


def _check_room(one: Allocation, buffer: int) -> None:
    room = one.quantity - one.taken
    if buffer > max(room, one.buffer):
        raise NotEnoughStock(
            f"Buyers hold or bought {one.taken:,} of {one.quantity:,} units of a SKU: "
            f"{max(0, room):,} can wait, not {buffer:,}. Plan less.",
            field="waves",
            detail={"allocation": one.pk, "room": max(0, room)},
        )


@operation()
@briefly()
def open_next_wave(campaign: str, *, actor: User | None, now: datetime) -> Wave:
    """Start the next wave of a sale at once, by hand.

    Raises:
        NoWave: none is left. SaleNotOpen: the sale takes no reservations yet.
        OutOfScope: the person is limited to other categories or markets.
    """
    check_within(actor, Kind.CAMPAIGN, [campaign])
    if sale_gate(campaign) is None:
        told = f"{campaign} is not open: its waves start once it is."
        raise SaleNotOpen(told)
    seen = queries.release_plan(campaign).seen
    waiting = Wave.objects.filter(pk__in=seen, opened_at=None)
    one = waiting.select_for_update().order_by("position").first()
    if one is None:
        raise NoWave("Every wave of this sale has started.")
    return _open(one, Why(actor, now, f"wave {one.position}"))


@operation()
@briefly()
def open_due_wave(*, now: datetime) -> Wave | None:
    """Start one wave whose time has come, or tell that there is none.

    A wave that another bell has at this moment is left to it.

    Raises:
        StockBusy: somebody moves these units; the next bell tries again.
    """
    claim = Wave.objects.select_for_update(skip_locked=True, of=("self",))
    due = claim.filter(pk__in=queries.waves_due(now=now), opened_at=None)
    one = due.order_by("pk").first()
    return None if one is None else _open(one, Why(None, now, f"wave {one.position}"))


def _open(one: Wave, why: Why) -> Wave:
    """Let the units of a claimed wave go, and write down that it started."""
    waiting = dict(queries.wave_parts(one.pk))
    gone = lower(list(waiting), lambda _: waiting, why)
    one.opened_at, one.opened_by = why.now, why.actor
    one.opened_units = sum(gone.values())
    one.save(update_fields=["opened_at", "opened_by", "opened_units"])
    after = {"wave": one.position, "units": one.opened_units, "skus": len(gone)}
    record(why.actor, "stock.open_wave", one.campaign, now=why.now, after=after)
    return one
