"""A great many holds that expire at once: who needs their units, who tidies them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest
from django.db import connection

from console.stock import operations as stock
from console.stock import queries, sqlcalls
from console.stock.models import Allocation, Reservation, ReservationLine, Sku
from console.stock.rules import MOST_LINES, MOST_UNITS, Item, Want, claim
from tests import make
from tests.make import NOW
from tests.stock.gatekit import database_of_tests

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(seconds=61)
MANY = 21_000


def locked(*units: int) -> list[Allocation]:
    """An allocation of each size, of one sale."""
    skus = [make.sku() for _ in units]
    wants = [Want(sku.pk, size) for sku, size in zip(skus, units, strict=True)]
    for want in wants:
        make.level(Sku.objects.get(pk=want.sku_id), units=want.units)
    return stock.lock("FS-1", wants=wants, actor=None, now=NOW)


def held_by_many(one: Allocation, buyers: int, *, word: str = "many") -> None:
    """One unit each, all to expire a minute from now."""
    lines = [Item(one.sku.code, 1)]
    claims = [
        claim("shop", f"{word}-{n}", campaign=one.campaign, buyer=f"b-{n}", lines=lines)
        for n in range(buyers)
    ]
    assert outcomes(sqlcalls.reserve_values(claims, NOW)) == {"held"}


def outcomes(values: Sequence[object]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(sqlcalls.RESERVE, values)
        return {row[1] for row in cursor.fetchall()}


def unswept() -> int:
    return ReservationLine.objects.filter(held=True, expires_at__lte=LATER).count()


def test_a_backlog_of_one_sku_starves_no_other_of_its_batch() -> None:
    big, small = locked(MANY, 1)
    make.gate(hold_ttl_s=60)
    held_by_many(big, MANY)
    held_by_many(small, 1, word="one")
    basket = [Item(big.sku.code, 1), Item(small.sku.code, 1)]
    stock.reserve("FS-1", lines=basket, buyer="late", key="late", now=LATER)
    assert queries.violations() == []


def test_only_the_oldest_units_that_are_needed_come_back() -> None:
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=60)
    held_by_many(one, 4, word="new")
    for key, seconds in (("older", 10), ("oldest", 5)):
        terms = {"buyer": key, "key": key, "ttl_s": seconds, "now": NOW}
        stock.reserve("FS-1", lines=[Item(one.sku.code, 3)], **terms)
    lines = [Item(one.sku.code, 1)]
    stock.reserve("FS-1", lines=lines, buyer="late", key="late", now=LATER)
    gone = Reservation.objects.filter(state="expired")
    assert [held.buyer for held in gone] == ["oldest"]
    assert unswept() == 5
    assert queries.violations() == []


def test_a_sale_gives_back_however_many_holds_nobody_swept() -> None:
    one = make.allocation(quantity=MANY)
    make.gate(hold_ttl_s=60)
    held_by_many(one, MANY)
    stock.close_gate("FS-1", now=LATER)
    told = stock.return_units("FS-1", actor=None, now=LATER)
    assert (told.unsold, told.sold, unswept()) == (MANY, 0, 0)
    assert queries.violations() == []


def test_the_sweeper_ends_a_backlog_in_parts() -> None:
    places = locked(1_500, 1_500)
    make.gate(hold_ttl_s=60)
    for place, one in enumerate(places):
        held_by_many(one, 1_500, word=f"sku-{place}")
    swept = [stock.sweep(now=LATER) for _ in range(3)]
    assert swept == [2_000, 1_000, 0]
    assert set(Reservation.objects.values_list("state", flat=True)) == {"expired"}
    assert queries.violations() == []


def test_an_impossible_basket_takes_no_more_than_there_is_and_says_so() -> None:
    """Fifty lines of the most units each, of two hundred buyers at once."""
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=60)
    held_by_many(one, 10)
    lines = [Item(one.sku.code, MOST_UNITS)] * MOST_LINES
    claims = [
        claim("shop", f"greedy-{n}", campaign="FS-1", buyer="b", lines=lines)
        for n in range(500)
    ]
    assert outcomes(sqlcalls.reserve_values(claims, LATER)) == {"not_enough_stock"}
    assert queries.violations() == []


def test_a_reservation_nobody_marked_is_marked_later() -> None:
    """Who had it locked while its line was given back gave up afterwards."""
    one = make.allocation(quantity=10)
    make.gate(hold_ttl_s=60)
    held_by_many(one, 3)
    stock.sweep(now=LATER)
    Reservation.objects.update(state="held", ended_at=None)
    assert stock.mark_expired(now=NOW) == 0
    assert stock.mark_expired(now=LATER) == 3
    assert set(Reservation.objects.values_list("state", flat=True)) == {"expired"}


@pytest.mark.django_db(transaction=True)
def test_the_sweeper_says_when_buyers_keep_it_out() -> None:
    one = make.allocation(quantity=3)
    make.gate(hold_ttl_s=60)
    held_by_many(one, 3)
    with psycopg.connect(database_of_tests()) as buyer:
        buyer.execute("SELECT 1 FROM stock_allocation FOR NO KEY UPDATE")
        assert stock.sweep(now=LATER) is None
    assert stock.sweep(now=LATER) == 3
