"""The stream door: raw ASGI server-sent events for boards.

No ORM, no thread and no database connection for a watcher: who may watch is told by a
signed ticket, what there is to see comes from one subscription a process.
"""

from __future__ import annotations

import asyncio
import re
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from redis.asyncio import Redis

from console.live import tickets
from console.live.fan import Fan, Slot

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PATH = re.compile(r"^/live/stream/([A-Za-z0-9_-]{1,20})$")
HEARTBEAT_S = 10.0
RETRY_MS = 1000
STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


def _source() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=None, socket_connect_timeout=1
    )


fan = Fan(_source)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Stream the snapshots of the campaign named in the path."""
    cors = _cors(scope)
    found = PATH.match(scope["path"])
    if scope["method"] != "GET" or not found:
        return await _refuse(send, 404, b"There is no such stream.", cors)
    campaign = found[1]
    if tickets.holder(_ticket(scope), campaign) is None:
        told = b"The ticket is missing, too old or for another sale. Reload the page."
        return await _refuse(send, 401, told, cors)
    await _stream(campaign, receive, send, cors)


def end_on_signal() -> None:
    """End every stream when the server is told to stop.

    A server waits for open answers before it says so to the application, and a stream
    is never done. asyncio hears of signals by its wake-up file, so a handler of our own
    takes nothing from the server's.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        signal.signal(number, _ending(loop, before))


def _ending(loop: asyncio.AbstractEventLoop, before: Any) -> Callable[..., None]:
    def handle(number: int, frame: Any) -> None:
        loop.call_soon_threadsafe(fan.end)
        if callable(before) and before is not signal.default_int_handler:
            before(number, frame)

    return handle


async def _stream(
    campaign: str, receive: Receive, send: Send, cors: list[tuple[bytes, bytes]]
) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": STREAM + cors}
    await send(start)
    slot = await fan.open(campaign)
    writing = asyncio.create_task(_write(slot, send))
    leaving = asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        fan.close(campaign, slot)
        for task in (writing, leaving):
            task.cancel()
        await asyncio.gather(writing, leaving, return_exceptions=True)


async def _write(slot: Slot, send: Send) -> None:
    """Frames as they come, and a comment when none does, so that proxies stay open."""
    number = 0
    await _part(send, b"retry: %d\n\n" % RETRY_MS)
    while not slot.ended:
        frame = await slot.take(HEARTBEAT_S)
        if frame is None:
            await _part(send, b": here\n\n")
            continue
        number += 1
        await _part(send, b"id: %d\ndata: %b\n\n" % (number, frame))
    await send({"type": "http.response.body", "body": b""})


async def _part(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _left(receive: Receive) -> None:
    """Return once the watcher is gone."""
    while (await receive())["type"] != "http.disconnect":
        continue


def _ticket(scope: Scope) -> str:
    spelled: bytes = scope.get("query_string", b"")
    query = parse_qs(spelled.decode("latin-1"))
    return query.get("ticket", [""])[0]


def _cors(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Pages of the console may read the stream from the web server's origin."""
    origin = dict(scope["headers"]).get(b"origin", b"")
    if origin.decode("latin-1") not in _origins():
        return [(b"vary", b"origin")]
    return [(b"access-control-allow-origin", origin), (b"vary", b"origin")]


def _origins() -> set[str]:
    """The console's own address, however a browser spells this machine."""
    ours = settings.PUBLIC_URL
    spelled = {ours.replace("//127.0.0.1", "//localhost")}
    return spelled | {ours.replace("//localhost", "//127.0.0.1"), ours}


async def _refuse(
    send: Send, status: int, told: bytes, cors: list[tuple[bytes, bytes]]
) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *cors]
    headers.append((b"content-length", b"%d" % len(told)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": told})
