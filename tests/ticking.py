"""Steps worked off as the ticking worker does, within a test."""

from __future__ import annotations

import time

from django.utils import timezone

from console.runbook import operations as runbook
from console.runbook.models import Step
from console.runbook.rules import State

SETTLED = {State.VERIFIED, State.FAILED, State.REVERTED, State.SKIPPED}


def run(step: Step, *, within_s: float = 30.0) -> Step:
    """Work until the step is settled.

    Raises:
        AssertionError: it is not, after so many seconds.
    """
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        for claim in runbook.claim_due(now=timezone.now()):
            runbook.run(claim, now=timezone.now())
        step.refresh_from_db()
        if step.state in SETTLED:
            return step
        time.sleep(0.02)
    raise AssertionError(f"{step.key} is still {step.state}: {step.note} {step.error}")
