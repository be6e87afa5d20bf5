"""The edge server: gate and live stream, raw ASGI outside Django's middleware."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

from config.env import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SELDOM = 20_000
"""Objects until Python looks for cycles: those of a request go by themselves."""
DOORS = {
    "/api/gate/v1/": "console.stock.gate:app",
    "/live/stream/": "console.live.stream:app",
}


def _load() -> list[tuple[str, App]]:
    found = []
    for prefix, where in DOORS.items():
        module, name = where.split(":")
        found.append((prefix, getattr(import_module(module), name)))
    return found


env.check_keys()
_doors = _load()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand a request to the door its path belongs to; lifespan goes to every door."""
    if scope["type"] == "lifespan":
        return await _lifespan(receive, send)
    for prefix, door in _doors:
        if scope["path"].startswith(prefix):
            return await door(scope, receive, send)
    await _answer(send, 200 if scope["path"] == "/healthz" else 404)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            import_module("console.live.stream").end_on_signal()
            gc.collect()
            gc.freeze()
            gc.set_threshold(SELDOM, 10, 10)
            _give_way()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _give_way() -> None:
    """Let the server's own thread finish handing over what arrived.

    That thread wakes this one, the loop, with each request. Linux would stop it at
    once, though it holds the interpreter, and switch back: two switches a request. In
    the class for batches a thread that wakes waits for its turn (sched(7)).
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


async def _answer(send: Send, status: int) -> None:
    body = b"ok\n" if status == 200 else b"not found\n"
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
