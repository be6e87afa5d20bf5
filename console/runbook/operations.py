"""Every write of the run sheet: planning, and what a person may do to a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Case, F, Q, When
from django.db.models.functions import Greatest

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.runbook import handlers, rules
from console.runbook.bell import ring_after_commit
from console.runbook.models import Hold, Step
from console.runbook.rules import NOT_STARTED, OPENING_PHASES, Event, Phase, State
from console.runbook.work import Claim, claim_due, run

__all__ = [
    "Claim",
    "cancel",
    "claim_due",
    "hold",
    "move",
    "plan",
    "release",
    "retry",
    "revert",
    "run",
    "run_now",
    "skip",
]

Actor = User | AnonymousUser | None


def plan(
    key: str,
    kind: str,
    *,
    plan: str,
    title: str,
    due_at: datetime,
    now: datetime,
    target: str = "",
    wanted: Mapping[str, Any] | None = None,
    phase: Phase | str = Phase.PREPARE,
    policy: rules.Policy | str = rules.Policy.BLOCKER,
    after: Sequence[str] = (),
    t_offset_s: int | None = None,
    max_tries: int = 8,
    position: int = 0,
) -> Step:
    """Write down one thing to do, in the caller's transaction.

    The same key twice is the same step: the one already there is returned unchanged.

    after: keys of steps that must settle first; a key that never appears blocks.

    Raises:
        UnknownKind: no room handles this kind.
    """
    values = {
        "kind": kind,
        "plan": plan,
        "title": title,
        "target": target,
        "phase": Phase(phase),
        "position": position,
        "wanted": dict(wanted or {}),
        "due_at": due_at,
        "ready_at": due_at,
        "t_offset_s": t_offset_s,
        "after": list(after),
        "policy": rules.Policy(policy),
        "max_tries": max_tries,
        "reversible": handlers.handler(kind).revert is not None,
    }
    step, created = Step.objects.get_or_create(key=key, defaults=values)
    if created and due_at <= now:
        ring_after_commit()
    return step


@operation()
def run_now(step_id: int, *, actor: Actor, now: datetime) -> Step:
    """Do a planned step at once, or end the wait of one that backs off.

    Raises:
        NotNow: it is not waiting.
        StillBlocked: what it comes after is not settled.
        PlanHeld: a gate is closed before it.
    """
    step = _locked(step_id)
    _check_not_blocked(step)
    _check_not_held(step)
    return _move(step, Event.RUN_NOW, "runbook.run_now", actor, now)


@operation()
def retry(step_id: int, *, actor: Actor, now: datetime) -> Step:
    """Try a failed step again, with all its tries; a failed revert is tried as one.

    Raises:
        NotNow: it has not failed.
    """
    step = _locked(step_id)
    event = Event.RETRY_REVERT if step.undoing else Event.RETRY
    return _move(step, event, "runbook.retry", actor, now)


@operation()
def skip(step_id: int, *, reason: str, actor: Actor, now: datetime) -> Step:
    """Leave a step out; what comes after it may start.

    Raises:
        ReasonMissing: nobody said why.
        NotNow: it is being worked on, or already done.
    """
    why = rules.check_reason(reason)
    step = _locked(step_id)
    return _move(step, Event.SKIP, "runbook.skip", actor, now, reason=why)


@operation()
def revert(step_id: int, *, actor: Actor, now: datetime) -> Step:
    """Put back what the step changed, by its handler, where it is still as applied.

    Raises:
        CannotRevert: it changed nothing, or its kind cannot be undone.
        NotNow: it is being worked on.
    """
    step = _locked(step_id)
    rules.check_revert(step.state, reversible=step.reversible, held=_is_held(step))
    if step.started_at is None:
        raise rules.CannotRevert("The step never ran, so there is nothing to put back.")
    return _move(step, Event.REVERT, "runbook.revert", actor, now)


@operation()
def cancel(
    plan: str, *, reason: str, actor: Actor, now: datetime, keep: Sequence[str] = ()
) -> int:
    """Skip every step of a plan that is not under way; how many there were.

    keep: keys of steps that stay, such as those that put things back.
    """
    why = rules.check_reason(reason)
    waiting = Step.objects.filter(plan=plan, state__in=NOT_STARTED)
    waiting = waiting.exclude(key__in=keep)
    count = waiting.update(
        state=State.SKIPPED, reason=why[:300], finished_at=now, fence=F("fence") + 1
    )
    record(actor, "runbook.cancel", plan, now=now, after={"skipped": count}, reason=why)
    ring_after_commit()
    return count


@operation()
def move(
    plan: str,
    *,
    opens_by: timedelta = timedelta(0),
    closes_by: timedelta = timedelta(0),
    actor: Actor,
    now: datetime,
) -> int:
    """Move what has not started with an amended window; how many steps moved.

    Steps up to the opening move by `opens_by`, the others by `closes_by`; nothing moves
    into the past.
    """
    waiting = Step.objects.filter(plan=plan, state__in=NOT_STARTED, started_at=None)
    early = Q(phase__in=OPENING_PHASES)
    due_at = Case(
        When(early, then=Greatest(F("due_at") + opens_by, now)),
        default=Greatest(F("due_at") + closes_by, now),
    )
    longer = int((closes_by - opens_by).total_seconds())
    offset = Case(When(early, then=F("t_offset_s")), default=F("t_offset_s") + longer)
    count = waiting.update(due_at=due_at, ready_at=due_at, t_offset_s=offset)
    moved = {"opens_by_s": int(opens_by.total_seconds())}
    moved |= {"closes_by_s": int(closes_by.total_seconds()), "steps": count}
    record(actor, "runbook.move", plan, now=now, after=moved)
    ring_after_commit()
    return count


@operation()
def hold(plan: str, *, reason: str, now: datetime) -> Hold:
    """Close a gate before the opening steps of a plan; closed twice, the reason is new.

    Raises:
        ReasonMissing: nobody said why.
    """
    why = rules.check_reason(reason)[:300]
    values = {"reason": why, "since": now}
    return Hold.objects.update_or_create(plan=plan, defaults=values)[0]


@operation()
def release(plan: str) -> bool:
    """Open the gate of a plan; False if there was none."""
    gone = Hold.objects.filter(plan=plan).delete()[0] > 0
    if gone:
        ring_after_commit()
    return gone


def _check_not_held(step: Step) -> None:
    gate = Hold.objects.filter(plan=step.plan).first()
    if gate and step.phase in OPENING_PHASES:
        raise rules.PlanHeld(f"The plan is held: {gate.reason}")


def _locked(step_id: int) -> Step:
    return Step.objects.select_for_update().get(pk=step_id)


def _is_held(step: Step) -> bool:
    return step.lease_until is not None


def _check_not_blocked(step: Step) -> None:
    if Step.objects.blocked().filter(pk=step.pk).exists():
        first = Step.objects.filter(key__in=step.after).order_by("due_at", "pk")
        open_ = [s.title for s in first if not rules.settled(s.state, s.policy)]
        names = rules.sentence(open_ or step.after)
        raise rules.StillBlocked(
            f"“{step.title}” comes after {names}: finish or skip that first."
        )


def _move(
    step: Step, event: Event, verb: str, actor: Actor, now: datetime, reason: str = ""
) -> Step:
    """Change the state as a person wants; whoever held the step may no longer write.

    Raises:
        OutOfScope: the person is limited to other categories or markets.
    """
    check_within(actor, Kind.CAMPAIGN, [step.plan.removeprefix("campaign:")])
    was = step.state
    step.state = rules.after(was, event)
    step.fence += 1
    step.lease_until = None
    step.ready_at = now
    step.finished_at = now if step.state == State.SKIPPED else None
    step.reason = reason[:300]
    step.undoing = step.state == State.REVERTING or (
        step.undoing and step.state == State.SKIPPED
    )
    if event != Event.SKIP:
        step.tries, step.error, step.error_kind = 0, "", ""
    step.save()
    before, after = {"state": was}, {"state": step.state}
    record(actor, verb, step, now=now, before=before, after=after, reason=reason)
    ring_after_commit()
    return step
