"""The sum of orders against a slow look at each order and each of its rows."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import strategies as some

from console.orders import queries
from console.orders.models import Destination, Order, Outbox
from tests import make
from tests.examples import examples

pytestmark = pytest.mark.django_db
STATES = ("queued", "leased", "sent", "lost", "dead", "gone")
SUM = ("relayed", "queued", "dead", "lost")
WEIGHTS = (2, 1, 8, 1, 1, 1)


def _destination(number: int, since: datetime) -> Destination:
    return Destination.objects.create(
        name=f"D{number}", connection="erp", limit_per_s=9, rate_per_s=8, since=since
    )


def _order(number: int, at: datetime, campaign: str) -> Order:
    return Order.objects.create(
        source="shop",
        event_id=f"e{number}",
        ref=f"R-{number}",
        campaign=campaign,
        units=1,
        total=1,
        currency="EUR",
        placed_at=at,
        accepted_at=at,
    )


def _row(order: Order, destination: Destination, state: str) -> None:
    if state == "gone":
        return
    at = order.accepted_at
    Outbox.objects.create(
        order=order,
        destination=destination,
        key=f"{order.pk}/{destination.pk}",
        state="sent" if state == "lost" else state,
        ready_at=at,
        lease_until=at if state == "leased" else None,
        sent_at=at if state in ("sent", "lost") else None,
        lost_at=at if state == "lost" else None,
        dead_at=at if state == "dead" else None,
        error="no" if state == "dead" else "",
    )


def _world(seed: int) -> None:
    """Some destinations, some orders before and after them, rows in any state."""
    chance = random.Random(seed)
    whole = chance.random() < 0.5
    weights = (*WEIGHTS[:-1], 0) if whole else WEIGHTS
    there = [
        _destination(n, make.NOW + timedelta(hours=chance.randint(0, 3)))
        for n in range(chance.randint(0, 3))
    ]
    earliest = 3 if whole and there else -1
    for n in range(chance.randint(0, 12)):
        at = make.NOW + timedelta(hours=chance.randint(earliest, 5))
        order = _order(n, at, chance.choice(["FS-1", "FS-2"]))
        for one in there:
            if one.since <= at:
                _row(order, one, chance.choices(STATES, weights)[0])


def _judged(order: Order) -> str:
    """What an order is, looking at every row and every destination."""
    rows = list(order.outbox.all())
    has = {row.destination_id for row in rows}
    due = Destination.objects.filter(since__lte=order.accepted_at)
    gap = not rows or any(one.pk not in has for one in due)
    if gap or any(row.state == "sent" and row.lost_at for row in rows):
        return "lost"
    states = {row.state for row in rows}
    if "dead" in states:
        return "dead"
    return "queued" if states & {"queued", "leased"} else "relayed"


@examples(60, [HealthCheck.function_scoped_fixture])
@given(seed=some.integers(0, 1_000_000), campaign=some.sampled_from([None, "FS-1"]))
def test_the_sum_agrees_with_a_look_at_each_order(
    db: None, seed: int, campaign: str | None
) -> None:
    for model in (Outbox, Order, Destination):
        model.objects.all().delete()
    _world(seed)
    orders = list(Order.objects.of(campaign).order_by("accepted_at", "pk"))
    wanted = {order.ref: _judged(order) for order in orders}
    found = queries.reconciliation(campaign)
    told = {
        name: getattr(found, name) for name in ("relayed", "queued", "dead", "lost")
    }
    assert told == {name: list(wanted.values()).count(name) for name in told}
    assert found.accepted == len(orders)
    assert list(found.missing) == [r for r, state in wanted.items() if state == "lost"]


def _counted(campaign: str | None) -> dict[str, tuple[int, int, int, int]]:
    """Waiting, dead, lost and there, counted one by one."""
    found = {}
    for one in Destination.objects.all():
        rows = Outbox.objects.of(campaign).filter(destination=one)
        lost = sum(row.lost_at is not None for row in rows)
        states = [row.state for row in rows]
        waiting = states.count("queued") + states.count("leased")
        there = states.count("sent") - lost
        found[one.name] = (waiting, states.count("dead"), lost, there)
    return found


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("campaign", [None, "FS-2"])
def test_flows_agree_with_a_count_of_every_row(seed: int, campaign: str | None) -> None:
    _world(seed)
    _, flows = queries.panel(campaign, now=make.NOW)
    told = {f.destination.name: (f.waiting, f.dead, f.lost, f.sent) for f in flows}
    assert told == _counted(campaign)


def test_a_backlog_reads_no_row_that_is_settled() -> None:
    """The sampler asks twice a second: it must not look at what was sent long ago."""
    there = _destination(1, make.NOW)
    for n in range(3):
        _row(_order(n, make.NOW, "FS-1"), there, "queued")
    _fill(there, 3_000)
    with CaptureQueriesContext(connection) as asked:
        found = queries.backlog("FS-1", now=make.NOW)
    assert (found.waiting, found.oldest_at) == (3, make.NOW)
    (sql,) = [q["sql"] for q in asked.captured_queries if "orders_outbox" in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"explain {sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan on orders_outbox" not in plan
    assert "outbox_lost" in plan


def _fill(destination: Destination, count: int) -> None:
    """Orders that were sent, as many as a planner takes seriously."""
    at = make.NOW
    Order.objects.bulk_create(
        Order(
            source="shop", event_id=f"f{n}", ref=f"F-{n}", campaign="FS-1", units=1,
            total=1, currency="EUR", placed_at=at, accepted_at=at,
        )
        for n in range(count)
    )  # fmt: skip
    orders = Order.objects.annotate(rows=Count("outbox")).filter(rows=0)
    Outbox.objects.bulk_create(
        Outbox(
            order=order, destination=destination, key=f"f/{order.pk}", state="sent",
            ready_at=at, sent_at=at, known_at=at,
        )
        for order in orders
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("analyze orders_outbox, orders_order")
