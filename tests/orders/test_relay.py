"""The relay against a real ERP: never too fast, never lost, never twice."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from console.errors import OutsideFailure
from console.orders import claims, events, operations, queries, relay
from console.orders.claims import Outcome
from console.orders.models import Destination, Outbox
from console.orders.rules import NothingDead
from tests.orders.erp import Erp
from tests.orders.stores import event
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)


def _accept(count: int, *, buyer: str = "", campaign: str = "FS-1") -> None:
    now = timezone.now()
    for n in range(count):
        told = event(f"R-{n}")["order"] | {"campaign": campaign}
        told["buyer"] = buyer or f"b{n}"
        operations.accept("shop", f"e{n}", events.PaidOrder(**told), now=now)


def _rounds(destination: Destination, most: int = 50) -> None:
    for _ in range(most):
        if not relay.run_round(destination.pk, seconds=1, now=timezone.now()):
            return


def _let_go(destination: Destination) -> None:
    """As if the waits were over."""
    now = timezone.now()
    Outbox.objects.filter(state="queued").update(ready_at=now)
    Destination.objects.update(held_until=None)


def test_everything_arrives_once_and_in_order(
    destination: Destination, erp: Erp
) -> None:
    _accept(30)
    _rounds(destination)
    assert sorted(erp.refs) == sorted(f"R-{n}" for n in range(30))
    assert erp.sequence[0]["lines"] == [{"sku": "SKU-A", "units": 2, "price": "19.9"}]
    found = queries.reconciliation("FS-1")
    assert (found.accepted, found.relayed, found.queued, found.dead) == (30, 30, 0, 0)
    assert found.balanced


def test_the_limit_holds_in_any_second(destination: Destination, erp: Erp) -> None:
    erp.limit = 20
    Destination.objects.update(limit_per_s=20, rate_per_s=16)
    _accept(45)
    _rounds(destination)
    assert len(erp.refs) == 45
    assert erp.limited == 0
    assert erp.most_in_a_second() <= 20


def test_the_limit_holds_where_calls_are_slow(
    destination: Destination, erp: Erp
) -> None:
    """Calls that started in time may arrive in a heap; the limit counts arrivals."""
    erp.limit, erp.slow_s = 20, 0.4
    Destination.objects.update(limit_per_s=20, rate_per_s=20)
    _accept(40)
    _rounds(destination)
    assert (len(erp.refs), erp.limited) == (40, 0)
    assert erp.most_in_a_second() <= 20


def test_two_workers_at_once_keep_one_pace(destination: Destination, erp: Erp) -> None:
    erp.limit = 20
    Destination.objects.update(limit_per_s=20, rate_per_s=16)
    _accept(30)
    answers = in_parallel(4, lambda _: _rounds(destination))
    assert not any(isinstance(answer, Exception) for answer in answers)
    _rounds(destination)
    assert len(erp.refs) == 30
    assert (erp.limited, erp.duplicates) == (0, 0)
    assert erp.most_in_a_second() <= 20


def test_a_frozen_erp_loses_nothing_and_gives_nothing_up(
    destination: Destination, erp: Erp
) -> None:
    _accept(12)
    erp.frozen = True
    for _ in range(12):
        relay.run_round(destination.pk, seconds=1, now=timezone.now())
        _let_go(destination)
    assert queries.reconciliation("FS-1").queued == 12
    assert Outbox.objects.filter(state="dead").count() == 0
    assert "calls pause" in Destination.objects.get().held_why
    erp.frozen = False
    cache.clear()  # the breaker would wait for another while
    _rounds(destination)
    _let_go(destination)
    _rounds(destination)
    assert sorted(erp.refs) == sorted(f"R-{n}" for n in range(12))
    assert queries.reconciliation("FS-1").relayed == 12


def test_a_frozen_erp_is_asked_less_and_less(
    destination: Destination, erp: Erp
) -> None:
    _accept(40)
    erp.frozen = True
    until = time.monotonic() + 2
    while time.monotonic() < until:
        relay.run_round(destination.pk, seconds=1, now=timezone.now())
        time.sleep(0.02)
    assert len(erp.arrivals) < 25
    assert Destination.objects.get().held_why


def test_retry_after_holds_the_destination(destination: Destination, erp: Erp) -> None:
    erp.limit = 3
    _accept(8)
    now = timezone.now()
    relay.run_round(destination.pk, seconds=1, now=now)
    held = Destination.objects.get().held_until
    assert erp.limited >= 1
    assert held is not None and held >= now + timedelta(seconds=1)
    assert not relay.run_round(destination.pk, seconds=1, now=timezone.now())
    assert len(erp.refs) == 3


def test_a_poison_order_dies_alone(destination: Destination, erp: Erp) -> None:
    erp.refuse = {"R-3"}
    _accept(6)
    _rounds(destination)
    assert len(erp.refs) == 5
    dead = Outbox.objects.get(state="dead")
    assert (dead.order.ref, dead.error_kind, dead.tries) == ("R-3", "invalid", 1)
    found = queries.reconciliation("FS-1")
    assert (found.accepted, found.relayed, found.dead) == (6, 5, 1)
    erp.refuse = set()
    assert operations.replay(dead.pk, actor=None, now=timezone.now()) == 1
    _rounds(destination)
    assert queries.reconciliation("FS-1").relayed == 6
    with pytest.raises(NothingDead):
        operations.replay(actor=None, now=timezone.now())


def test_eight_tries_while_others_go_and_then_a_dead_letter(
    destination: Destination, erp: Erp
) -> None:
    _accept(2)
    for number in range(1, 9):
        now = timezone.now()
        round_ = claims.begin(destination.pk, seconds=0.001, now=now)
        assert round_ is not None
        failure = OutsideFailure("answers 500", transient=True, kind="failed")
        claims.settle(round_, [Outcome(round_.parcels[0], failure)], now=now)
        claims.finish(round_, free_at=now, recent_s=[], now=now)
        row = Outbox.objects.get(pk=round_.parcels[0].pk)
        assert (row.tries, row.state) == (number, "dead" if number == 8 else "queued")
        Outbox.objects.filter(pk=row.pk).update(ready_at=now)


def test_a_worker_that_died_after_sending_sends_no_second_order(
    destination: Destination, erp: Erp
) -> None:
    """The lease ends, another worker sends the same key, and the ERP knows it."""
    _accept(4)
    now = timezone.now()
    round_ = claims.begin(destination.pk, seconds=1, now=now)
    assert round_ is not None
    outcomes = [relay._deliver(_port(), parcel) for parcel in round_.parcels]
    _rounds(destination)
    assert len(erp.arrivals) == 4, "the lease keeps the others out"
    past = now - timedelta(seconds=1)
    Outbox.objects.filter(state="leased").update(lease_until=past)
    Destination.objects.update(lease_until=past)
    _rounds(destination)
    assert (len(erp.refs), erp.duplicates) == (4, 4)
    claims.settle(round_, outcomes, now=timezone.now())
    assert set(Outbox.objects.values_list("state", "tries")) == {("sent", 1)}


def _port() -> object:
    from console.providers.operations import open_port
    from console.providers.ports import Relay

    return open_port(Relay, "erp")


def test_a_stale_worker_may_not_write(destination: Destination, erp: Erp) -> None:
    _accept(1)
    now = timezone.now()
    old = claims.begin(destination.pk, seconds=1, now=now)
    later = now + timedelta(minutes=5)
    new = claims.begin(destination.pk, seconds=1, now=later)
    assert old and new
    claims.settle(old, [Outcome(old.parcels[0])], now=later)
    assert Outbox.objects.get().state == "leased"
    claims.settle(new, [Outcome(new.parcels[0])], now=later)
    assert Outbox.objects.get().state == "sent"


def test_one_buyers_orders_keep_their_order(destination: Destination, erp: Erp) -> None:
    _accept(6, buyer="ann")
    _rounds(destination)
    assert erp.refs == [f"R-{n}" for n in range(6)]


def test_paused_sends_nothing_and_keeps_everything(
    destination: Destination, erp: Erp
) -> None:
    _accept(3)
    operations.pause(destination.pk, actor=None, now=timezone.now())
    _rounds(destination)
    assert (erp.refs, claims.with_work(now=timezone.now())) == ([], [])
    assert queries.backlog(now=timezone.now()).drain.never
    operations.resume(destination.pk, actor=None, now=timezone.now())
    assert claims.with_work(now=timezone.now()) == [destination.pk]
    _rounds(destination)
    assert len(erp.refs) == 3


def test_dropped_rows_are_listed_exactly(destination: Destination) -> None:
    _accept(40)
    gone = [f"R-{n}" for n in range(5, 12)]
    Outbox.objects.filter(order__ref__in=gone).delete()
    found = queries.reconciliation("FS-1")
    assert list(found.missing) == gone
    assert (found.accepted, found.queued, found.lost) == (40, 33, 7)
