"""Rewriting a step that has not started: what it wants, and what it comes after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from console.audit.operations import operation, record
from console.runbook.models import Step
from console.runbook.operations import Actor
from console.runbook.rules import NOT_STARTED, NotNow


def is_untouched(step: Step) -> bool:
    """True while nobody has begun to work on it."""
    return step.state in NOT_STARTED and step.started_at is None


@operation()
def rewrite(
    step_id: int,
    *,
    wanted: Mapping[str, Any] | None = None,
    title: str = "",
    after: Sequence[str] | None = None,
    actor: Actor,
    now: datetime,
) -> Step:
    """Change what a step wants, is called or comes after; what is not given stays.

    Raises:
        NotNow: it has started, so another step must change what it did.
    """
    step = Step.objects.select_for_update().get(pk=step_id)
    if not is_untouched(step):
        raise NotNow(f"“{step.title}” has started: it can no longer be rewritten.")
    before = {"title": step.title, "after": step.after}
    step.wanted = step.wanted if wanted is None else dict(wanted)
    step.title = title[:200] or step.title
    step.after = step.after if after is None else list(after)
    step.save(update_fields=["wanted", "title", "after"])
    told = {"title": step.title, "after": step.after}
    record(actor, "runbook.rewrite", step, now=now, before=before, after=told)
    return step
