"""The built-in kind: put back what other steps of a plan changed."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from console.errors import Refusal
from console.runbook import operations, rules
from console.runbook.handlers import Seen, handles
from console.runbook.models import Step
from console.runbook.rules import NOT_STARTED, Event, NotNow, State

POLL_S = 0.5
NOT_DONE = "Put back before it was done"


class NotAllReverted(Refusal):
    """Some of the steps could not be put back."""

    code = "not_all_reverted"


@handles("runbook.revert")
def revert_steps(step: Step) -> Seen:
    """Revert the named steps, latest due first; pending until all are put back.

    One that never ran is skipped, one under way is waited for. One that fails does not
    stop the others; trying this step again tries it again.

    Raises:
        NotAllReverted: some could not be put back, and the others were.
    """
    steps = _named(step)
    for one in steps:
        if _may_begin(one, steps):
            _begin(one, again=step.state == State.RUNNING)
    return _answer(_named(step))


def _named(step: Step) -> list[Step]:
    keys = step.wanted.get("keys", [])
    return list(Step.objects.filter(key__in=keys).order_by("-due_at", "-pk"))


def _may_begin(step: Step, others: Sequence[Step]) -> bool:
    """True once all that was due later, or came after it, is back or stuck."""
    later = (o for o in others if o.due_at > step.due_at or step.key in o.after)
    return all(_is_back(other) or _is_stuck(other) for other in later)


def _is_back(step: Step) -> bool:
    """True if nothing is left to put back."""
    if step.state == State.REVERTED:
        return True
    ended = step.state in rules.FINISHED and not _is_stuck(step)
    untouched = step.started_at is None or not step.reversible or step.undoing
    return ended and untouched


def _is_stuck(step: Step) -> bool:
    return step.undoing and step.state == State.FAILED


def _begin(step: Step, *, again: bool) -> None:
    """Start to put one step back; where a worker holds it, the next poll will."""
    now = timezone.now()
    try:
        if step.state in NOT_STARTED:
            operations.skip(step.pk, reason=NOT_DONE, actor=None, now=now)
        elif _is_stuck(step):
            if again:
                operations.retry(step.pk, actor=None, now=now)
        elif not _is_back(step) and rules.allows(step.state, Event.REVERT):
            operations.revert(step.pk, actor=None, now=now)
    except NotNow:
        return


def _answer(steps: Sequence[Step]) -> Seen:
    waiting = [one for one in steps if not _is_back(one) and not _is_stuck(one)]
    stuck = [one for one in steps if _is_stuck(one)]
    if stuck and not waiting:
        names = rules.sentence(one.title for one in stuck)
        raise NotAllReverted(f"Not put back: {names}. See why there, then retry here.")
    back = len(steps) - len(waiting) - len(stuck)
    return Seen(
        {"back": back, "total": len(steps)},
        f"{back} of {len(steps)} put back",
        pending=bool(waiting),
        poll_after_s=POLL_S,
        progress=back / len(steps) if steps else 1.0,
    )
