"""A reply lost after its effect: no floor stays up, none is restored wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.utils import timezone

from console.capacity.models import Raise
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.runbook.rules import State
from tests import make
from tests.providers.rude import Lossy, Rude, rude
from tests.sandboxed import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(sandbox: Sandbox) -> Iterator[Rude]:
    """The way to the cloud; the test says which replies are lost on it."""
    with rude() as server:
        make.connection("cloud", base_url=server.url, secret=sandbox.token)
        yield server


def _settle(step: Step) -> Step:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        Step.objects.filter(lease_until=None).update(ready_at=timezone.now())
        for claim in runbook.claim_due(now=timezone.now()):
            runbook.run(claim, now=timezone.now())
        step.refresh_from_db()
        if step.state in {State.VERIFIED, State.FAILED, State.REVERTED}:
            return step
        time.sleep(0.05)
    raise AssertionError(step.state)


@pytest.mark.parametrize("lost", [1, 2, 3, 4, 5, 6, 7, 8])
def test_whichever_reply_is_lost_the_floor_ends_where_it_was(
    sandbox: Sandbox, line: Rude, lost: int
) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    line.manner = Lossy(port, {lost})
    now = timezone.now()
    wanted = {"connection": "cloud", "group": "web", "floor": 6}
    step = make.step("s", "capacity.raise_floor", wanted=wanted, due_at=now, now=now)
    assert _settle(step).state == State.VERIFIED
    assert step.before["floor"] == 2
    assert sandbox.tell("GET", "/cloud/groups/web")["serving"] >= 6
    cache.clear()
    runbook.revert(step.pk, actor=None, now=timezone.now())
    assert _settle(step).state == State.REVERTED
    assert sandbox.tell("GET", "/cloud/groups/web")["floor"] == 2
    assert not Raise.objects.exists()
