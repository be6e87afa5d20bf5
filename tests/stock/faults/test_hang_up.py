"""Clients who hang up before their answer, and ask again with the same key."""

from __future__ import annotations

import asyncio

import pytest

from console.stock import queries
from console.stock.models import Allocation, Reservation
from tests import make
from tests.stock.conftest import Door
from tests.stock.faults import books
from tests.stock.faults.telling import Record, tell, until
from tests.stock.faults.wire import Wire, insist
from tests.stock.longer import short_and_long

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


async def hang_up(door: Door, code: str, clients: int) -> None:
    """All send a request and leave at once; every other one without a word."""

    async def client(number: int) -> None:
        wire = Wire(door.url, door.token)
        request = wire.reservation(f"k{number}", {code: 1})
        await wire.hang_up(request, politely=number % 2 == 0)

    await asyncio.gather(*map(client, range(clients)))


async def ask(door: Door, key: str, code: str) -> str:
    """Ask twice with one key; the id both answers tell."""
    wire = Wire(door.url, door.token)
    first, second = [await insist(wire, key, {code: 1}) for _ in range(2)]
    wire.close()
    assert (first.status, first.body) == (201, second.body)
    return str(first.told()["id"])


async def ask_again(door: Door, code: str, clients: int) -> list[str]:
    """All ask again with the keys they had."""
    return await asyncio.gather(*(ask(door, f"k{n}", code) for n in range(clients)))


@pytest.mark.timeout(300)
@short_and_long("clients", 200, 2_000)
def test_who_hung_up_and_asks_again_took_one_unit(
    clients: int, door: Door, record_property: Record
) -> None:
    one = make.allocation(quantity=10 * clients)
    make.gate()

    asyncio.run(hang_up(door, one.sku.code, clients))
    until(Reservation.objects.exists)
    asyncio.run(ask(door, "last", one.sku.code))
    unheard = Reservation.objects.exclude(key="last").count()
    told = asyncio.run(ask_again(door, one.sku.code, clients))
    tell({"clients": clients, "done unheard": unheard}, record_property)
    assert len(set(told)) == clients
    assert {*told} < books.reserved_once(books.here)
    assert Reservation.objects.count() == clients + 1
    assert Allocation.objects.get().taken == clients + 1
    assert queries.violations() == []
