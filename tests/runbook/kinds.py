"""Step kinds that exist in tests only: a dial that can be turned, and ways to fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from console.errors import OutsideFailure, Refusal
from console.runbook import operations
from console.runbook.handlers import Drifted, Seen, handles
from console.runbook.models import Step
from tests.make import NOW


@dataclass
class World:
    """What the test handlers find outside: dials by target, and what was asked."""

    dials: dict[str, int] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    failing: list[Exception] = field(default_factory=list)
    pending: dict[str, int] = field(default_factory=dict)
    in_transaction: list[bool] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    afterwards: Callable[[], None] = lambda: None

    def reset(self) -> None:
        """As new."""
        self.__init__()  # type: ignore[misc]


world = World()


def _before(step: Step) -> dict[str, Any]:
    world.calls[f"before {step.target}"] += 1
    return {"dial": world.dials.get(step.target, 0)}


def _revert(step: Step) -> Seen:
    world.order.append(step.key)
    assert step.before is not None
    current = world.dials.get(step.target, 0)
    if current not in (step.wanted["dial"], step.before["dial"]):
        raise Drifted(f"{step.target} is {current}: somebody else turned it")
    world.dials[step.target] = step.before["dial"]
    return Seen({"dial": step.before["dial"]}, "put back")


@handles("test.dial", before=_before, revert=_revert)
def turn(step: Step) -> Seen:
    """Turn a dial to where it is wanted, if it is elsewhere."""
    world.calls[step.key] += 1
    world.in_transaction.append(connection.in_atomic_block)
    world.meanwhile()
    if world.failing:
        raise world.failing.pop(0)
    wanted = step.wanted.get("dial", 1)
    if world.dials.get(step.target) != wanted:
        world.dials[step.target] = wanted
        world.calls[f"turned {step.target}"] += 1
    world.afterwards()
    if world.pending.get(step.key, 0) > 0:
        world.pending[step.key] -= 1
        return Seen({"dial": None}, "turning", pending=True, progress=0.5)
    return Seen({"dial": wanted}, "turned")


@handles("test.note")
def note(step: Step) -> Seen:
    """Count that it was called; it changes nothing, so it cannot be reverted."""
    world.calls[step.key] += 1
    return Seen({"ok": True})


def flaky(retry_after_s: float | None = None) -> OutsideFailure:
    """They say: later."""
    return OutsideFailure(
        "busy", transient=True, kind="rate_limited", retry_after_s=retry_after_s
    )


def broken() -> OutsideFailure:
    """They say: never."""
    return OutsideFailure("no such group", transient=False, kind="not_found")


def refused() -> Refusal:
    """We say no."""
    return Refusal("not like this", code="not_like_this")


def run_due(at: datetime = NOW) -> list[Step]:
    """One round of the tick, in this thread."""
    claims = operations.claim_due(now=at)
    done = [operations.run(claim, now=at) for claim in claims]
    return [step for step in done if step is not None]
