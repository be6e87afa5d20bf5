"""Killing worker, beat or broker loses no step and does none twice in effect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from console.orders import operations as orders
from console.orders.events import PaidOrder
from console.orders.models import Outbox
from console.runbook import operations, queries
from console.runbook.models import Step
from console.runbook.rules import State
from tests import make
from tests.faults import steps
from tests.faults.crew import PATIENCE_S, Crew, until
from tests.faults.dials import Dials
from tests.orders import erp as erps
from tests.orders.stores import event

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
]
assert steps.turn  # registers the kind here too


@pytest.fixture(scope="module")
def dials() -> Iterator[Dials]:
    server = Dials()
    yield server
    server.close()


@pytest.fixture(scope="module")
def _crew(
    tmp_path_factory: pytest.TempPathFactory, dials: Dials, django_db_setup: None
) -> Iterator[Crew]:
    home: Path = tmp_path_factory.mktemp("crew")
    crew = Crew(home, connection.settings_dict["NAME"], dials.url)
    yield crew
    crew.kill(*list(crew.running))


@pytest.fixture
def crew(_crew: Crew, transactional_db: None) -> Iterator[Crew]:
    """Beat and broker live on; nobody works while the tables are emptied.

    A worker polls the table by itself: its locks and those of emptying can deadlock.
    """
    _crew.thaw("beat")
    yield _crew
    _crew.freeze("beat")
    until(lambda: _crew.idle() and not leases(), _crew)
    _crew.kill("worker", "helper")
    until(alone, _crew)


def leases() -> bool:
    return Step.objects.exclude(lease_until=None).exists()


def alone() -> bool:
    """True once nobody else is in the middle of a statement or a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            " AND state <> 'idle'"
        )
        return cursor.fetchone() == (0,)


def write(key: str, *, late_s: float = 0.0, **values: object) -> Step:
    now = timezone.now()
    said = {"plan": "faults", "title": key, "target": key, "wanted": {"dial": 7}}
    said |= {"due_at": now - timedelta(seconds=late_s), "now": now} | values
    return operations.plan(key, "faults.turn", **said)


def verified(*keys: str) -> bool:
    done = Step.objects.filter(key__in=keys, state=State.VERIFIED)
    return done.count() == len(keys)


def test_a_worker_killed_in_the_middle_of_a_step(crew: Crew, dials: Dials) -> None:
    """The change was made, the answer never came: another worker finds it made."""
    dials.hang_on("mid")
    write("mid")
    write("next", after=["mid"])
    crew.start("broker", "beat", "worker")
    assert dials.hanging.wait(PATIENCE_S), crew.words()
    crew.kill("worker")
    dials.let_go.set()
    step = Step.objects.get(key="mid")
    assert step.before == {"dial": 0}, "kept before the change was made"
    crew.start("worker")
    until(lambda: verified("mid", "next"), crew)
    step.refresh_from_db()
    assert (dials.turned["mid"], dials.turned["next"]) == (1, 1)
    assert (step.tries, step.fence, step.before) == (2, 2, {"dial": 0})


def test_everything_dead_at_the_time_and_caught_up_once(
    crew: Crew, dials: Dials
) -> None:
    """Beat and worker died before T0 and came back a minute after it."""
    crew.kill("beat", "worker")
    keys = [f"missed-{n}" for n in range(20)]
    for key in keys:
        write(key, late_s=60)
    assert len(queries.late(now=timezone.now())) == 20
    crew.start("broker", "beat", "worker")
    until(lambda: verified(*keys), crew)
    assert {dials.turned[key] for key in keys} == {1}
    lateness = Step.objects.values_list("lateness_s", flat=True)
    assert all(one >= 60 for one in lateness if one is not None)
    late = queries.late(now=timezone.now())
    assert {one.key for one in late} == set(keys)
    assert all(one.started for one in late)


def test_a_worker_that_starts_without_a_broker_does_what_is_due(
    crew: Crew, dials: Dials
) -> None:
    crew.kill("broker", "worker")
    write("no-broker")
    crew.start("worker")
    until(lambda: verified("no-broker"), crew)
    crew.start("broker")


def test_orders_go_out_while_the_broker_is_dead(crew: Crew) -> None:
    crew.start("broker", "worker")
    crew.kill("broker")
    with erps.running() as erp:
        make.connection("erp", driver="sandbox_erp", base_url=erp.url)
        made = timezone.now() - timedelta(days=1)
        orders.add_destination(
            "ERP", connection="erp", limit_per_s=125, actor=None, now=made
        )
        for number in range(5):
            told = event(f"R-{number}")["order"]
            paid = PaidOrder(**told)
            orders.accept("shop", f"e{number}", paid, now=timezone.now())
        until(lambda: len(erp.refs) == 5, crew)
        until(lambda: Outbox.objects.filter(state="sent").count() == 5, crew)
        assert len(set(erp.refs)) == 5
    crew.start("broker")


def test_a_killed_broker_loses_nothing_and_delays_little(
    crew: Crew, dials: Dials
) -> None:
    """Steps go on while it is down, for the worker looks at the table itself."""
    crew.start("broker", "beat", "worker")
    keys = [f"unrung-{n}" for n in range(6)]
    dials.hang_on("unrung-2")
    for number, key in enumerate(keys):
        write(key, after=keys[max(0, number - 1) : number])
    assert dials.hanging.wait(PATIENCE_S), crew.words()
    crew.kill("broker")
    write("while-down", due_at=timezone.now() + timedelta(seconds=1))
    dials.let_go.set()
    until(lambda: verified(*keys, "while-down"), crew)
    crew.start("broker")
    write("afterwards")
    until(lambda: verified("afterwards"), crew)
    assert {dials.turned[key] for key in [*keys, "while-down", "afterwards"]} == {1}
    lateness = Step.objects.get(key="while-down").lateness_s
    assert lateness is not None and lateness < PATIENCE_S


def test_a_killed_beat_loses_nothing_and_delays_little(
    crew: Crew, dials: Dials
) -> None:
    crew.start("broker", "beat", "worker")
    write("first")
    until(lambda: verified("first"), crew)
    crew.kill("beat")
    write("second", due_at=timezone.now() + timedelta(seconds=1))
    until(lambda: verified("second"), crew)
    crew.start("beat")
    assert dials.turned["second"] == 1
    lateness = Step.objects.get(key="second").lateness_s
    assert lateness is not None and lateness < PATIENCE_S


def test_a_frozen_worker_wakes_to_find_its_step_done(crew: Crew, dials: Dials) -> None:
    """Its lease ended while it stood still: what it writes after waking is refused."""
    crew.start("broker", "beat", "worker")
    dials.hang_on("slow")
    write("slow")
    assert dials.hanging.wait(PATIENCE_S), crew.words()
    crew.freeze("worker")
    dials.let_go.set()
    crew.start("helper")
    until(lambda: verified("slow"), crew)
    done = Step.objects.get(key="slow")
    crew.thaw("worker")
    until(lambda: crew.said("worker", "stale result refused"), crew)
    after = Step.objects.get(key="slow")
    assert (after.note, after.finished_at) == (done.note, done.finished_at)
    assert (after.fence, dials.turned["slow"]) == (2, 1)
