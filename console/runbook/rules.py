"""States of a step, what may follow what, when to try again, what a failure stops."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from random import SystemRandom

from console.errors import Refusal


class State(StrEnum):
    """Where a step is between planned and settled."""

    PLANNED = "planned"
    DUE = "due"
    RUNNING = "running"
    VERIFYING = "verifying"
    VERIFIED = "verified"
    FAILED = "failed"
    SKIPPED = "skipped"
    REVERTING = "reverting"
    REVERTED = "reverted"


class Policy(StrEnum):
    """What a failure of the step does to those that come after it."""

    BLOCKER = "blocker"
    DEGRADE = "degrade"
    IGNORE = "ignore"


class Phase(StrEnum):
    """The chapter of the sale a step belongs to; the order is the order of the sale."""

    PREPARE = "prepare"
    SCALE = "scale"
    WARM = "warm"
    OPEN = "open"
    RUN = "run"
    END = "end"
    REVERT = "revert"
    CLOSE = "close"

    @property
    def label(self) -> str:
        """How the run sheet titles it."""
        return PHASE_LABELS[self]


PHASE_LABELS = {
    Phase.PREPARE: "Prepare",
    Phase.SCALE: "Scale up",
    Phase.WARM: "Warm",
    Phase.OPEN: "Open",
    Phase.RUN: "Run",
    Phase.END: "End",
    Phase.REVERT: "Revert",
    Phase.CLOSE: "Close",
}
OPENING_PHASES = frozenset({Phase.PREPARE, Phase.SCALE, Phase.WARM, Phase.OPEN})
"""Phases that move with the opening; the others move with the end."""


class Event(StrEnum):
    """What can happen to a step."""

    CLAIM = "claim"
    ACCEPT = "accept"
    SUCCEED = "succeed"
    BACK_OFF = "back_off"
    FAIL = "fail"
    RUN_NOW = "run_now"
    RETRY = "retry"
    RETRY_REVERT = "retry_revert"
    SKIP = "skip"
    REVERT = "revert"
    FINISH_REVERT = "finish_revert"


_S, _E = State, Event
TRANSITIONS: dict[tuple[State, Event], State] = {
    (_S.PLANNED, _E.CLAIM): _S.RUNNING,
    (_S.DUE, _E.CLAIM): _S.RUNNING,
    (_S.RUNNING, _E.CLAIM): _S.RUNNING,
    (_S.VERIFYING, _E.CLAIM): _S.VERIFYING,
    (_S.REVERTING, _E.CLAIM): _S.REVERTING,
    (_S.RUNNING, _E.ACCEPT): _S.VERIFYING,
    (_S.VERIFYING, _E.ACCEPT): _S.VERIFYING,
    (_S.REVERTING, _E.ACCEPT): _S.REVERTING,
    (_S.RUNNING, _E.SUCCEED): _S.VERIFIED,
    (_S.VERIFYING, _E.SUCCEED): _S.VERIFIED,
    (_S.REVERTING, _E.FINISH_REVERT): _S.REVERTED,
    (_S.RUNNING, _E.BACK_OFF): _S.DUE,
    (_S.VERIFYING, _E.BACK_OFF): _S.VERIFYING,
    (_S.REVERTING, _E.BACK_OFF): _S.REVERTING,
    (_S.RUNNING, _E.FAIL): _S.FAILED,
    (_S.VERIFYING, _E.FAIL): _S.FAILED,
    (_S.REVERTING, _E.FAIL): _S.FAILED,
    (_S.PLANNED, _E.RUN_NOW): _S.DUE,
    (_S.DUE, _E.RUN_NOW): _S.DUE,
    (_S.FAILED, _E.RETRY): _S.DUE,
    (_S.FAILED, _E.RETRY_REVERT): _S.REVERTING,
    (_S.PLANNED, _E.SKIP): _S.SKIPPED,
    (_S.DUE, _E.SKIP): _S.SKIPPED,
    (_S.VERIFYING, _E.SKIP): _S.SKIPPED,
    (_S.FAILED, _E.SKIP): _S.SKIPPED,
    (_S.VERIFYING, _E.REVERT): _S.REVERTING,
    (_S.VERIFIED, _E.REVERT): _S.REVERTING,
    (_S.FAILED, _E.REVERT): _S.REVERTING,
    (_S.SKIPPED, _E.REVERT): _S.REVERTING,
}

NOT_STARTED = frozenset({State.PLANNED, State.DUE})
LEASED = frozenset({State.RUNNING, State.VERIFYING, State.REVERTING})
OPEN = NOT_STARTED | LEASED
FINISHED = frozenset(State) - OPEN
DONE = frozenset({State.VERIFIED, State.SKIPPED, State.REVERTED})

BACKOFF_BASE_S = 2.0
BACKOFF_CAP_S = 300.0
_RANDOM = SystemRandom()
LATE_S = 30.0


class NotNow(Refusal):
    """The step is in a state in which this cannot be done."""

    code = "not_now"


class ReasonMissing(Refusal):
    """A step is only skipped by somebody who says why."""

    code = "reason_missing"
    status = 422


class CannotRevert(Refusal):
    """There is nothing to put back, or nobody knows how."""

    code = "cannot_revert"


class PlanHeld(Refusal):
    """A gate is closed before the opening steps of the plan."""

    code = "plan_held"


class StillBlocked(Refusal):
    """What the step comes after is not settled."""

    code = "still_blocked"


def after(state: State | str, event: Event) -> State:
    """The state that follows.

    Raises:
        NotNow: the event cannot happen in this state.
    """
    try:
        return TRANSITIONS[State(state), event]
    except KeyError:
        raise NotNow(_why_not(State(state), event)) from None


def allows(state: State | str, event: Event) -> bool:
    """True if the event can happen in this state."""
    return (State(state), event) in TRANSITIONS


def _why_not(state: State, event: Event) -> str:
    what = event.value.replace("_", " ")
    if state in {State.RUNNING, State.REVERTING}:
        return f"The step is {state.value}: wait until it ends, then {what}."
    return f"The step is {state.value}, so it cannot {what}. Reload to see it as it is."


def check_reason(reason: str) -> str:
    """The reason, trimmed.

    Raises:
        ReasonMissing: there is none.
    """
    if not reason.strip():
        raise ReasonMissing("Say why the step is left out.", field="reason")
    return reason.strip()


def check_revert(state: State | str, *, reversible: bool, held: bool) -> None:
    """Refuse to revert what cannot be, or what a worker holds this moment.

    Raises:
        CannotRevert: nobody knows how to undo this kind of step.
        NotNow: a worker holds it.
    """
    if not reversible:
        raise CannotRevert("Steps of this kind change nothing that could be put back.")
    if held:
        raise NotNow(
            f"The step is {State(state).value}: wait until it ends, then revert."
        )


def settled(state: State | str, policy: Policy | str) -> bool:
    """True if those that come after the step may start.

    Done always settles; a failure settles unless the step is a blocker.
    """
    return state in DONE or (state == State.FAILED and policy != Policy.BLOCKER)


def alarm(state: State | str, policy: Policy | str) -> str:
    """How loud the step is: "bad", "warn" or "" (nobody need look)."""
    if state != State.FAILED:
        return ""
    return {Policy.BLOCKER: "bad", Policy.DEGRADE: "warn", Policy.IGNORE: ""}[
        Policy(policy)
    ]


def backoff_s(tries: int, retry_after_s: float | None = None) -> float:
    """Seconds until the next try: full jitter below 2, 4, 8 … 256, at most 300.

    A wait the other side asked for is kept, and jittered upwards by a tenth.
    Source: AWS Architecture Blog, Exponential Backoff and Jitter (full jitter).

    tries: how many were made, from 1.
    """
    if retry_after_s is not None:
        return min(BACKOFF_CAP_S, retry_after_s * _RANDOM.uniform(1.0, 1.1))
    ceiling = min(BACKOFF_CAP_S, BACKOFF_BASE_S ** min(tries, 8))
    return _RANDOM.uniform(0.0, ceiling)


def sentence(names: Iterable[str]) -> str:
    """Names joined as one says them: "a", "a and b", "a, b and c"."""
    *most, last = list(names)
    return f"{', '.join(most)} and {last}" if most else last
