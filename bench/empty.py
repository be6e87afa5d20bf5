"""The limit of a server: it reads the body and answers nothing but a status."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[dict[str, Any], Receive, Send], Awaitable[None]]


def _answering(headers: list[tuple[bytes, bytes]]) -> App:
    async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await receive()
        start = {"type": "http.response.start", "status": 201, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": b""})

    return app


app = _answering([])
headed = _answering([(b"content-type", b"application/json"), (b"content-length", b"0")])
"""The same with the two headers every answer of the gate has."""
