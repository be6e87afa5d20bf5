"""Publishing at the real sandbox, in parallel, beside itself, and killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from psycopg.conninfo import make_conninfo

from console.providers.models import Connection
from console.providers.operations import open_port
from console.providers.ports import Storefront
from console.stock import clock, publishing
from console.stock.models import Level, Location, Shopfront, Shown, Sku
from console.stock.operations.wanting import compare
from console.stock.queries.publishing import shops
from tests import make
from tests.racing import in_parallel
from tests.sandboxed import Sandbox, running_sandbox, sandbox
from tests.stock.shopkit import Shelf, row, shelf, tell

__all__ = ["running_sandbox", "sandbox"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.faults]

PATIENCE_S = 120
WORKER = """
import django
django.setup()
from console.stock import publishing
print("ready", flush=True)
while True:
    for name in publishing.behind():
        publishing.run_round(name)
"""


@pytest.fixture
def shop() -> Iterator[Shelf]:
    caches["shared"].clear()
    with shelf() as one:
        yield one


def shelves(count: int, *, units: int = 50) -> list[str]:
    """So many SKUs with units at one place, written at once."""
    codes = [f"P-{n:05}" for n in range(count)]
    Sku.objects.bulk_create(
        Sku(code=code, name=code, regular_price=1) for code in codes
    )
    place = Location.objects.create(name="Main")
    found = Sku.objects.filter(code__in=codes)
    Level.objects.bulk_create(
        Level(sku=sku, location=place, on_hand=units) for sku in found
    )
    return codes


def at_the_sandbox(world: Sandbox, codes: list[str]) -> None:
    caches["shared"].clear()
    products = [{"sku": code, "name": code, "price": "9.00"} for code in codes]
    world.tell("PUT", "/shop/products", products)
    Connection.objects.create(
        name="shop", driver="sandbox_shop", base_url=world.url, secret=world.token
    )


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _converge() -> None:
    """Ring the bell until no shop is behind, whatever it answers meanwhile."""
    deadline = time.monotonic() + PATIENCE_S
    while Shown.objects.filter(state="waiting").exists():
        assert time.monotonic() < deadline, Shopfront.objects.get().error
        caches["shared"].clear()
        Shopfront.objects.update(held_until=None)
        for name in publishing.behind():
            publishing.run_round(name)


def _many_changes(sandbox: Sandbox, count: int, rounds: int) -> None:
    codes = shelves(count)
    at_the_sandbox(sandbox, codes)
    dice = random.Random(7)
    changes, sent = 0, 0
    for number in range(rounds):
        if number == 1:
            sandbox.faults(shop_500=0.3, shop_429=0.1, shop_slow_s=0.02)
        some = dice.sample(codes, count // 10)
        units = dice.randrange(1_000)
        changes += Level.objects.filter(sku__code__in=some).update(on_hand=units)
        Shopfront.objects.update(looked_at=None, held_until=None)
        for name in publishing.behind():
            publishing.run_round(name)
            sent += 1
    sandbox.faults(shop_500=0.0, shop_429=0.0, shop_slow_s=0.0)
    Shopfront.objects.update(looked_at=None)
    compare(now=clock.now())
    _converge()
    wanted = dict(Level.objects.values_list("sku__code", "free"))
    assert open_port(Storefront, "shop").stock(codes) == wanted
    (found,) = shops(now=clock.now())
    assert (found.shown, found.waiting, found.failed) == (count, 0, 0)
    assert sent <= rounds < changes, "changes of one look go together"


def test_a_shop_in_trouble_shows_every_last_value_in_the_end(sandbox: Sandbox) -> None:
    _many_changes(sandbox, 2_000, 8)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_ten_thousand_skus_are_shown_as_counted_in_the_end(sandbox: Sandbox) -> None:
    _many_changes(sandbox, 10_000, 40)


def test_a_value_changed_at_the_sandbox_is_set_right(sandbox: Sandbox) -> None:
    codes = shelves(120)
    at_the_sandbox(sandbox, codes)
    tell()
    wrong = dict.fromkeys(codes[::7], 3)
    sandbox.tell("PUT", "/shop/stock", wrong)
    Shown.objects.update(read_at=clock.now() - timedelta(minutes=5))
    tell()
    tell()
    assert set(open_port(Storefront, "shop").stock(codes).values()) == {50}
    assert Shopfront.objects.get().repaired == len(wrong)


def _race(shop: Shelf, publish: Callable[[int], None]) -> list[int]:
    """What a slow shop was told of a SKU that only ever sells, by three at once."""
    code = make.level(units=400).sku.code
    shop.sold.add(code)
    tell()
    dice = random.Random(3)

    def act(number: int) -> None:
        if number == 0:
            for units in range(399, 339, -1):
                Level.objects.filter(sku__code=code).update(on_hand=units)
                Shopfront.objects.update(looked_at=None)
                compare(now=clock.now())
                time.sleep(0.01)
            return
        for _ in range(25):
            shop.slow_s = dice.random() / 50
            publish(number)

    for met in in_parallel(4, act):
        assert not isinstance(met, Exception), met
    shop.slow_s = 0
    return shop.values(code)


def test_publishers_at_once_send_nothing_stale(shop: Shelf) -> None:
    told = _race(shop, lambda _number: bool(publishing.run_round("shop")) and None)
    assert told == sorted(told, reverse=True)
    tell()
    assert [*shop.units.values()] == [340]


def test_control_publishers_without_the_lease_send_old_after_new(shop: Shelf) -> None:
    def careless(number: int) -> None:
        units = dict(Shown.objects.values_list("sku__code", "wanted"))
        time.sleep(0.08 if number == 1 else 0.0)
        open_port(Storefront, "shop").publish_stock(units, key="careless")

    told = _race(shop, careless)
    assert told != sorted(told, reverse=True)


def _worker() -> subprocess.Popen[str]:
    name = str(connection.settings_dict["NAME"])
    url = make_conninfo(os.environ["DATABASE_URL"], dbname=name)
    child = subprocess.Popen(
        [sys.executable, "-c", WORKER],
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": url},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "ready"
    return child


def test_killed_while_it_sends_the_next_one_goes_on(shop: Shelf) -> None:
    codes = shelves(450)
    shop.sold.update(codes)
    shop.slow_s = 0.2
    child = _worker()
    assert child.stdout is not None
    _until(lambda: len(shop.told) >= 2)
    child.send_signal(signal.SIGKILL)
    child.wait(10)
    child.stdout.close()
    shop.slow_s = 0
    assert Shown.objects.filter(state="waiting").exists()
    assert publishing.run_round("shop") is False, "its lease still holds"
    past = clock.now() - timedelta(seconds=1)
    Shopfront.objects.update(lease_until=past)
    Shown.objects.filter(lease_until__isnull=False).update(lease_until=past)
    tell()
    assert shop.units == dict.fromkeys(codes, 50)
    assert row(codes[0]).lease_until is None


def test_what_an_older_round_found_out_is_not_written(shop: Shelf) -> None:
    """A process that stood still past its lease writes nothing any more."""
    code = make.level(units=5).sku.code
    shop.sold.add(code)
    compare(now=clock.now())
    old = publishing.rows.begin("shop", now=clock.now())
    assert old is not None
    past = clock.now() - timedelta(seconds=1)
    Shopfront.objects.update(lease_until=past)
    Shown.objects.update(lease_until=past)
    tell()
    Level.objects.update(on_hand=9)
    Shopfront.objects.update(looked_at=None)
    compare(now=clock.now())
    now, row_ = clock.now(), old.rows
    publishing.reading_back.settle(old, row_, {row_[0].pk: 5}, {code: 5}, now=now)
    assert publishing.rows.values(old, row_) == {}
    assert publishing.rows.finish(old, now=now) is False
    assert (row(code).state, row(code).wanted) == ("waiting", 9)
