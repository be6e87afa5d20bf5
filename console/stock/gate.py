"""The gate: the store's checkout reserves, pays and gives back over HTTP.

A raw ASGI application beside Django: a request costs little more than an empty answer.
It starts on its first request, because not every server announces its own start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

import structlog

from console.errors import Refusal
from console.stock import messages, sqlcalls
from console.stock.availability import Availability
from console.stock.batch import Lane
from console.stock.line import Line
from console.stock.links import Reader, conninfo
from console.stock.openapi import DOCUMENT
from console.stock.rules import (
    AlreadyConfirmed,
    BadRequest,
    Claim,
    OtherOrder,
    UnknownReservation,
    not_enough,
    refusal,
)
from console.stock.scarcity import Scarcity
from console.stock.soldout import SoldOut
from console.stock.tokens import Tokens

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Answer = tuple[int, bytes]
Headers = list[tuple[bytes, bytes]]

PREFIX = "/api/gate/v1/"
HOT = f"{PREFIX}reservations"
AGAIN = (b"retry-after", b"1")
log = structlog.get_logger(__name__)


class NotFound(Refusal):
    """No such address."""

    code = "not_found"
    status = 404


class MethodNotAllowed(Refusal):
    """The address exists, but not for this method."""

    code = "method_not_allowed"
    status = 405


class TooLarge(Refusal):
    """The body is bigger than any reservation can be."""

    code = "body_too_large"
    status = 413


class Gate:
    """Everything one process keeps open: three lanes to write, links to read."""

    def __init__(self) -> None:
        """Open nothing yet; the lanes connect with their first request."""
        where = conninfo()
        self.reader = Reader(where)
        self.tokens = Tokens(self.reader)
        self.availability = Availability(self.reader)
        self.scarcity = Scarcity(Reader(where))
        self.sold_out = SoldOut(where)
        self.line = Line(where)
        self.reserving: Lane[Claim] = Lane(
            where,
            sqlcalls.RESERVE,
            pack=lambda claims: sqlcalls.reserve_values(claims, None),
            key=lambda one: one.digest,
        )
        self.confirming: Lane[tuple[UUID, str | None, str]] = Lane(
            where,
            sqlcalls.CONFIRM,
            pack=lambda paid: sqlcalls.confirm_values(paid, None),
            key=lambda one: one[0],
        )
        self.releasing: Lane[tuple[UUID, str | None]] = Lane(
            where,
            sqlcalls.RELEASE,
            pack=lambda ended: sqlcalls.release_values(ended, None),
            key=lambda one: one[0],
        )

    async def reserve(self, request: Request) -> Answer:
        """POST reservations."""
        client = await self.tokens.client(request.token, "gate.reserve")
        told, key = messages.read_asked(await request.body()), request.key
        place = self.sold_out.refuses(told, client, key)
        if place is not None:
            return 409, _too_late(place, told.lines[place].sku)
        asked = messages.claimed(told, key=key, client=client)
        row = await self.reserving.put(asked)
        _, outcome, expires_at, sku, left, promise, id_ = row
        if outcome not in ("held", "replayed"):
            if outcome == "not_enough_stock" and not left:
                self.sold_out.saw(asked.campaign, sku)
            raise refusal(asked, outcome, sku, left)
        return 201, messages.held(id_, asked, expires_at, left or 0, promise)

    async def confirm(self, request: Request, spelled: str) -> Answer:
        """POST reservations/<id>/confirm."""
        client = await self.tokens.client(request.token, "gate.confirm")
        order = messages.read_order(await request.body())
        found = messages.read_id(spelled)
        _, outcome, short = await self.confirming.put((found, client, order))
        if outcome == "unknown_reservation":
            raise UnknownReservation("There is no such reservation.", field="id")
        if outcome == "confirmed_for_another_order":
            raise OtherOrder("Another order paid for this reservation.", field="order")
        told = {"id": str(found), "state": "confirmed", "order": order}
        return 200, messages.encoded(told | {"shortfall": short})

    async def release(self, request: Request, spelled: str) -> Answer:
        """POST reservations/<id>/release."""
        client = await self.tokens.client(request.token, "gate.reserve")
        found = messages.read_id(spelled)
        _, outcome, state = await self.releasing.put((found, client))
        if outcome == "unknown_reservation":
            raise UnknownReservation("There is no such reservation.", field="id")
        if outcome == "already_confirmed":
            raise AlreadyConfirmed("This reservation was paid.", field="id")
        return 200, messages.encoded({"id": str(found), "state": state})

    async def read(self, request: Request, page: str) -> Answer:
        """GET availability, scarcity, and the description, which needs no token."""
        if page == "openapi.json":
            return 200, DOCUMENT
        await self.tokens.client(request.token, "gate.read")
        told = self.scarcity if page == "scarcity" else self.availability
        return 200, await told.told(request.scope["query_string"])

    async def wait(self, request: Request) -> Answer:
        """POST waiting."""
        client = await self.tokens.client(request.token, "gate.reserve")
        body = await request.body()
        return 201, await self.line.join(body, key=request.key, client=client)

    async def waiter(self, request: Request, spelled: str) -> Answer:
        """GET and DELETE waiting/<id>."""
        client = await self.tokens.client(request.token, "gate.reserve")
        told = self.line.leave if request.method == "DELETE" else self.line.told
        return 200, await told(spelled, client)

    async def answer(self, request: Request) -> Answer:
        """Find the address, check the method, do the work.

        Raises:
            NotFound, MethodNotAllowed: and every refusal of the work itself.
        """
        path = request.scope["path"]
        if path == HOT and request.method == "POST":
            return await self.reserve(request)
        match path.removeprefix(PREFIX).split("/"):
            case ["reservations"]:
                return await self.reserve(_of(request, "POST"))
            case ["reservations", spelled, ("confirm" | "release") as act]:
                work = self.confirm if act == "confirm" else self.release
                return await work(_of(request, "POST"), spelled)
            case ["waiting"]:
                return await self.wait(_of(request, "POST"))
            case ["waiting", spelled]:
                return await self.waiter(_of(request, "GET", "DELETE"), spelled)
            case [("availability" | "scarcity" | "openapi.json") as page]:
                return await self.read(_of(request, "GET"), page)
        raise NotFound("There is no such address.")


@lru_cache(maxsize=4096)
def _too_late(place: int, code: str) -> bytes:
    """What a request for a SKU that is sold out is told."""
    return messages.refused(not_enough(place, code, 0))


def _of(request: Request, *wanted: str) -> Request:
    if request.method not in wanted:
        named = " or ".join(wanted)
        raise MethodNotAllowed(f"Use {named}.", detail={"allow": ", ".join(wanted)})
    return request


class Request:
    """One HTTP request, its body read only when somebody asks for it."""

    __slots__ = ("headers", "method", "receive", "scope", "token")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        """Look at the headers once; the last of a name counts."""
        self.scope = scope
        self.method: str = scope["method"]
        self.receive = receive
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.token = self.headers.get(b"authorization", b"")

    @property
    def key(self) -> str:
        """The Idempotency-Key, empty if there is none."""
        return self.headers.get(b"idempotency-key", b"").decode("latin-1")

    async def body(self) -> bytes:
        """The whole body.

        Raises:
            TooLarge: more than any reservation can be.
            BadRequest: the client hung up.
        """
        parts, size, more = [], 0, True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise BadRequest("The body did not arrive.", status=400)
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > messages.MOST_BYTES:
                raise TooLarge(f"At most {messages.MOST_BYTES // 1024} KB.")
            more = message.get("more_body", False)
        return parts[0] if len(parts) == 1 else b"".join(parts)


_gates: dict[asyncio.AbstractEventLoop, Gate] = {}


def _gate() -> Gate:
    """The gate of this process; a loop of its own gets one of its own."""
    loop = asyncio.get_running_loop()
    found = _gates.get(loop)
    if found is None:
        found = _gates[loop] = Gate()
    return found


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request; a bug is logged and answered as one."""
    if scope["type"] != "http":
        return
    try:
        status, body = await _gate().answer(Request(scope, receive))
        headers: Headers = []
    except Refusal as told:
        status, body, headers = _refused(told)
    except Exception:
        log.exception("gate.bug", path=scope["path"])
        status, body, headers = _refused(
            Refusal("The gate failed. It was logged.", code="internal", status=500)
        )
    headers.append((b"content-type", b"application/json"))
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _refused(told: Refusal) -> tuple[int, bytes, Headers]:
    """A refusal as JSON, with the headers its status asks for."""
    headers: Headers = []
    if told.status in (429, 503):
        headers.append(AGAIN)
    elif told.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    elif told.status == 405:
        headers.append((b"allow", told.detail["allow"].encode()))
    return told.status, messages.refused(told), headers
