"""The stores' entrance: once, signed, bounded, and never half."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import strategies as some

from console.orders import queries
from console.orders.models import Destination, Order, Outbox
from console.providers.models import Connection
from console.stock import operations as stock
from console.stock.models import Shortfall
from console.stock.rules import Item
from tests import make
from tests.examples import examples
from tests.orders.conftest import SECRET
from tests.orders.stores import event, headers, send
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db


def test_a_paid_order_is_accepted_with_a_row_for_each_destination(
    shop: Connection, destination: Destination
) -> None:
    answer = send(event())
    assert (answer.status_code, answer.json()["result"]) == (200, "accepted")
    order = Order.objects.get()
    assert (order.source, order.units, str(order.total)) == ("shop", 2, "39.800")
    row = Outbox.objects.get()
    assert (row.destination, row.state, row.lane) == (
        destination,
        "queued",
        "buyer of R-1",
    )


@pytest.mark.parametrize("event_id", ["evt-1", "evt-2"])
def test_a_replay_by_event_or_reference_changes_nothing(
    shop: Connection, destination: Destination, event_id: str
) -> None:
    send(event())
    answer = send(event(total="1.00"), event_id=event_id)
    assert (answer.status_code, answer.json()["result"]) == (200, "replayed")
    assert Order.objects.count() == Outbox.objects.count() == 1
    assert str(Order.objects.get().total) == "39.800"


def test_forged_and_stale_are_refused_in_json(shop: Connection) -> None:
    body = json.dumps(event()).encode()
    other = "whsec_" + "A" * 32
    late = timezone.now() - timedelta(minutes=6)
    for signed, code in (
        (headers(body, secret=other), "forged_signature"),
        (headers(body + b" "), "forged_signature"),
        (headers(body, at=late), "stale_signature"),
        ({}, "unsigned"),
    ):
        answer = Client().post(
            "/api/orders/shop/", body, content_type="application/json", headers=signed
        )
        assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert not Order.objects.exists()


@pytest.mark.parametrize("guessed", ["", SECRET])
def test_a_store_without_a_webhook_secret_is_not_believed(
    shop: Connection, guessed: str
) -> None:
    shop.webhook_secret, shop.secret = "", SECRET
    shop.save()
    reply = send(event("R-1"), event_id="a", secret=guessed)
    assert reply.status_code == 401
    assert reply.json()["code"] == "forged_signature"


def test_two_secrets_while_one_is_rotated(shop: Connection) -> None:
    newer = "whsec_" + "B" * 32
    shop.webhook_secret = f"{newer}\n{SECRET}"
    shop.save()
    assert send(event("R-1"), event_id="a").status_code == 200
    assert send(event("R-2"), event_id="b", secret=newer).status_code == 200


def test_an_unknown_store_is_not_found(db: None) -> None:
    answer = send(event())
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_connection")


def test_a_body_beyond_256_kb_is_refused(shop: Connection) -> None:
    answer = send(event(buyer="x" * 300_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_events_we_do_not_follow_are_ignored(shop: Connection) -> None:
    assert send({"type": "product.updated"}).json() == {"result": "ignored"}


@pytest.mark.parametrize(
    "change,field",
    [
        ({"total": "-1"}, "order.total"),
        ({"total": "NaN"}, "order.total"),
        ({"currency": "euro"}, "order.currency"),
        ({"ref": ""}, "order.ref"),
        ({"placed_at": "2026-11-27T19:00:00"}, "order.placed_at"),
        ({"reservation": "7"}, "order.reservation"),
        ({"lines": []}, "order.lines"),
        ({"lines": [{"sku": "A", "units": 0, "price": "1"}]}, "order.lines[0].units"),
        ({"lines": [{"sku": "A", "units": 1.5, "price": 1}]}, "order.lines[0].units"),
        ({"lines": [{"sku": "A", "units": 1, "price": -1}]}, "order.lines[0].price"),
    ],
)
def test_a_wrong_value_names_its_field(
    shop: Connection, change: dict[str, Any], field: str
) -> None:
    answer = send(event(**change))
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not Order.objects.exists()


def _held(units: int = 2, key: str = "k") -> str:
    held = stock.reserve(
        "FS-1",
        lines=[Item("SKU-A", units)],
        buyer="b",
        key=key,
        now=make.NOW - timedelta(days=9),
    )
    return str(held.id)


def test_payment_turns_the_hold_into_a_sale(shop: Connection) -> None:
    allocation = make.allocation(quantity=5, of=make.sku("SKU-A"))
    make.gate()
    send(event(reservation=_held()))
    order = Order.objects.get()
    assert (order.issue, order.shortfall) == ("", 0)
    assert sum(allocation.sold.values_list("units", flat=True)) == 2


def test_a_late_payment_is_kept_and_its_shortfall_recorded(shop: Connection) -> None:
    make.allocation(quantity=2, of=make.sku("SKU-A"))
    make.gate(hold_ttl_s=60)
    late = _held()
    taken = stock.reserve(
        "FS-1",
        lines=[Item("SKU-A", 2)],
        buyer="other",
        key="other",
        now=make.NOW - timedelta(days=8),
    )
    stock.confirm(taken.id, order="R-0", now=make.NOW - timedelta(days=8))
    send(event(reservation=late))
    order = Order.objects.get()
    assert (order.issue, order.shortfall) == ("shortfall", 2)
    assert Shortfall.objects.get().order == "R-1"


def test_money_taken_is_never_refused(shop: Connection) -> None:
    make.allocation(quantity=5, of=make.sku("SKU-A"))
    make.gate()
    held = _held()
    send(event("R-1", reservation=held), event_id="1")
    send(event("R-2", reservation=held), event_id="2")
    send(event("R-3", reservation="1b671a64-40d5-491e-99b0-da01ff1f3341"), event_id="3")
    send(event("R-4"), event_id="4")
    issues = list(Order.objects.order_by("pk").values_list("issue", flat=True))
    assert issues == [
        "",
        "confirmed_for_another_order",
        "unknown_reservation",
        "no_reservation",
    ]


@pytest.mark.django_db(transaction=True)
def test_twins_at_once_are_one_order(
    shop: Connection, destination: Destination
) -> None:
    answers = in_parallel(8, lambda n: send(event(), event_id=f"e{n % 2}").json())
    results = [answer["result"] for answer in answers if isinstance(answer, dict)]
    assert sorted(results) == ["accepted"] + ["replayed"] * 7
    assert Order.objects.count() == Outbox.objects.count() == 1


@examples(25, [HealthCheck.function_scoped_fixture])
@given(seed=some.integers(0, 10_000))
def test_any_order_of_delivery_ends_the_same(shop: Connection, seed: int) -> None:
    """Each event three times, shuffled, some forged: as if told once, in order."""
    Order.objects.all().delete()
    chance = random.Random(seed)
    told = [n for n in range(6) for _ in range(3)]
    chance.shuffle(told)
    for n in told:
        send(event(f"R-{n}"), event_id=f"e{n}")
        if chance.random() < 0.3:
            forged = send(event(f"X-{n}"), event_id=f"x{n}", secret="whsec_" + "C" * 32)
            assert forged.status_code == 401
    assert set(Order.objects.values_list("ref", flat=True)) == {
        f"R-{n}" for n in range(6)
    }
    assert queries.totals("FS-1", now=timezone.now()).orders == 6
