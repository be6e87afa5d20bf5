"""A crash at every point of every step: the same end, and each effect once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from console.runbook import operations, work
from console.runbook.models import Step
from console.runbook.rules import State
from tests import make
from tests.make import NOW
from tests.runbook.kinds import world

pytestmark = pytest.mark.django_db

CHAIN = ["end", "holds", "prices", "purge", "stock", "scale"]
POINTS = ["before the handler", "in the middle of the handler", "before the result"]
LEASE = timedelta(seconds=60)


class Crash(BaseException):
    """The process is gone: nothing may catch this."""


def plan() -> None:
    for number, key in enumerate(CHAIN):
        make.step(key, target=key, after=CHAIN[max(0, number - 1) : number])


def die(*_: object) -> None:
    raise Crash


def live_through(
    at: datetime, victim: str, point: str, monkeypatch: pytest.MonkeyPatch
) -> datetime:
    """Rounds until the victim's turn, where the worker dies; the instant of it."""
    for _ in CHAIN:
        (claim,) = operations.claim_due(now=at)
        if Step.objects.get(pk=claim.step_id).key != victim:
            operations.run(claim, now=at)
            continue
        with monkeypatch.context() as patch, pytest.raises(Crash):
            if point == POINTS[0]:
                raise Crash
            if point == POINTS[1]:
                world.afterwards = die
            else:
                patch.setattr(work, "_write", die)
            operations.run(claim, now=at)
        world.afterwards = lambda: None
        return at
    raise AssertionError("the victim never had its turn")


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("victim", CHAIN)
def test_a_crash_anywhere_resumes_to_the_same_end(
    victim: str, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan()
    at = live_through(NOW, victim, point, monkeypatch)
    assert operations.claim_due(now=at) == [], "the lease still holds"
    at += LEASE
    while claims := operations.claim_due(now=at):
        for claim in claims:
            operations.run(claim, now=at)
    states = dict(Step.objects.values_list("key", "state"))
    assert states == dict.fromkeys(CHAIN, State.VERIFIED)
    assert {key: world.calls[f"turned {key}"] for key in CHAIN} == dict.fromkeys(
        CHAIN, 1
    )
    assert all(step.before == {"dial": 0} for step in Step.objects.all())
