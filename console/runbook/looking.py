"""Reading back what steps set, now and without changing anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from console.errors import OutsideFailure, Refusal
from console.runbook import handlers
from console.runbook.handlers import Setting
from console.runbook.models import Step
from console.runbook.rules import State


@dataclass(frozen=True)
class Look:
    """One step, and what it sets as it is now.

    settings: empty for a kind that sets nothing which could be read back.
    problem: why it could not be read, or that the step failed; empty otherwise.
    """

    step: Step
    settings: list[Setting]
    problem: str = ""

    @property
    def drift(self) -> list[Setting]:
        """What is not as it should be."""
        return [one for one in self.settings if not one.holds]


def look(step: Step) -> Look:
    """Read what a step sets, whether it has run or not.

    What the outside does not answer is a problem of this one step.
    """
    settings = handlers.handler(step.kind).settings
    if settings is None:
        return Look(step, [])
    try:
        return Look(step, settings(step))
    except (OutsideFailure, Refusal) as failed:
        return Look(step, [], failed.message)


def applied(steps: Iterable[Step]) -> list[Look]:
    """Read back what these steps have set, or put back; others have nothing to tell.

    A step that was begun counts, however it ended. One that failed is a problem, even
    if all it sets is right: nobody has settled it.
    """
    begun = (step for step in steps if step.started_at is not None)
    return [
        _judged(look(step)) for step in begun if handlers.handler(step.kind).settings
    ]


def _judged(found: Look) -> Look:
    step = found.step
    if found.problem or step.state != State.FAILED:
        return found
    what = "putting it back failed" if step.undoing else "it failed"
    return replace(found, problem=f"{what}: {step.error}")
