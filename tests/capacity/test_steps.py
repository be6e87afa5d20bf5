"""The steps of this room against a real sandbox, run by the runbook."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from console.capacity import watching
from console.capacity.models import LeadTime, MachineGroup, Raise
from console.providers.operations import open_port
from console.providers.ports import Scaler
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.runbook.rules import State
from tests import make
from tests.capacity.stepping import a_step
from tests.sandboxed import Sandbox
from tests.ticking import run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def _floor(floor: int, key: str = "floor", group: str = "web") -> Step:
    return a_step("raise_floor", key, connection="cloud", group=group, floor=floor)


def _revert(step: Step) -> Step:
    runbook.revert(step.pk, actor=None, now=timezone.now())
    return run(step)


def _group(name: str = "web") -> Any:
    return open_port(Scaler, "cloud").read(name)


def _set(floor: int, name: str = "web") -> None:
    seen = _group(name)
    open_port(Scaler, "cloud").set_floor(name, floor, version=seen.version, key="x")


def test_a_floor_is_raised_and_verified_only_when_it_serves() -> None:
    step = _floor(8)
    claim = runbook.claim_due(now=timezone.now())[0]
    runbook.run(claim, now=timezone.now())
    step.refresh_from_db()
    assert step.state == State.VERIFYING, "accepted is not in effect"
    assert step.before == {"floor": 2, "serving": 2}
    step = run(step)
    assert (step.state, step.seen["serving"]) == (State.VERIFIED, 8)
    assert MachineGroup.objects.get().floor == 8


def test_a_revert_restores_exactly_what_was_captured() -> None:
    step = _revert(run(_floor(8)))
    assert (step.state, step.note) == (State.REVERTED, "Floor back at 2")
    assert _group().floor == 2
    assert MachineGroup.objects.get().base is None
    assert not Raise.objects.exists()


def test_how_long_the_instances_took_is_kept_once() -> None:
    step = run(_floor(8))
    lead = LeadTime.objects.get()
    assert lead.instances == 6
    assert 0.3 < lead.seconds < 10
    _revert(step)
    assert LeadTime.objects.count() == 1


def test_it_never_lowers() -> None:
    _set(10)
    step = run(_floor(4))
    assert (step.state, _group().floor) == (State.VERIFIED, 10)
    assert not LeadTime.objects.exists()
    assert _revert(step).note.startswith("Left as it is")
    assert _group().floor == 10


def test_a_floor_somebody_else_moved_is_left_alone() -> None:
    step = run(_floor(8))
    _set(5)
    step = _revert(step)
    assert step.state == State.FAILED
    assert step.error_kind == "drifted"
    assert "is 5. We set 8 and would put back 2" in step.error
    assert _group().floor == 5
    _set(2)
    runbook.retry(step.pk, actor=None, now=timezone.now())
    assert run(step).state == State.REVERTED


def test_a_lost_reply_of_the_revert_is_harmless() -> None:
    step = run(_floor(8))
    _set(2)
    assert _revert(step).state == State.REVERTED


@pytest.mark.parametrize("first_down", ["a", "b"])
def test_overlapping_sales_stand_at_the_highest_and_end_at_the_start(
    first_down: str,
) -> None:
    steps = {"a": run(_floor(6, "a")), "b": run(_floor(9, "b"))}
    assert _group().floor == 9
    _revert(steps.pop(first_down))
    assert _group().floor == (9 if first_down == "a" else 6)
    _revert(steps.popitem()[1])
    assert _group().floor == 2


def test_more_than_the_maximum_is_refused_in_words() -> None:
    step = run(_floor(21))
    assert (step.state, step.error_kind) == (State.FAILED, "floor_above_maximum")
    assert _group().floor == 2


def test_a_rate_limited_cloud_is_waited_for(world: Sandbox) -> None:
    world.faults(cloud_429=1, retry_after_s=1)
    step = _floor(5)
    timer = threading.Timer(0.5, lambda: world.faults(cloud_429=None))
    timer.start()
    step = run(step)
    timer.join()
    assert (step.state, _group().floor) == (State.VERIFIED, 5)
    assert step.tries > 1


def test_machines_that_do_not_boot_end_in_words(world: Sandbox) -> None:
    world.faults(cloud_boot_fail=1)
    step = _floor(5)
    runbook.run(runbook.claim_due(now=timezone.now())[0], now=timezone.now())
    long_ago = timezone.now() - timedelta(minutes=5)
    Step.objects.update(started_at=long_ago)
    step = run(step)
    assert step.state == State.FAILED
    assert "serves 2 of 5 after" in step.error
    assert _revert(step).state == State.REVERTED
    assert _group().floor == 2


def test_another_step_at_the_same_group_waits() -> None:
    step = _floor(5)
    MachineGroup.objects.create(
        connection="cloud",
        name="web",
        busy_by="other",
        busy_until=timezone.now() + timedelta(seconds=1),
    )
    runbook.run(runbook.claim_due(now=timezone.now())[0], now=timezone.now())
    step.refresh_from_db()
    assert step.note == "Another step changes this group"
    assert _group().floor == 2
    assert run(step).state == State.VERIFIED


def test_drift_is_seen_named_and_mended() -> None:
    make.profile("web", maximum=20)
    run(_floor(8))
    _set(3)
    watching.look(now=timezone.now())
    row = MachineGroup.objects.get()
    assert row.drifted_at is not None
    assert "lowered the floor to 3; the sale needs 8" in row.trouble
    row = watching.raise_again(row.pk, actor=None, now=timezone.now())
    assert (row.floor, row.trouble) == (8, "")
    with pytest.raises(watching.NothingToRaise):
        watching.raise_again(row.pk, actor=None, now=timezone.now())


def test_a_group_that_cannot_be_read_keeps_its_age(world: Sandbox) -> None:
    make.profile("web")
    watching.look(now=make.NOW)
    world.faults(cloud_500=1)
    assert watching.look(now=timezone.now()) == 0
    row = MachineGroup.objects.get()
    assert (row.seen_at, row.floor) == (make.NOW, 2)
    assert "answered 500" in row.trouble
