"""The pretend outside world as one ASGI application: `granian sandbox.app:app`."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import sqlite3
import time
from typing import Any

from sandbox import pages
from sandbox.calls import Calls
from sandbox.cart import Cart
from sandbox.catalogue import Catalogue
from sandbox.checkout import Checkout
from sandbox.cloud import Cloud
from sandbox.config import Desk
from sandbox.edge import Edge
from sandbox.erp import Erp
from sandbox.faults import FaultBoard
from sandbox.health import Gauge
from sandbox.notices import Notices
from sandbox.overview import Overview
from sandbox.router import (
    Receive,
    Refused,
    Reply,
    Request,
    Route,
    Router,
    Scope,
    Send,
    told,
)
from sandbox.shop import Shop
from sandbox.shoppers import Crowd
from sandbox.state import Store
from sandbox.tasks import watched
from sandbox.webhooks import Webhooks

log = logging.getLogger(__name__)
PARTS = ("cloud", "shop", "cdn", "erp")


class CannotStart(Exception):
    """The environment is not fit; the sentence says what to change."""


class World:
    """Every part, wired up; it lives on one event loop."""

    def __init__(self, store: Store | None = None) -> None:
        """Read the environment and what the last process left, or the store given."""
        seed = os.environ.get("SANDBOX_SEED", "doorbuster")
        self.token = os.environ.get("SANDBOX_TOKEN", "").encode()
        if not self.token:
            raise CannotStart(
                "Set SANDBOX_TOKEN: what callers of the sandbox must send."
            )
        self.store = store or _store(os.environ.get("SANDBOX_STATE", ""))
        self.faults = FaultBoard(self.store, seed)
        self.desk = Desk(self.store, seed)
        self.cloud = Cloud(self.store, self.faults, seed)
        self.erp = Erp(self.store, self.faults)
        self.gauges = {part: Gauge() for part in (*PARTS, "gate", "webhook")}
        self.gauges["cloud"].note = self.cloud.note
        self.gauges["erp"].note = self.erp.note
        self.catalogue = Catalogue(self.store)
        gauges = self.gauges
        self.calls = Calls()
        checkout = Checkout(self.calls, self.desk, gauges["gate"])
        self.notices = Notices(self.store, self.catalogue, checkout)
        self.shop = Shop(
            self.catalogue,
            self.desk,
            self.faults,
            self.cloud.serving,
            self._follow,
            self.notices,
        )
        self.edge = Edge(self.shop.render, self.faults, gauges["cdn"], gauges["shop"])
        self.webhooks = Webhooks(self.calls, self.desk, self.store, gauges["webhook"])
        self.crowd = Crowd(
            self.store, self.catalogue, self.desk, self.edge, checkout, self.webhooks
        )
        self.overview = Overview(
            gauges, self.catalogue, self.cloud, self.erp, self.crowd, self.faults
        )
        self.router = self._routes()
        self.tasks = [watched(self.store.run()), watched(self._begin())]

    def _follow(self) -> None:
        self.crowd.follow()

    async def _begin(self) -> None:
        self.webhooks.resume()
        self.crowd.follow()
        await self.crowd.keep_counts()

    async def close(self) -> None:
        """Stop everybody and write what is left."""
        self._stop()
        await self.calls.close()
        self.store.close()

    def _stop(self) -> None:
        pumps = list(self.crowd.pumps.values())
        for task in [*pumps, *self.crowd.inside, *self.webhooks.tasks, *self.tasks]:
            task.cancel()

    async def end(self, _request: Request) -> Reply:
        """Forget everything; the next call meets a world as a new process has it.

        A call still under way finishes in the world that ended, and is forgotten.
        """
        async with _ending:
            old = world()
            store = await old.store.anew()
            old._stop()
            _world[:] = [World(store)]
        await old.calls.close()
        return told({"ended": True})

    def _routes(self) -> Router:
        router = Router()
        router.add("GET", "/healthz", self.awake, public=True)
        router.add("GET", "/stats", self.stats)
        router.add("DELETE", "/world", self.end)
        for part in PARTS:
            router.add("GET", f"/{part}/health", self._health(part))
        pages.routes(router)
        Cart(self.catalogue, self.faults).routes(router)
        rooms = (self.cloud, self.shop, self.edge, self.erp, self.faults, self.notices)
        for room in (*rooms, self.crowd, self.overview):
            room.routes(router)
        return router

    async def awake(self, _request: Request) -> Reply:
        """Say that the process answers, and how its parts do."""
        wells = {part: self.gauges[part].told()["ok"] for part in PARTS}
        return told({"ok": True, "parts": wells})

    async def stats(self, _request: Request) -> Reply:
        """Show latencies and failures of every part, and of the calls shoppers make."""
        return told({part: gauge.told() for part, gauge in self.gauges.items()})

    def _health(self, part: str) -> Any:
        async def health(_request: Request) -> Reply:
            return told(self.gauges[part].told())

        return health

    async def answer(self, request: Request) -> Reply:
        """Find the address, check the token, do the work; refusals are replies."""
        try:
            route, named = self.router.find(request.scope)
            if not route.public:
                self._check_token(request.header(b"authorization"))
            return await self._work(route, request, named)
        except Refused as refused:
            return refused.reply()

    async def _work(self, route: Route, request: Request, named: Any) -> Reply:
        if not route.part:
            return await route.handler(request, **named)
        began, ok = time.monotonic(), False
        try:
            await self.faults.strike(route.part)
            reply = await route.handler(request, **named)
            ok = True
            return reply
        except Refused as refused:
            ok = refused.well
            raise
        finally:
            self.gauges[route.part].add((time.monotonic() - began) * 1000, ok=ok)

    def _check_token(self, spelled: str) -> None:
        """Compare in constant time.

        Raises:
            Refused: missing or wrong.
        """
        given = spelled.removeprefix("Bearer ").encode("latin-1", "replace")
        if not spelled.startswith("Bearer ") or not hmac.compare_digest(
            given, self.token
        ):
            raise Refused(401, "Send the sandbox's token as Authorization: Bearer.")


def _store(path: str) -> Store:
    try:
        return Store(path)
    except (OSError, sqlite3.Error) as error:
        message = f"SANDBOX_STATE cannot be opened, {path}: {error}."
        raise CannotStart(message) from None


_world: list[World] = []
_ending = asyncio.Lock()


def world() -> World:
    """The world of this process; it begins with the first call, or after an end."""
    if not _world:
        _world.append(World())
    return _world[0]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request, or start and stop with the server."""
    if scope["type"] == "lifespan":
        return await _lifespan(receive, send)
    request = Request(scope, receive)
    try:
        reply = await world().answer(request)
    except Exception:
        log.exception("%s %s failed", scope["method"], scope["path"])
        reply = told({"message": "The sandbox has a bug: read its log."}, status=500)
    size = (b"content-length", b"%d" % len(reply.body))
    headers = [*reply.headers, size]
    start = {"type": "http.response.start", "status": reply.status, "headers": headers}
    await send(start)
    body = b"" if scope["method"] == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                world()
            except CannotStart as error:
                log.error("%s", error)
                failed = {"type": "lifespan.startup.failed", "message": str(error)}
                return await send(failed)
        else:
            await world().close()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
