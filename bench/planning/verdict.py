"""Fatigue verdict and earliest date of 10,000 SKUs against ten years of sales.

`planning.verdict_ms_p95`: 5,000 campaigns, 500 of its own scope; and the worst case,
all of one audience and of its shelves. As while a plan is dragged: its own lines are
read once, which `first` includes.
`planning.verdict_growth`: the time at 50,000 campaigns over that at 500, the same 500
of them in the plan's own scopes.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from datetime import timedelta

from bench import say
from bench.planning import _world
from bench.stage import database

ROUNDS = 40
LIMIT_MS = 50
LIMIT_GROWTH = 2


def main() -> None:
    """Print both figures; each shop has a process and a database of its own."""
    _tell("planning.verdict_ms_p95 all of its scope", _apart(5000, 5000))
    medians = {}
    for count in (500, 5000, 50000):
        found = _apart(count, _world.IN_SCOPE)
        if count == 5000:
            _tell("planning.verdict_ms_p95", found)
        medians[count] = statistics.median(found[1:])
        say(f"planning.verdict_ms_median {count}", medians[count], "ms", n=ROUNDS)
    growth = medians[50000] / medians[500]
    say("planning.verdict_growth", growth, "x", limit=LIMIT_GROWTH, n=ROUNDS)


def _tell(name: str, found: list[float]) -> None:
    first, *others = found
    slow = statistics.quantiles(others, n=20)[-1]
    say(name, slow, "ms", limit=LIMIT_MS, n=ROUNDS)
    say(f"{name}, first", first, "ms")


def _apart(campaigns: int, shared: int) -> list[float]:
    command = [sys.executable, "-m", "bench.planning.verdict"]
    command += [str(campaigns), str(shared)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: list[float] = json.loads(done.stdout)
    return found


def _times(campaigns: int, *, shared: int) -> list[float]:
    """A verdict for each of so many days, in ms; the first reads the lines."""
    from console.campaigns.queries.footprints import recent
    from console.campaigns.queries.judging import case, panel
    from console.fatigue.rules import Sale

    one = _world.shop(campaigns, shared=shared)
    _world.analyze()
    found = []
    for day in range(-3, ROUNDS + 1):
        if day == 0:
            one.updated_at += timedelta(seconds=1)  # as if a line had just changed
        opens = _world.NOW + timedelta(days=30 + day)
        began = time.perf_counter()
        touched = recent(one)
        sale = Sale(one.code, one.name, opens, opens + timedelta(hours=4), 0.3,
                    occasion="Launch")  # fmt: skip
        panel(case(sale, touched, at=_world.NOW)).verdict(opens)
        found.append((time.perf_counter() - began) * 1000)
    return found[3:]


def _alone(campaigns: int, shared: int) -> None:
    with database():
        sys.stdout.write(json.dumps(_times(campaigns, shared=shared)))


if __name__ == "__main__":
    _alone(*map(int, sys.argv[1:])) if sys.argv[1:] else main()
