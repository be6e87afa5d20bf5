"""The bell's strokes, in this thread; tests/faults plays them with real processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from kombu.exceptions import OperationalError

from console.runbook import bell, tasks
from console.runbook.models import Step
from console.runbook.rules import State
from console.shell import health
from tests import make
from tests.racing import in_parallel
from tests.runbook.kinds import world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queue() -> Iterator[redis.Redis]:
    """The broker's queue, empty."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete("doorbuster")
    yield client
    client.close()


def test_one_call_does_a_whole_chain(queue: redis.Redis) -> None:
    now = timezone.now()
    make.step("c", "test.note", after=["b"], due_at=now)
    make.step("b", after=["a"], due_at=now)
    make.step("a", due_at=now)
    tasks.run()
    assert set(Step.objects.values_list("state", flat=True)) == {State.VERIFIED}
    assert world.calls["a"] == world.calls["b"] == world.calls["c"] == 1


def test_a_tick_calls_one_worker_a_step_up_to_its_width(queue: redis.Redis) -> None:
    now = timezone.now()
    for _ in range(3):
        make.step(due_at=now, now=now - timedelta(seconds=1))
    tasks.tick()
    assert queue.llen("doorbuster") == 3
    for _ in range(20):
        make.step(due_at=now, now=now - timedelta(seconds=1))
    queue.delete("doorbuster")
    tasks.tick()
    assert queue.llen("doorbuster") == tasks.FAN_OUT


def test_a_worker_keeps_threads_free_for_other_tasks() -> None:
    now = timezone.now()
    for _ in range(20):
        make.step(due_at=now)
    together, most, gate = [], [], threading.Lock()

    def slow() -> None:
        with gate:
            together.append(1)
            most.append(len(together))
        time.sleep(0.05)
        with gate:
            together.pop()

    world.meanwhile = slow
    in_parallel(12, lambda _: tasks.run())
    assert max(most) <= tasks.FAN_OUT
    assert Step.objects.filter(state=State.VERIFIED).count() == 20


def test_a_call_while_all_hands_are_busy_ends_at_once() -> None:
    make.step(due_at=timezone.now())
    for _ in range(tasks.FAN_OUT):
        assert tasks._hands.acquire(blocking=False)
    try:
        tasks.run()
    finally:
        tasks._hands.release(tasks.FAN_OUT)
    assert Step.objects.get().state == State.PLANNED


def test_writing_a_due_step_rings_and_a_later_one_does_not(queue: redis.Redis) -> None:
    now = timezone.now()
    make.step(due_at=now + timedelta(hours=1), now=now)
    assert queue.llen("doorbuster") == 0
    make.step(due_at=now, now=now)
    assert queue.llen("doorbuster") == 1


def test_a_broken_bell_does_not_stop_the_writer(monkeypatch) -> None:
    def dead(*_: object, **__: object) -> None:
        raise OperationalError("nobody there")

    monkeypatch.setattr(bell, "_deaf_until", 0.0)
    monkeypatch.setattr(bell.current_app, "send_task", dead)
    now = timezone.now()
    make.step(due_at=now, now=now)
    assert Step.objects.count() == 1


def test_who_works_through_a_list_waits_for_a_broken_bell_once(monkeypatch) -> None:
    tried = []

    def dead(*_: object, **__: object) -> None:
        tried.append(1)
        raise OperationalError("nobody there")

    monkeypatch.setattr(bell, "_deaf_until", 0.0)
    monkeypatch.setattr(bell.current_app, "send_task", dead)
    for _ in range(6):
        bell.ring()
    assert len(tried) == 1
    monkeypatch.setattr(bell, "_deaf_until", time.monotonic())
    bell.ring()
    assert len(tried) == 2


def test_the_watch_looks_by_itself_when_the_bell_is_silent() -> None:
    make.step("a", due_at=timezone.now())
    tasks.silence._look()
    assert Step.objects.get().state == State.VERIFIED


def test_the_doctor_names_what_is_overdue(capsys: pytest.CaptureFixture[str]) -> None:
    now = timezone.now()
    checks = {check.name: check for check in health.examine(now=now)}
    assert checks["Runbook"].state == "ok"
    make.step(title="Open the sale", due_at=now - timedelta(minutes=1))
    with pytest.raises(SystemExit):
        call_command("doctor")
    assert "1 overdue, the longest by 60 s: Open the sale" in capsys.readouterr().out
