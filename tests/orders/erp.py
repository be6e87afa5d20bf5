"""An ERP on 127.0.0.1 that counts what it is sent, and can be frozen or in a hurry."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Erp:
    """What it holds and how it behaves.

    limit: calls a second before it says 429. arrivals: when each call came, monotonic.
    """

    url: str = ""
    limit: int = 0
    frozen: bool = False
    refuse: set[str] = field(default_factory=set)
    slow_s: float = 0.0
    held: dict[str, str] = field(default_factory=dict)
    sequence: list[dict[str, Any]] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    duplicates: int = 0
    limited: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def refs(self) -> list[str]:
        """References in the order they came."""
        return [order["ref"] for order in self.sequence]

    def take(self, order: dict[str, Any], key: str) -> tuple[int, dict[str, str]]:
        """Judge one call."""
        with self.lock:
            now = time.monotonic()
            self.arrivals.append(now)
            busy = sum(1 for at in self.arrivals if at > now - 1)
            if self.frozen:
                return 503, {}
            if self.limit and busy > self.limit:
                self.limited += 1
                return 429, {"Retry-After": "1"}
            if order["ref"] in self.refuse:
                return 422, {}
            if key in self.held:
                self.duplicates += 1
                return 200, {}
            self.held[key] = order["ref"]
            self.sequence.append(order)
            return 201, {}

    def most_in_a_second(self) -> int:
        """The most calls in any window of one second."""
        calls = sorted(self.arrivals)
        most = first = 0
        for last, at in enumerate(calls):
            while calls[first] <= at - 1:
                first += 1
            most = max(most, last - first + 1)
        return most


def _handler(erp: Erp) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(size))
            if self.path.endswith("/known"):
                held = set(erp.held.values())
                return self._say(200, {"known": [r for r in body["refs"] if r in held]})
            status, headers = erp.take(body, self.headers["Idempotency-Key"])
            if erp.slow_s:
                time.sleep(erp.slow_s)
            return self._say(status, {}, headers)

        def _say(self, status: int, body: Any, headers: Any = None) -> None:
            told = json.dumps(body).encode()
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def running(**ways: Any) -> Iterator[Erp]:
    """An ERP that answers while the block runs."""
    erp = Erp(**ways)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(erp))
    server.daemon_threads = True
    erp.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield erp
    finally:
        server.shutdown()
        server.server_close()
