"""The run sheet for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from console.runbook import queries
from console.runbook.models import Step

FIELDS = ["key", "kind", "title", "target", "phase", "state", "policy", "due_at"]
FIELDS += ["started_at", "finished_at", "lateness_s", "tries", "before", "wanted"]
FIELDS += ["seen", "note", "progress", "error", "error_kind", "reason", "after"]


@require_safe
def sheet(_request: HttpRequest, plan: str) -> JsonResponse:
    """Tally and steps of a plan; a plan nobody wrote has no steps."""
    late = queries.late(now=timezone.now(), plan=plan)
    body = {
        "plan": plan,
        "tally": asdict(queries.tally(plan)),
        "late": [asdict(one) for one in late],
        "steps": [_step(step) for step in Step.objects.of(plan)],
    }
    return JsonResponse(body)


def _step(step: Step) -> dict[str, Any]:
    return {"id": step.pk} | {name: getattr(step, name) for name in FIELDS}
