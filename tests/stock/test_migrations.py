"""Migrations that move rows, on a database that has some."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection

from console.stock import operations as stock
from console.stock.models import Reservation
from console.stock.rules import Item
from tests import make
from tests.make import NOW

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
