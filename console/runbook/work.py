"""Claiming due steps and running them: leases, fences, and what a handler answered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from console.errors import OutsideFailure, Refusal
from console.runbook import handlers, rules
from console.runbook.handlers import Seen
from console.runbook.models import Step
from console.runbook.rules import Event, State

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Claim:
    """The right to work on a step until its lease ends or a newer claim is made."""

    step_id: int
    fence: int


@dataclass(frozen=True)
class Failure:
    """What went wrong, and whether waiting helps."""

    message: str
    kind: str
    transient: bool
    retry_after_s: float | None = None


@transaction.atomic
def claim_due(*, now: datetime, limit: int = 20) -> list[Claim]:
    """Take up to `limit` due steps; nobody else gets them while the lease runs.

    A step whose lease ended is due again: its worker died or stands still.
    """
    due = Step.objects.claimable(now).order_by("ready_at", "position", "pk")
    locked = due.select_for_update(skip_locked=True, of=("self",))
    found = list(locked.values_list("pk", "fence")[:limit])
    if found:
        lease_until = now + timedelta(seconds=settings.STEP_LEASE_S)
        taken = Step.objects.filter(pk__in=[pk for pk, _ in found])
        taken.take(now=now, lease_until=lease_until)
    return [Claim(pk, fence + 1) for pk, fence in found]


def run(claim: Claim, *, now: datetime) -> Step | None:
    """Work on a claimed step and write down what came of it.

    No transaction is open while the handler works. None: the claim is no longer the
    newest, so nothing was written.
    """
    step = _held(claim).first()
    if step is None:
        return None
    began = time.monotonic()
    answer = _work(step, claim)
    now += timedelta(seconds=time.monotonic() - began)
    if answer is None:
        return None
    values = _seen(step, answer, now) if isinstance(answer, Seen) else None
    return _write(claim, values or _failed(step, answer, now))


def _held(claim: Claim) -> Any:
    return Step.objects.filter(
        pk=claim.step_id, fence=claim.fence, lease_until__isnull=False
    )


def _work(step: Step, claim: Claim) -> Seen | Failure | None:
    """What the handler saw, or how it failed; None if the claim was lost meanwhile."""
    if step.tries > step.max_tries:
        return Failure(
            f"Given up after {step.max_tries} tries: the worker ended during each."
            " Look at its log, then retry.",
            "gave_up",
            transient=False,
        )
    try:
        return _handle(step, claim)
    except OutsideFailure as error:
        return Failure(error.message, error.kind, error.transient, error.retry_after_s)
    except Refusal as error:
        return Failure(error.message, error.code, transient=False)
    except (OperationalError, InterfaceError) as error:
        return Failure(f"Our database: {error}", "database", transient=True)
    except Exception as error:
        log.exception("step handler failed", key=step.key, kind=step.kind)
        told = f"A fault in Doorbuster: {type(error).__name__}: {error}"
        return Failure(told, "bug", transient=False)


def _handle(step: Step, claim: Claim) -> Seen | None:
    handler = handlers.handler(step.kind)
    if step.undoing:
        if handler.revert is None:
            raise rules.CannotRevert(f"Steps of kind {step.kind} cannot be reverted.")
        return handler.revert(step)
    if handler.before and step.before is None:
        step.before = dict(handler.before(step))
        if not _held(claim).update(before=step.before):
            return None
    return handler.apply(step)


def _seen(step: Step, seen: Seen, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {
        "seen": dict(seen.values),
        "note": seen.note[:300],
        "progress": seen.progress,
        "applied": step.wanted if step.applied is None else step.applied,
        "error": "",
        "error_kind": "",
    }
    if seen.pending:
        ready_at = now + timedelta(seconds=seen.poll_after_s)
        return values | _moved(step, Event.ACCEPT) | {"ready_at": ready_at}
    event = Event.FINISH_REVERT if step.undoing else Event.SUCCEED
    return values | _moved(step, event) | {"finished_at": now}


def _failed(step: Step, failure: Failure | Seen, now: datetime) -> dict[str, Any]:
    assert isinstance(failure, Failure)
    values = {"error": failure.message or failure.kind, "error_kind": failure.kind[:40]}
    tries = step.tries + (step.state != State.RUNNING)
    if not failure.transient or tries >= step.max_tries:
        moved = _moved(step, Event.FAIL)
        return values | moved | {"finished_at": now, "tries": tries}
    wait = timedelta(seconds=rules.backoff_s(max(tries, 1), failure.retry_after_s))
    moved = _moved(step, Event.BACK_OFF)
    return values | moved | {"ready_at": now + wait, "tries": tries}


def _moved(step: Step, event: Event) -> dict[str, Any]:
    return {"state": rules.after(step.state, event), "lease_until": None}


def _write(claim: Claim, values: Mapping[str, Any]) -> Step | None:
    """Write the result, unless a newer claim was made: then this one is void."""
    if not _held(claim).update(**values):
        log.warning("stale result refused", step=claim.step_id, fence=claim.fence)
        return None
    return Step.objects.get(pk=claim.step_id)
