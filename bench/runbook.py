"""How long two workers take to claim 1,000 due steps: `python -m bench.runbook`."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from multiprocessing.pool import Pool
from typing import Any

import django
import psycopg

from bench import medians, say, stage

COUNT = 1000
NOW = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)
BARE = """
update runbook_step set state = 'running', fence = fence + 1, lease_until = %(end)s,
    ready_at = %(end)s
where id in (select id from runbook_step where state = 'planned'
    and ready_at <= %(now)s order by ready_at limit 20 for update skip locked)
returning id
"""
END = datetime(2026, 11, 27, 19, 1, tzinfo=UTC)


def main() -> None:
    """Measure one step a claim, as the tasks do, and twenty; beside bare SQL."""
    with stage.database():
        context = multiprocessing.get_context("spawn")
        with context.Pool(2, initializer=django.setup) as workers:
            found = medians(
                {
                    "one": lambda: _race(workers, _claim, 1),
                    "twenty": lambda: _race(workers, _claim, 20),
                    "bare": lambda: _race(workers, _claim_bare, 20),
                }
            )
    bare = found["bare"][0]
    say("capacity.claim_s", found["twenty"][0], "s", limit=bare, n=3)
    say("capacity.claim_one_s", found["one"][0], "s", limit=bare, n=3)


def _race(
    workers: Pool, claim: Callable[[int], tuple[float, list[int]]], width: int
) -> Sequence[float]:
    """Seconds until both found nothing left.

    Raises:
        RuntimeError: a step was claimed twice, or not at all.
    """
    _fill()
    shares = workers.map(claim, [width, width], chunksize=1)
    claimed = [pk for _, pks in shares for pk in pks]
    if len(claimed) != COUNT or len(set(claimed)) != COUNT:
        raise RuntimeError(f"{len(claimed)} claims of {len(set(claimed))} steps")
    return [max(seconds for seconds, _ in shares)]


def _fill() -> None:
    from console.runbook.models import Step

    Step.objects.all().delete()
    values: dict[str, Any] = {"kind": "runbook.revert", "plan": "bench", "phase": "run"}
    values |= {"title": "A step", "due_at": NOW, "ready_at": NOW}
    Step.objects.bulk_create(Step(key=f"step-{n}", **values) for n in range(COUNT))


def _claim(width: int) -> tuple[float, list[int]]:
    from console.runbook import operations

    began, found = time.perf_counter(), []
    while claims := operations.claim_due(now=NOW, limit=width):
        found += [claim.step_id for claim in claims]
    return time.perf_counter() - began, found


def _claim_bare(_: int) -> tuple[float, list[int]]:
    began, found = time.perf_counter(), []
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as db:
        while rows := db.execute(BARE, {"now": NOW, "end": END}).fetchall():
            found += [row[0] for row in rows]
    return time.perf_counter() - began, found


if __name__ == "__main__":
    main()
