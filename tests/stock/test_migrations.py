"""Migrations that move rows, on a database that has some."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from console.stock import operations as stock
from console.stock.models import PendingCount, Reservation
from console.stock.rules import Item
from tests import make
from tests.make import NOW
from tests.stock.pendingkit import waits

BEFORE = """
insert into stock_reservation
    (id, client, key, body_hash, campaign, buyer, state, made_at, expires_at, "order")
select %s, client, key, body_hash, campaign, buyer, state, made_at, expires_at, "order"
from stock_reservation where id = %s
"""


@pytest.fixture
def forward_again(transactional_db: None) -> Iterator[None]:
    """Whatever is undone meanwhile is made again."""
    yield
    call_command("migrate", "stock", verbosity=0)


@pytest.mark.usefixtures("forward_again")
def test_a_key_of_before_finds_its_reservation() -> None:
    one = make.allocation(quantity=5)
    make.gate(one.campaign)
    lines = [Item(one.sku.code, 2)]
    ask = {"lines": lines, "buyer": "ada", "key": "k", "now": NOW}
    first = stock.reserve(one.campaign, **ask)
    old = uuid4()
    call_command("migrate", "stock", "0019", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, [old, first.id])
        cursor.execute("delete from stock_reservation where id = %s", [first.id])
    call_command("migrate", "stock", verbosity=0)
    assert stock.reserve(one.campaign, **ask).id == old
    assert Reservation.objects.count() == 1


@pytest.mark.usefixtures("forward_again")
def test_what_levels_said_before_counts_of_before_is_unknown(
    settings: Settings,
) -> None:
    settings.ADJUST_ALONE_UNITS = 50
    waits(make.level(units=100), make.user("operator"))
    call_command("migrate", "stock", "0020", verbosity=0)
    call_command("migrate", "stock", verbosity=0)
    one = PendingCount.objects.get()
    assert one.on_hand == 500
    assert (one.was_on_hand, one.was_committed, one.was_buffer) == (None, None, None)
