"""What must never be is refused by the database itself, by name."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from console.stock import operations as stock
from console.stock.models import Movement
from console.stock.rules import Item
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def refused(sql: str, name: str) -> bool:
    with (
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    return True


@pytest.fixture(autouse=True)
def _a_sale() -> None:
    one = make.allocation(quantity=10, buffer=2)
    make.gate()
    held = stock.reserve(
        "FS-1", lines=[Item(one.sku.code, 3)], buyer="b", key="k", now=NOW
    )
    stock.confirm(held.id, order="O-1", now=NOW)
    stock.reserve("FS-1", lines=[Item(one.sku.code, 1)], buyer="b", key="l", now=NOW)


@pytest.mark.parametrize(
    "sql,name",
    [
        ("UPDATE stock_allocation SET taken = 9", "allocation_never_oversold"),
        ("UPDATE stock_allocation SET buffer = 8", "allocation_never_oversold"),
        ("UPDATE stock_allocation SET quantity = 5", "allocation_never_oversold"),
        ("UPDATE stock_allocation SET taken = -1", "allocation_is_not_negative"),
        (
            "INSERT INTO stock_allocation (campaign, sku_id, quantity, buffer, taken,"
            " locked_at, version) SELECT campaign, sku_id, 1, 0, 0, now(), 1"
            " FROM stock_allocation",
            "allocation_one_per_campaign_and_sku",
        ),
        ("UPDATE stock_level SET on_hand = 9", "level_keeps_its_promises"),
        ("UPDATE stock_level SET committed = -1", "level_is_not_negative"),
        (
            "INSERT INTO stock_level (sku_id, location_id, on_hand, committed,"
            " allocated, buffer, version) SELECT sku_id, location_id, 0, 0, 0, 0, 1"
            " FROM stock_level",
            "level_one_per_sku_and_location",
        ),
        ("UPDATE stock_source SET units = -1", "source_is_not_negative"),
        ("UPDATE stock_sold SET units = -1", "sold_is_not_negative"),
        ("UPDATE stock_salegate SET state = 'ajar'", "sale_gate_state_is_known"),
        ("UPDATE stock_salegate SET hold_ttl_s = 0", "sale_gate_holds_last"),
        ("UPDATE stock_reservation SET state = 'lost'", "reservation_state_is_known"),
        (
            "UPDATE stock_reservation SET \"order\" = '' WHERE state = 'confirmed'",
            "reservation_confirmed_names_its_order",
        ),
        ("UPDATE stock_reservationline SET units = 0", "reservation_line_has_units"),
        (
            "UPDATE stock_reservationline SET sold = 9",
            "reservation_line_sells_what_it_held",
        ),
        (
            "INSERT INTO stock_movement (at, sku_id, source, target, units, reason)"
            " SELECT now(), id, 'pool', 'sold', 0, '' FROM stock_sku",
            "movement_has_units",
        ),
        (
            "INSERT INTO stock_movement (at, sku_id, source, target, units, reason)"
            " SELECT now(), id, 'pool', 'pool', 1, '' FROM stock_sku",
            "movement_goes_somewhere",
        ),
        ("UPDATE stock_movement SET units = 7", "movement_is_final"),
        ("DELETE FROM stock_movement", "movement_is_final"),
        ("UPDATE stock_sku SET code = ''", "sku_has_a_code"),
        ("UPDATE stock_sku SET regular_price = -1", "sku_price_is_not_negative"),
    ],
)
def test_the_database_refuses(sql: str, name: str) -> None:
    assert refused(sql, name)


def test_the_ledger_cannot_be_emptied() -> None:
    assert refused("TRUNCATE stock_movement", "movement_is_final")
    assert Movement.objects.exists()
