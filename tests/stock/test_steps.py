"""The steps of this room against a real gate, ledger and shop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from console.errors import OutsideFailure
from console.providers.models import Connection
from console.runbook.models import Step
from console.stock import operations as stock
from console.stock import queries, steps
from console.stock.rules import Item
from tests import make

pytestmark = pytest.mark.django_db


def step(**wanted: object) -> Step:
    return Step(key="k", plan="campaign:FS-1", wanted={"campaign": "FS-1"} | wanted)


def test_draining_waits_for_the_last_hold() -> None:
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=600)
    now = timezone.now()
    held = stock.reserve(
        "FS-1", lines=[Item(one.sku.code, 1)], buyer="b", key="k", now=now
    )
    seen = steps.drain_holds(step())
    assert (seen.pending, seen.values) == (True, {"holds": 1})
    stock.release(held.id, now=now)
    assert steps.drain_holds(step()).pending is False


def test_an_expired_hold_does_not_keep_draining_up() -> None:
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=60)
    past = timezone.now() - timedelta(seconds=60)
    stock.reserve("FS-1", lines=[Item(one.sku.code, 1)], buyer="b", key="k", now=past)
    assert steps.drain_holds(step()).pending is False


def test_returning_twice_gives_back_once() -> None:
    one = make.allocation(quantity=10, buffer=2)
    make.gate()
    stock.close_gate("FS-1", now=timezone.now())
    first, again = steps.return_units(step()), steps.return_units(step())
    assert first.values == again.values == {"sold": 0, "unsold": 10}
    assert queries.ats([one.sku_id]) == {one.sku_id: 10}


def test_returning_waits_while_buyers_hold_units() -> None:
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=600)
    now = timezone.now()
    stock.reserve("FS-1", lines=[Item(one.sku.code, 1)], buyer="b", key="k", now=now)
    stock.close_gate("FS-1", now=now)
    assert steps.return_units(step()).pending is True


class Shelf(BaseHTTPRequestHandler):
    """A shop that shows stock, and may be stubborn about it."""

    units: dict[str, int] = {}
    stubborn = False

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.stubborn:
            self.units.update({k: v for k, v in body.items() if k in self.units})
        self._say({})

    def do_GET(self) -> None:
        skus = parse_qs(urlsplit(self.path).query).get("sku", [])
        self._say({sku: self.units[sku] for sku in skus if sku in self.units})

    def _say(self, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def shop() -> Iterator[type[Shelf]]:
    class Mine(Shelf):
        units: dict[str, int] = {}

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mine)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Connection.objects.create(
        name="shop",
        driver="sandbox_shop",
        base_url=f"http://127.0.0.1:{server.server_port}",
    )
    yield Mine
    server.shutdown()
    server.server_close()
    thread.join()


def test_publishing_shows_what_is_free_and_what_the_open_sale_has_left(shop) -> None:
    one = make.allocation(quantity=10, buffer=2)
    make.level(one.sku, units=5)
    make.gate()
    other = make.level(units=7)
    shop.units = {one.sku.code: 0, other.sku.code: 0}
    seen = steps.publish(step(connection="shop"))
    assert shop.units == {one.sku.code: 13, other.sku.code: 0}
    assert seen.values["units"] == {one.sku.code: 13}
    skus = [other.sku.code, "not sold there"]
    steps.publish(step(connection="shop", skus=skus))
    assert shop.units[other.sku.code] == 7


def test_a_shop_that_shows_something_else_is_a_failure(shop) -> None:
    one = make.allocation(quantity=10)
    make.gate()
    shop.units, shop.stubborn = {one.sku.code: 3}, True
    with pytest.raises(OutsideFailure, match="shows 3") as failed:
        steps.publish(step(connection="shop"))
    assert failed.value.transient


def test_a_sku_the_shop_does_not_know_is_said(shop) -> None:
    one = make.allocation(quantity=10)
    seen = steps.publish(step(connection="shop"))
    assert seen.values["unknown"] == [one.sku.code]
