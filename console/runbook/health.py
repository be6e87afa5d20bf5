"""Is anybody doing what is due?"""

from __future__ import annotations

from datetime import datetime

from console.runbook import queries
from console.shell.health import Awake, Check, check


@check
def runbook(now: datetime) -> list[Check]:
    """No step waits that could have started."""
    overdue = [one for one in queries.late(now=now) if not one.started]
    if not overdue:
        return [Check("Runbook", Awake.OK, "No step is overdue", at=now)]
    worst = overdue[0]
    note = f"{len(overdue)} overdue, the longest by {worst.late_s:.0f} s: {worst.title}"
    fix = (
        "Start a worker: `celery -A config.celery worker`. Missed steps then run once."
    )
    return [Check("Runbook", Awake.LATE, note, fix)]
