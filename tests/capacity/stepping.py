"""Steps of this room, made due and worked on as the ticking worker does."""

from __future__ import annotations

import time
from typing import Any

from django.utils import timezone

from console.runbook import operations as runbook
from console.runbook.models import Step
from console.runbook.rules import State
from tests import make

SETTLED = {State.VERIFIED, State.FAILED, State.REVERTED, State.SKIPPED}


def a_step(kind: str, key: str = "", **wanted: Any) -> Step:
    now = timezone.now()
    key = key or f"campaign:FS-1/{kind}"
    return make.step(key, f"capacity.{kind}", wanted=wanted, due_at=now, now=now)


def run(step: Step, *, within_s: float = 15.0) -> Step:
    """Work like the ticking worker does, until the step is settled."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        for claim in runbook.claim_due(now=timezone.now()):
            runbook.run(claim, now=timezone.now())
        step.refresh_from_db()
        if step.state in SETTLED:
            return step
        time.sleep(0.05)
    raise AssertionError(f"{step.key} is still {step.state}: {step.note} {step.error}")
