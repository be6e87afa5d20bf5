"""The gate's line of those who wait for a SKU that is sold out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from console.stock import messages, sqlcalls
from console.stock.batch import Lane
from console.stock.links import Reader
from console.stock.rules import (
    AlreadyTaken,
    Join,
    UnknownWaiter,
    WaiterState,
    wait_refusal,
)


class Line:
    """Joining, asking and leaving; nobody who reserves or pays waits for it."""

    def __init__(self, where: str) -> None:
        """Open nothing yet; each connects with its first request."""
        self._reader = Reader(where)
        self._joining: Lane[Join] = Lane(
            where,
            sqlcalls.WAIT,
            pack=lambda joins: sqlcalls.wait_values(joins, None),
            key=lambda one: one.id,
        )
        self._leaving: Lane[tuple[UUID, str | None]] = Lane(
            where,
            sqlcalls.LEAVE,
            pack=lambda gone: sqlcalls.release_values(gone, None),
            key=lambda one: one[0],
        )

    async def join(self, body: bytes, *, key: str, client: str) -> bytes:
        """Where the buyer stands; the same key again tells it anew.

        Raises:
            As `operations.wait`, and MalformedJson.
        """
        asked = messages.read_join(body, key=key, client=client)
        row = await self._joining.put(asked)
        _, outcome, state, ahead, offered, expires_at, known, remaining = row
        if outcome != "waiting":
            raise wait_refusal(asked, outcome, known, remaining)
        of = (asked.campaign, asked.sku_code, asked.buyer, asked.units)
        return _body(UUID(asked.id), of, (state, ahead, offered, expires_at))

    async def told(self, spelled: str, client: str) -> bytes:
        """Where a waiter stands now.

        Raises:
            UnknownWaiter: there is none, it left, or it belongs to another client.
        """
        found = _id(spelled)
        rows = await self._reader.rows(sqlcalls.WAITER, [found, None, found])
        if not rows or rows[0][0] != client or rows[0][5] == WaiterState.LEFT:
            raise UnknownWaiter("Nobody waits under this id.", field="id")
        return _body(found, rows[0][1:5], rows[0][5:])

    async def leave(self, spelled: str, client: str) -> bytes:
        """The state a waiter ended in; asked again it is the same.

        Raises:
            UnknownWaiter: there is none, or it belongs to another client.
            AlreadyTaken: what was offered was paid for.
        """
        found = _id(spelled)
        _, outcome, state = await self._leaving.put((found, client))
        if outcome == "unknown_waiter":
            raise UnknownWaiter("Nobody waits under this id.", field="id")
        if outcome == "already_taken":
            raise AlreadyTaken("What was offered was paid for.", field="id")
        return messages.encoded({"id": str(found), "state": state})


def _id(spelled: str) -> UUID:
    try:
        return UUID(spelled)
    except ValueError:
        raise UnknownWaiter("Nobody waits under this id.", field="id") from None


def _body(id_: UUID, of: Sequence[Any], stands: Sequence[Any]) -> bytes:
    campaign, sku, buyer, units = of
    state, ahead, offered, expires_at = stands
    ends: datetime | None = expires_at if state == "offered" else None
    return messages.encoded(
        {
            "id": str(id_),
            "campaign": campaign,
            "sku": sku,
            "buyer": buyer,
            "units": units,
            "state": state,
            "ahead": ahead,
            "offered": offered,
            "expires_at": messages.spoken(ends) if ends else None,
        }
    )
