"""What became of an order is told over HTTP: once, late, twice and in any order."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.test import Client

from console.audit.models import Entry
from console.orders.models import Order
from console.providers.models import Connection
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Level, Movement, Reservation, Settlement
from console.stock.rules import Item
from tests import make
from tests.make import NOW
from tests.orders.stores import event, send
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db
LINE = {"sku": "SKU-A", "units": 2}


def told(kind: str, name: str = "p-1", *, ref: str = "R-1", **more: Any) -> Any:
    """One event; its webhook-id differs at each try, as with some senders."""
    order = {"ref": ref, "id": name} | more
    return send({"type": f"order.{kind}", "order": order}, event_id=f"{kind}-{name}")


def sale(units: int = 5) -> str:
    make.allocation(quantity=10, of=make.sku("SKU-A"))
    make.gate()
    held = stock.reserve(
        "FS-1", lines=[Item("SKU-A", units)], buyer="b", key="k", now=NOW
    )
    return str(held.id)


def over() -> None:
    stock.close_gate("FS-1", now=NOW + timedelta(hours=1))
    stock.return_units("FS-1", actor=None, now=NOW + timedelta(hours=1))


@pytest.fixture
def sold(shop: Connection) -> None:
    """An order of five units, of a sale that is over."""
    send(event(reservation=sale()))
    over()


def level() -> tuple[int, int]:
    return Level.objects.values_list("on_hand", "committed").get()


def code(reply: Any) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


def test_sent_back_and_cancelled_units_move_in_the_ledger(sold: None) -> None:
    assert told("shipped", lines=[LINE]).json() == {
        "result": "accepted",
        "ref": "R-1",
        "units": {"SKU-A": 2},
    }
    assert level() == (8, 3)
    told("returned", lines=[LINE | {"units": 1, "location": "Main"}])
    assert level() == (9, 3)
    assert told("cancelled").json()["units"] == {"SKU-A": 3}
    assert level() == (9, 0)
    told("returned", "r-2", damaged=True)
    assert level() == (9, 0)
    assert queries.violations() == []
    said = Entry.objects.get(verb="stock.ship")
    assert (said.actor_id, said.after["order"], said.after["line"]) == (
        None,
        "R-1",
        "p-1",
    )


@pytest.mark.parametrize("kind", ["shipped", "cancelled"])
@pytest.mark.parametrize("lines", [{}, {"lines": [LINE]}])
def test_told_twice_it_counts_once(sold: None, kind: str, lines: Any) -> None:
    told(kind, **lines)
    before = Movement.objects.count()
    again = told(kind, **lines)
    assert (again.status_code, again.json()["result"]) == (200, "replayed")
    assert Movement.objects.count() == before
    other = told(kind, lines=[LINE | {"units": 1}])
    assert code(other) == (409, "other_units")


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_count_once(sold: None) -> None:
    answers = in_parallel(8, lambda _: told("shipped", lines=[LINE]).json()["result"])
    assert sorted(answers) == ["accepted"] + ["replayed"] * 7
    assert (level(), queries.violations()) == ((8, 3), [])


EVENTS = {
    "paid": lambda: send(event(reservation=str(Reservation.objects.get().pk))),
    "shipped": lambda: told("shipped", lines=[LINE]),
    "returned": lambda: told("returned", lines=[LINE | {"units": 1}]),
    "cancelled": lambda: told("cancelled", lines=[LINE]),
}


@pytest.mark.parametrize("order", list(permutations(EVENTS)))
def test_any_order_and_any_repetition_ends_with_the_same_stock(
    shop: Connection, order: tuple[str, ...]
) -> None:
    """Whoever is refused sends again; meanwhile the sale gives its stock back."""
    sale()
    waiting = list(order)
    for round_ in range(4):
        replies = {name: EVENTS[name]() for name in waiting}
        assert {one.status_code for one in replies.values()} <= {200, 409}
        waiting = [name for name in waiting if replies[name].status_code == 409]
        if round_ == 0:
            over()
    assert waiting == []
    for name in order:
        assert EVENTS[name]().json()["result"] == "replayed"
    assert level() == (9, 1)
    assert Settlement.objects.count() == 3
    assert queries.violations() == []


def test_what_comes_too_early_is_refused_and_keeps_nothing(shop: Connection) -> None:
    held = sale()
    assert code(told("shipped")) == (409, "unknown_order")
    send(event(reservation=held))
    assert code(told("shipped")) == (409, "sale_not_returned")
    over()
    assert code(told("returned")) == (409, "more_than_shipped")
    assert not Settlement.objects.exists()
    assert told("shipped").status_code == 200
    assert told("returned").status_code == 200


def test_of_a_running_sale_what_is_cancelled_can_be_bought_again(
    shop: Connection,
) -> None:
    send(event(reservation=sale()))
    assert told("cancelled").json()["units"] == {"SKU-A": 5}
    later = {"buyer": "c", "key": "c", "now": NOW}
    assert stock.reserve("FS-1", lines=[Item("SKU-A", 10)], **later).id
    assert queries.violations() == []


def test_an_order_without_stock_of_ours_is_ignored(sold: None) -> None:
    send(event("R-2"), event_id="e-2")
    held = str(Order.objects.get(ref="R-1").reservation)
    send(event("R-3", reservation=held), event_id="e-3")
    for ref in ("R-2", "R-3"):
        reply = told("shipped", ref=ref)
        assert reply.json() == {"result": "ignored", "ref": ref}
    assert level() == (10, 5)


def test_another_store_tells_nothing_of_our_orders(
    sold: None, shop: Connection
) -> None:
    Order.objects.update(source="elsewhere")
    assert code(told("shipped")) == (409, "unknown_order")


@pytest.mark.parametrize(
    "more,answer",
    [
        ({"id": ""}, (422, "bad_order", "order.id")),
        ({"id": "(rest 1)"}, (422, "bad_order", "order.id")),
        ({"lines": []}, (422, "bad_order", "order.lines")),
        ({"lines": [LINE | {"units": 0}]}, (422, "bad_order", "order.lines[0].units")),
        (
            {"lines": [LINE | {"location": "Mars"}]},
            (422, "bad_order", "order.lines[0].location"),
        ),
        ({"damaged": True}, (422, "bad_order", "order.damaged")),
        ({"lines": [{"sku": "NO", "units": 1}]}, (422, "unknown_sku", "sku")),
        ({"lines": [LINE | {"units": 9}]}, (409, "more_than_sold", "units")),
        ({"ref": "R-9"}, (409, "unknown_order", "order.ref")),
    ],
)
def test_a_wrong_value_names_its_field(
    sold: None, more: dict[str, Any], answer: tuple[int, str, str]
) -> None:
    order = {"ref": "R-1", "id": "p-1"} | more
    reply = send({"type": "order.shipped", "order": order}, event_id="e-9")
    assert (*code(reply), reply.json()["field"]) == answer
    assert level() == (10, 5)


def test_unsigned_it_moves_nothing(sold: None) -> None:
    body = {"type": "order.shipped", "order": {"ref": "R-1", "id": "p-1"}}
    reply = Client().post("/api/orders/shop/", body, content_type="application/json")
    assert code(reply) == (401, "unsigned")
    assert level() == (10, 5)
