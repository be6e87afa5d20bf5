"""Sold units are sent, taken back and cancelled once, and never more than were sold."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from console.audit.models import Entry
from console.errors import Refusal
from console.people.rules import OutOfScope
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import (
    Delivery,
    Level,
    Movement,
    Settlement,
)
from console.stock.operations import Parcel
from console.stock.rules import Item, Want
from tests import make
from tests.campaigns.scopekit import limited
from tests.make import NOW
from tests.stock.shipkit import WHO, close, level, one_sold, paid

pytestmark = pytest.mark.django_db


def last(count: int) -> list[tuple[str, str, int]]:
    found = Movement.objects.order_by("-pk")[:count]
    return [(x.source, x.target, x.units) for x in reversed(found)]


def code_of(act: object) -> str:
    with pytest.raises(Refusal) as refused, transaction.atomic():
        act()  # type: ignore[operator]
    return refused.value.code


def test_what_is_shipped_leaves_the_shelf_and_its_promise() -> None:
    code, sold = one_sold(5)
    assert level() == (10, 5, 5)
    assert stock.ship(sold, **WHO) == stock.Settled({code: 5})
    assert level() == (5, 0, 5)
    assert last(1) == [("committed", "shipped", 5)]
    assert queries.violations() == []
    entry = Entry.objects.get(verb="stock.ship")
    assert entry.after == {"order": "O-k", "line": "", "units": {code: 5}}


def test_asked_again_it_does_nothing_and_says_so() -> None:
    code, sold = one_sold(5)
    stock.ship(sold, [Parcel(code, 2)], line="p1", **WHO)
    again = stock.ship(sold, [Parcel(code, 2)], line="p1", **WHO)
    assert again == stock.Settled({code: 2}, replayed=True)
    assert level() == (8, 3, 5)
    assert Entry.objects.filter(verb="stock.ship").count() == 1
    other = [Parcel(code, 1)]
    assert code_of(lambda: stock.ship(sold, other, line="p1", **WHO)) == "other_units"


def test_parcels_of_one_order_go_one_by_one_until_none_is_left() -> None:
    code, sold = one_sold(5)
    stock.ship(sold, [Parcel(code, 2)], line="p1", **WHO)
    too_many = [Parcel(code, 4)]
    assert code_of(lambda: stock.ship(sold, too_many, line="p2", **WHO)) == (
        "more_than_sold"
    )
    assert stock.ship(sold, line="p2", **WHO).units == {code: 3}
    assert code_of(lambda: stock.ship(sold, line="p3", **WHO)) == "more_than_sold"
    assert queries.violations() == []


def test_nothing_is_shipped_while_the_sale_has_its_stock() -> None:
    _, sold = one_sold(5, closed=False)
    assert code_of(lambda: stock.ship(sold, **WHO)) == "sale_not_returned"
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "parcels,code",
    [
        ([Parcel("NO-SUCH", 1)], "unknown_sku"),
        ([Parcel("SHELL", 0)], "bad_quantity"),
        ([Parcel("SHELL", -1)], "bad_quantity"),
        ([Parcel("SHELL", 3), Parcel("SHELL", 3)], "more_than_sold"),
        ([Parcel("SHELL", 1, 999)], "bad_request"),
        ([], "more_than_sold"),
    ],
)
def test_a_parcel_that_cannot_be_is_refused(parcels: list[Parcel], code: str) -> None:
    one = make.allocation(quantity=10, of=make.sku("SHELL"))
    make.gate()
    sold = paid((one.sku.code, 5))
    close()
    assert code_of(lambda: stock.ship(sold, parcels, **WHO)) == code
    assert level() == (10, 5, 5)


def test_only_a_paid_reservation_has_something_to_ship() -> None:
    one = make.allocation(quantity=10)
    make.gate()
    held = stock.reserve(
        "FS-1", lines=[Item(one.sku.code, 1)], buyer="b", key="k", now=NOW
    )
    assert code_of(lambda: stock.ship(held.id, **WHO)) == "not_paid"
    assert code_of(lambda: stock.ship(uuid4(), **WHO)) == "unknown_reservation"


def two_places() -> tuple[str, UUID, int, int]:
    sku = make.sku()
    near, far = make.location(position=1), make.location(position=2)
    make.level(sku, units=15, at=far)
    make.level(sku, units=10, at=near)
    stock.lock("FS-1", wants=[Want(sku.pk, 13)], **WHO)
    make.gate()
    sold = paid((sku.code, 13))
    close()
    return sku.code, sold, near.pk, far.pk


def test_units_leave_the_nearest_place_they_are_committed_at() -> None:
    _, sold, near, far = two_places()
    stock.ship(sold, **WHO)
    left = dict(Level.objects.values_list("location", "on_hand"))
    assert left == {near: 0, far: 12}
    assert Settlement.objects.count() == 2
    assert queries.violations() == []


def test_a_place_ships_only_what_is_committed_there() -> None:
    code, sold, near, far = two_places()
    told = [Parcel(code, 4, far)]
    assert code_of(lambda: stock.ship(sold, told, line="x", **WHO)) == (
        "not_enough_stock"
    )
    mixed = [Parcel(code, 1, far), Parcel(code, 1)]
    assert code_of(lambda: stock.ship(sold, mixed, line="x", **WHO)) == "bad_request"
    both = [Parcel(code, 3, far), Parcel(code, 1, near), Parcel(code, 1, near)]
    stock.ship(sold, both, line="p1", **WHO)
    assert code_of(
        lambda: stock.ship(sold, [Parcel(code, 1, far)], line="p2", **WHO)
    ) == ("not_enough_stock")
    assert stock.ship(sold, line="p2", **WHO).units == {code: 8}
    assert queries.violations() == []


def test_what_comes_back_is_free_where_it_left() -> None:
    code, sold = one_sold(5)
    stock.ship(sold, **WHO)
    assert code_of(lambda: stock.take_back(sold, [Parcel(code, 6)], **WHO)) == (
        "more_than_shipped"
    )
    stock.take_back(sold, [Parcel(code, 2)], line="r1", **WHO)
    stock.take_back(sold, [Parcel(code, 2)], line="r1", **WHO)
    assert level() == (7, 0, 7)
    assert last(2) == [("shipped", "returned", 2), ("returned", "free", 2)]
    assert stock.take_back(sold, line="r2", **WHO).units == {code: 3}
    assert code_of(lambda: stock.take_back(sold, line="r3", **WHO)) == (
        "more_than_shipped"
    )
    assert queries.violations() == []


def test_what_comes_back_damaged_is_written_off() -> None:
    _, sold = one_sold(5)
    stock.ship(sold, **WHO)
    stock.take_back(sold, damaged=True, **WHO)
    assert level() == (5, 0, 5)
    assert last(2) == [("shipped", "returned", 5), ("returned", "outside", 5)]
    assert queries.violations() == []


def test_it_may_come_back_to_a_place_that_never_had_it() -> None:
    code, sold = one_sold(5)
    shop = make.location("Shop", position=9)
    stock.ship(sold, **WHO)
    stock.take_back(sold, [Parcel(code, 1, shop.pk)], **WHO)
    assert Level.objects.get(location=shop).free == 1
    assert queries.violations() == []


def test_what_was_not_shipped_cannot_come_back() -> None:
    _, sold = one_sold(5)
    assert code_of(lambda: stock.take_back(sold, **WHO)) == "more_than_shipped"


def test_a_sale_cancelled_while_it_runs_can_be_sold_again() -> None:
    one = make.allocation(quantity=5)
    make.gate(buyer_limit=5)
    sold = paid((one.sku.code, 5))
    assert code_of(lambda: paid((one.sku.code, 1), key="x")) == "not_enough_stock"
    stock.cancel_sale(sold, [Parcel(one.sku.code, 3)], line="c1", **WHO)
    stock.cancel_sale(sold, [Parcel(one.sku.code, 3)], line="c1", **WHO)
    assert last(1) == [("sold", "pool", 3)]
    one.refresh_from_db()
    assert (one.taken, one.sellable) == (2, 3)
    assert queries.violations() == []
    paid((one.sku.code, 3), key="again")
    (count,) = queries.counters("FS-1", now=NOW)
    assert (count.sold, count.left) == (5, 0)
    close()
    assert stock.ship(sold, **WHO).units == {one.sku.code: 2}
    assert queries.violations() == []


def test_a_sale_cancelled_afterwards_is_free_on_its_shelf() -> None:
    code, sold = one_sold(5)
    stock.cancel_sale(sold, [Parcel(code, 2)], **WHO)
    assert level() == (10, 3, 7)
    assert last(1) == [("committed", "free", 2)]
    assert stock.ship(sold, **WHO).units == {code: 3}
    assert code_of(lambda: stock.cancel_sale(sold, line="y", **WHO)) == (
        "more_than_sold"
    )
    assert queries.violations() == []


def test_who_is_limited_to_other_categories_ships_nothing() -> None:
    made = make.campaign(code="FS-1")
    stock.lock("FS-1", wants=[Want(made.lines.get().sku_id, 5)], **WHO)
    made.lines.get().sku.__class__.objects.update(category="Boots")
    make.gate()
    sold = paid((made.lines.get().sku.code, 1))
    close()
    tents = limited("operator", categories=["Tents"])
    for act in (stock.ship, stock.take_back, stock.cancel_sale):
        with pytest.raises(OutOfScope):
            act(sold, actor=tents, now=NOW)


@pytest.mark.parametrize(
    "sql,name",
    [
        ("UPDATE stock_delivery SET shipped = 6", "delivery_ships_what_was_sold"),
        ("UPDATE stock_delivery SET cancelled = 1", "delivery_ships_what_was_sold"),
        (
            "UPDATE stock_delivery SET returned = 6",
            "delivery_takes_back_what_was_shipped",
        ),
        ("UPDATE stock_delivery SET cancelled = -1", "delivery_is_not_negative"),
        (
            "INSERT INTO stock_delivery (reservation_id, allocation_id, sold, shipped,"
            " returned, cancelled) SELECT reservation_id, allocation_id, 1, 0, 0, 0"
            " FROM stock_delivery",
            "delivery_one_per_line",
        ),
        (
            "INSERT INTO stock_settlement (reservation_id, allocation_id, kind, line,"
            " location_id, units, damaged, at) SELECT reservation_id, allocation_id,"
            " kind, line, location_id, 1, damaged, at FROM stock_settlement",
            "settlement_once_per_line",
        ),
        ("UPDATE stock_settlement SET units = 0", "settlement_has_units"),
        ("UPDATE stock_settlement SET kind = 'lost'", "settlement_kind_is_known"),
        ("UPDATE stock_settlement SET damaged = true", "settlement_damaged_came_back"),
    ],
)
def test_the_database_refuses(sql: str, name: str) -> None:
    _, sold = one_sold(5)
    stock.ship(sold, **WHO)
    with (
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
