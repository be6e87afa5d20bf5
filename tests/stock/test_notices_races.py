"""Pages of sold-out SKUs told by several at once, and by one who is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.core.cache import caches
from django.db import OperationalError
from django.db import connection as database
from psycopg.errors import LockNotAvailable

from console.providers.operations import open_port
from console.providers.ports import Notice, Receipt, SoldOutDisplay
from console.stock import clock, noticing, publishing
from console.stock import operations as stock
from console.stock.models import Reservation, Shopfront, Shown
from console.stock.operations import publishing as rounds
from console.stock.operations.soldout import watch
from console.stock.operations.wanting import compare
from console.stock.queries.publishing import shops
from console.stock.rules import GateClosed, GateState
from tests import make
from tests.racing import in_parallel
from tests.sandboxed import SKUS, Sandbox, running_sandbox, sandbox
from tests.stock.gatekit import database_of_tests, environment
from tests.stock.noticekit import (
    SKU,
    asked,
    bought,
    later,
    on_sale,
    page,
    says,
    shop,
)
from tests.stock.shopkit import row, tell

__all__ = ["running_sandbox", "sandbox", "shop"]
pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 60
WORKER = """
import django
django.setup()
from console.stock import publishing
print("ready", flush=True)
while True:
    for name in publishing.behind():
        publishing.run_round(name)
"""


@dataclass
class Slow:
    """The shop, whose answer comes so late that a newer round is over by then."""

    port: SoldOutDisplay
    meanwhile: Callable[[], None]

    def notices(self, skus: Sequence[str]) -> dict[str, Notice | None]:
        """What pages did before all that happened."""
        found = self.port.notices(skus)
        then, self.meanwhile = self.meanwhile, lambda: None
        then()
        return found

    def set_notices(self, notices: Any, *, found: Any, key: str) -> Receipt:
        """Whatever it is told it does."""
        return self.port.set_notices(notices, found=found, key=key)


def overtaken(sandbox: Sandbox) -> None:
    """An older round tells a page to redirect after a newer one has ended that."""
    on_sale()
    asked("redirect", f"{sandbox.url}/?sale=1")
    tell()
    bought()
    now = clock.now()
    watch(now=now)
    Shopfront.objects.update(looked_at=None)
    compare(now=now)
    old = rounds.begin("shop", now=now)
    assert old is not None and noticing.due(old.rows)

    def newer() -> None:
        stock.close_gate("FS-1", now=now)
        Shown.objects.update(lease_until=None)
        Shopfront.objects.update(lease_until=None)
        tell()
        assert (page(sandbox).status_code, row(SKU).state) == (200, "shown")

    slow = Slow(open_port(SoldOutDisplay, "shop"), newer)
    noticing.show(slow, old, old.rows, lambda: "late")


def test_a_round_that_was_overtaken_tells_no_page(shop: Sandbox) -> None:
    overtaken(shop)
    assert page(shop).status_code == 200


def test_control_without_its_fence_it_redirects_after_the_end(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noticing.rows, "ours", lambda _round: True)
    overtaken(shop)
    assert page(shop).status_code == 302


def test_two_publishers_at_once_tell_each_page_once(shop: Sandbox) -> None:
    for number, code in enumerate(SKUS[:3]):
        on_sale(code=code, campaign=f"FS-{number + 1}")
        asked("badge", campaign=f"FS-{number + 1}")
        bought(code=code, campaign=f"FS-{number + 1}")
    Shopfront.objects.update(looked_at=None)
    publishing.behind()

    def act(_: int) -> None:
        publishing.run_round("shop")

    in_parallel(4, act)
    tell()
    assert all("Sold out" in says(shop, code) for code in SKUS[:3])
    found = Shown.objects.all()
    assert {one.state for one in found} == {"shown"}
    assert {one.notice_kept for one in found} == {""}


def over() -> None:
    """The sale ends."""
    stock.close_gate("FS-1", now=clock.now())


def back() -> None:
    """The order is cancelled, and its units have been there for long enough."""
    made = Reservation.objects.get(state="confirmed")
    stock.cancel_sale(made.pk, actor=None, now=clock.now())
    watch(now=clock.now())
    later()


def _ready() -> None:
    now = clock.now()
    Shown.objects.update(lease_until=None, ready_at=now)
    Shopfront.objects.update(lease_until=None, held_until=None, looked_at=None)
    caches["shared"].clear()


def _pushing() -> bool:
    """True between the note of what the page is told and the note of what it does."""
    found = row(SKU)
    return found.notice_sent != found.notice_shown


def _killed(now: Callable[[], bool]) -> None:
    """A worker dies at the first instant at which something is true."""
    _ready()
    child, until = _worker(), time.monotonic() + PATIENCE_S
    while not now():
        assert child.poll() is None and time.monotonic() < until, row(SKU).__dict__
        time.sleep(0.005)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate(timeout=10)


def _finished() -> None:
    """Others go on where the dead stopped."""
    until = time.monotonic() + PATIENCE_S
    while row(SKU).state != "shown" or row(SKU).notice != row(SKU).notice_shown:
        assert time.monotonic() < until, row(SKU).__dict__
        _ready()
        tell()


@pytest.mark.faults
def test_killed_at_any_moment_pages_are_as_they_should_be_in_the_end(
    shop: Sandbox,
) -> None:
    """Sold out, back, sold out and over; the publisher dies in each push and again."""
    on_sale()
    asked("redirect", f"{shop.url}/?sale=1")
    tell()
    dice = random.Random(18)
    turns: list[Callable[[], object]] = [bought, back, bought, over]
    for leads, turn in zip((True, False, True, False), turns, strict=True):
        turn()
        shop.faults(shop_slow_s=0.2)
        _killed(_pushing)
        assert _pushing(), "it died in the middle of a push"
        shop.faults(shop_slow_s=None)
        instant = time.monotonic() + dice.uniform(0.0, 0.4)
        _killed(lambda at=instant: time.monotonic() > at)  # type: ignore[misc]
        _finished()
        assert page(shop).status_code == (302 if leads else 200)
        assert row(SKU).notice_kept == ""
    assert not shops(now=clock.now())[0].needs_somebody


def _worker() -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        env=environment(database_of_tests()),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None and child.stdout.readline()
    return child


def _waits(campaign: str, sku: str) -> None:
    stock.wait(campaign, sku_code=sku, buyer="w", key="w", now=clock.now())


def _locked_by_another(code: str) -> psycopg.Connection[tuple[object, ...]]:
    other = psycopg.connect(database_of_tests())
    other.execute(
        "SELECT FROM stock_allocation a JOIN stock_sku k ON k.id = a.sku_id"
        " WHERE k.code = %s FOR UPDATE OF a",
        [code],
    )
    return other


@pytest.mark.parametrize("state", [GateState.CLOSED, GateState.OPEN])
def test_who_asks_for_a_sale_that_is_over_waits_for_no_lock(state: GateState) -> None:
    """And who asks for one that runs does: the control."""
    one = make.allocation(quantity=1)
    make.gate()
    if state is GateState.CLOSED:
        stock.close_gate("FS-1", now=clock.now())
    other = _locked_by_another(one.sku.code)
    with database.cursor() as cursor:
        cursor.execute("SET lock_timeout = '500ms'")
    try:
        if state is GateState.CLOSED:
            with pytest.raises(GateClosed):
                _waits("FS-1", one.sku.code)
        else:
            with pytest.raises(OperationalError) as busy:
                _waits("FS-1", one.sku.code)
            assert isinstance(busy.value.__cause__, LockNotAvailable)
    finally:
        other.close()
        with database.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")
