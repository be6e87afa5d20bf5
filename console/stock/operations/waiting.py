"""Waiting for a SKU that is sold out, and handing on what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from console.stock import sqlcalls
from console.stock.operations.holds import call
from console.stock.rules import (
    AlreadyTaken,
    Join,
    UnknownWaiter,
    WaiterState,
    join,
    wait_refusal,
)

OFFERS = 100
"""Waiters that one transaction makes offers to."""


@dataclass(frozen=True)
class Waiting:
    """Where somebody in the line stands; an offer is the reservation of the same id.

    ahead: how many came before and still wait; 1,000 for that or more.
    offered: units held for them, 0 while they wait.
    """

    id: UUID
    state: WaiterState
    ahead: int
    offered: int
    expires_at: datetime | None


def wait(
    campaign: str,
    *,
    sku_code: str,
    buyer: str,
    key: str,
    now: datetime,
    units: int = 1,
    client: str = "console",
) -> Waiting:
    """Join the line for a SKU; the same key again tells what became of it.

    Raises:
        StillInStock: so many units can be reserved.
        AlreadyWaiting: the buyer is in this line under another key.
        OrderLimit, BuyerLimit: more units than one may have in this sale.
        UnknownSku, UnknownCampaign, GateClosed, SkuStopped: nothing will come.
        IdempotencyMismatch: the key came before with another body.
        BadRequest, BadQuantity: a value that cannot be, or too many are waited for.
    """
    asked = join(
        client, key, campaign=campaign, sku_code=sku_code, buyer=buyer, units=units
    )
    (row,) = call(sqlcalls.WAIT, sqlcalls.wait_values([asked], now))
    return standing(asked, row)


def standing(asked: Join, row: Sequence[Any]) -> Waiting:
    """What a row of the waiting function says.

    Raises:
        As `wait`.
    """
    _, outcome, state, ahead, offered, expires_at, known, remaining = row
    if outcome != "waiting":
        raise wait_refusal(asked, outcome, known, remaining)
    return Waiting(UUID(asked.id), WaiterState(state), ahead, offered, expires_at)


def leave(waiter_id: UUID, *, now: datetime) -> WaiterState:
    """Leave the line and give back what was offered; the state it ended in.

    Raises:
        UnknownWaiter: nobody waits under this id.
        AlreadyTaken: what was offered was paid for.
    """
    values = sqlcalls.release_values([(waiter_id, None)], now)
    ((_, outcome, state),) = call(sqlcalls.LEAVE, values)
    if outcome == "unknown_waiter":
        raise UnknownWaiter(f"Nobody waits under {waiter_id}.", field="id")
    if outcome == "already_taken":
        raise AlreadyTaken(f"What was offered to {waiter_id} was paid for.", field="id")
    return WaiterState(state)


def offer(*, now: datetime) -> int:
    """Hold what came back for those who wait, in the order they came; how many moved.

    Several may do so at once. 0 when nothing is left to do.
    """
    moved = 0
    for sql, values in (
        (sqlcalls.WAITERS_END, [now]),
        (sqlcalls.WAITERS_PASS, [now]),
        (sqlcalls.OFFER, [now, settings.OFFER_TTL_S, OFFERS]),
    ):
        ((count,),) = call(sql, values)
        moved += count
    return moved


def ring(*, now: datetime) -> None:
    """Say that somebody looks after those who wait: so long units are kept for them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sqlcalls.RING, [now])
