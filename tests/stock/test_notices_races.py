"""Pages of sold-out SKUs told by several at once, and by one who is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.core.cache import caches
from django.db import connection as database

from console.providers.operations import open_port
from console.providers.ports import SoldOutDisplay
from console.stock import clock, noticing, publishing
from console.stock import operations as stock
from console.stock.models import Shopfront, Shown
from console.stock.operations import publishing as rounds
from console.stock.operations.publishing import Round
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
    clear,
    on_sale,
    opened,
    page,
    says,
)
from tests.stock.shopkit import row, tell

__all__ = ["running_sandbox", "sandbox"]
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


@pytest.fixture(autouse=True)
def shop(sandbox: Sandbox) -> Iterator[Sandbox]:
    opened(sandbox)
    yield sandbox
    clear(sandbox)


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
    assert old is not None
    pages = noticing.rows.unsettled(old.rows)
    assert [one.wanted[:8] for one in pages] == ["redirect"]
    stock.close_gate("FS-1", now=now)
    Shown.objects.update(lease_until=None)
    Shopfront.objects.update(lease_until=None)
    tell()
    assert page(sandbox).status_code == 200
    _late(old, pages)


def _late(old: Round, pages: list[noticing.Page]) -> None:
    """What the older round does when it wakes up."""
    change = noticing.rows.intend(old, pages)
    if change:
        port = open_port(SoldOutDisplay, "shop")
        told = {one.sku: noticing._notice(one.wanted) for one in change}
        port.set_notices(told, found=dict.fromkeys(told), key="late")


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


@pytest.mark.faults
def test_killed_at_any_moment_pages_are_as_they_should_be_in_the_end(
    shop: Sandbox,
) -> None:
    """Sold out, back and over while the publisher dies again and again."""
    one, dice = on_sale(), random.Random(18)
    asked("redirect", f"{shop.url}/?sale=1")
    kills = 0
    for turn in range(6):
        if turn % 2 == 0:
            made = bought()
        else:
            stock.cancel_sale(made.id, actor=None, now=clock.now())
        Shown.objects.update(lease_until=None, ready_at=clock.now())
        Shopfront.objects.update(lease_until=None, held_until=None)
        child = _worker()
        time.sleep(dice.uniform(0.0, 0.4))
        os.kill(child.pid, signal.SIGKILL)
        child.communicate(timeout=10)
        kills += 1
    assert one.pk and kills == 6
    stock.close_gate("FS-1", now=clock.now())
    until = time.monotonic() + PATIENCE_S
    while row(SKU).state != "shown" or row(SKU).notice:
        assert time.monotonic() < until, row(SKU).__dict__
        Shown.objects.update(lease_until=None, ready_at=clock.now())
        Shopfront.objects.update(lease_until=None, held_until=None)
        caches["shared"].clear()
        tell()
    assert page(shop).status_code == 200
    assert (row(SKU).notice_shown, row(SKU).notice_kept) == ("", "")
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
        cursor.execute("SET lock_timeout = '1500ms'")
    try:
        began = time.monotonic()
        with pytest.raises(
            GateClosed if state is GateState.CLOSED else Exception
        ) as no:
            _waits("FS-1", one.sku.code)
        waited = timedelta(seconds=time.monotonic() - began)
    finally:
        other.close()
        with database.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")
    assert (waited < timedelta(seconds=1)) is (state is GateState.CLOSED)
    assert isinstance(no.value, GateClosed) is (state is GateState.CLOSED)
