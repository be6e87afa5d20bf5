"""When each step of a plan would start and end, and how late; plain Python."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


class Planned(Protocol):
    """What a step must say: its key, when it is due, and the keys it comes after.

    started_at: None if it has not started.
    """

    key: str
    due_at: datetime
    started_at: datetime | None
    after: list[str]


@dataclass(frozen=True)
class Pace:
    """How long a kind of step takes, in seconds. basis: where that is known from."""

    seconds: float
    basis: str


@dataclass(frozen=True)
class Foreseen:
    """One step as it would run. late_s: from the instant it is due to its start.

    pace: None where nothing is known; then it is taken to end at once.
    waits_for: the key that keeps it waiting; empty if it starts when due.
    """

    key: str
    starts_at: datetime
    ends_at: datetime
    late_s: float
    pace: Pace | None
    waits_for: str


def foresee(
    steps: Sequence[Planned],
    paces: Callable[[str], Pace | None],
    *,
    now: datetime,
    never: Collection[str] = (),
) -> list[Foreseen]:
    """Run the steps on paper: each starts when due, and after what it comes after.

    paces: by key. never: keys of steps that will not settle. A key that is neither one
    of these nor of the steps has settled already. What comes after one that never
    settles, or after itself in a circle, never starts and is left out.
    """
    done: dict[str, Foreseen] = {}
    left = {step.key: step for step in steps}
    while True:
        waiting = left.keys() | set(never)
        free = [step for step in left.values() if not waiting & set(step.after)]
        if not free:
            return sorted(done.values(), key=lambda one: (one.starts_at, one.ends_at))
        for step in free:
            done[step.key] = _one(step, done, paces(step.key), now)
            del left[step.key]


def _one(
    step: Planned, done: Mapping[str, Foreseen], pace: Pace | None, now: datetime
) -> Foreseen:
    last = _last(done[key] for key in step.after if key in done)
    soonest = max(step.due_at, now)
    starts_at = step.started_at or max(soonest, last.ends_at if last else soonest)
    waited = last.key if last and starts_at > soonest else ""
    ends_at = max(now, starts_at + timedelta(seconds=pace.seconds if pace else 0))
    late_s = max(0.0, (starts_at - step.due_at).total_seconds())
    return Foreseen(step.key, starts_at, ends_at, late_s, pace, waited)


def _last(found: Iterable[Foreseen]) -> Foreseen | None:
    return max(found, key=lambda one: one.ends_at, default=None)
