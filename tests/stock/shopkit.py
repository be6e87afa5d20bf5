"""A shop on 127.0.0.1 that counts what it is told, and may be stubborn or ill."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.cache import caches
from django.db.models import F

from console.providers.models import Connection
from console.stock import publishing
from console.stock.models import Level, Shopfront, Shown
from tests import make


@dataclass
class Shelf:
    """What it shows and how it behaves.

    units: on display. sold: SKUs it sells, displayed or not. refused: SKUs it takes no
    units of. broken: SKUs it fails at, each time. stubborn: it says yes and shows what
    it showed. fail: statuses of the next calls. slow_s: of each write, before it takes
    effect. told: each write, in order. pages: what they do once sold out. page_fail:
    the status of each call about them.
    """

    url: str = ""
    units: dict[str, int] = field(default_factory=dict)
    sold: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    stubborn: bool = False
    fail: list[int] = field(default_factory=list)
    slow_s: float = 0.0
    pages: dict[str, Any] = field(default_factory=dict)
    page_fail: int = 0
    told: list[dict[str, int]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    calls: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, body: dict[str, int], key: str) -> int:
        """Judge one write."""
        if self.slow_s:
            time.sleep(self.slow_s)
        with self.lock:
            if not self.sold.issuperset(body) or self.refused & body.keys():
                return 400
            if self.broken & body.keys():
                return 500
            self.keys.append(key)
            self.told.append(body)
            if not self.stubborn:
                self.units |= body
            return 200

    def values(self, sku: str) -> list[int]:
        """What it was told to show of one SKU, in order."""
        return [body[sku] for body in self.told if sku in body]


def _handler(shelf: Shelf) -> type[BaseHTTPRequestHandler]:  # noqa: C901
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/shop/notices":
                shelf.pages |= {} if shelf.page_fail else body["notices"]
                return self._say(shelf.page_fail or 200, {})
            if not self._ill():
                self._say(shelf.take(body, self.headers["Idempotency-Key"]), {})

        def do_GET(self) -> None:
            at = urlsplit(self.path)
            skus = [x for x in parse_qs(at.query).get("sku", []) if x in shelf.sold]
            if at.path == "/shop/notices":
                found = {x: shelf.pages.get(x) for x in skus}
                return self._say(shelf.page_fail or 200, found)
            if self._ill():
                return
            if at.path == "/shop/prices":
                told = [{"sku": x, "regular": "9", "sale": None} for x in skus]
                return self._say(200, told)
            self._say(200, {x: shelf.units[x] for x in skus if x in shelf.units})

        def _ill(self) -> bool:
            with shelf.lock:
                shelf.calls += 1
                status = shelf.fail.pop(0) if shelf.fail else 0
            if status:
                self._say(status, {})
            return bool(status)

        def _say(self, status: int, body: Any) -> None:
            told = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status == 429:
                self.send_header("Retry-After", "1")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def shelf(name: str = "shop", **ways: Any) -> Iterator[Shelf]:
    """A shop that answers while the block runs, and its connection."""
    one = Shelf(**ways)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(one))
    server.daemon_threads = True
    one.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    Connection.objects.create(
        name=name, driver="sandbox_shop", base_url=one.url, secret="x"
    )
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()


def tell() -> None:
    """Compare, and send until nothing is due, as the bell has it done."""
    Shopfront.objects.update(looked_at=None)
    for name in publishing.behind():
        while publishing.run_round(name):
            continue


def pass_time(seconds: float) -> None:
    """So much later: holds and waits are that much nearer to their end."""
    span = timedelta(seconds=seconds)
    Shopfront.objects.update(held_until=F("held_until") - span)
    Shown.objects.update(ready_at=F("ready_at") - span, read_at=F("read_at") - span)
    caches["shared"].clear()


def row(sku: str, connection: str = "shop") -> Shown:
    return Shown.objects.get(connection=connection, sku__code=sku)


def stocked(shop: Shelf, count: int = 1, *, units: int = 5) -> list[str]:
    """SKUs with so many units free, which the shop sells."""
    codes = [make.level(units=units).sku.code for _ in range(count)]
    shop.sold.update(codes)
    return codes


def count_to(code: str, units: int) -> None:
    Level.objects.filter(sku__code=code).update(on_hand=units)
