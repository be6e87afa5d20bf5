"""The limit of a server: it reads the body and answers nothing but a status."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


def _answering(headers: list[tuple[bytes, bytes]], *, gives_way: bool = False) -> App:
    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if gives_way and sys.platform == "linux":
                os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
            return
        await receive()
        start = {"type": "http.response.start", "status": 201, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": b""})

    return app


app = _answering([])
headed = _answering([(b"content-type", b"application/json"), (b"content-length", b"0")])
"""The same with the two headers every answer of the gate has."""
giving_way = _answering([], gives_way=True)
"""The first once more, scheduled as the edge schedules itself (config/asgi.py)."""
