"""Benches: what they share. Each prints JSON lines in the form of docs/numbers.md."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence

REFERENCE_S = 0.044
"""The loop of `pace` as fast as it was ever seen: on a processor nobody else uses."""


def say(
    name: str,
    value: float,
    unit: str,
    *,
    limit: float | None = None,
    peer: float | None = None,
    n: int = 1,
) -> None:
    """Print one figure; limit and peer are of the same run, in the same unit.

    pace: how many times slower than usual the processor is at this moment.
    """
    line = {
        "bench": name,
        "value": round(value, 3),
        "unit": unit,
        "limit": limit and round(limit, 3),
        "peer": peer and round(peer, 3),
        "ratio_limit": limit and round(value / limit, 3),
        "ratio_peer": peer and round(value / peer, 3),
        "load": round(os.getloadavg()[0], 2),
        "pace": round(pace(), 2),
        "n": n,
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def pace() -> float:
    """How many times longer than `REFERENCE_S` a million additions take just now.

    A virtual processor is given less or more of a real one from minute to minute; a
    limit in ms means one that is whole.
    """
    return min(_loop_s() for _ in range(3)) / REFERENCE_S


def _loop_s() -> float:
    began, total = time.perf_counter(), 0
    for number in range(1_000_000):
        total += number
    return time.perf_counter() - began


def medians(
    works: dict[str, Callable[[], Sequence[float]]], *, rounds: int = 3
) -> dict[str, list[float]]:
    """Run all works in turn, several rounds, and take the median of each figure.

    In turn, so that a busy moment of the machine touches all of them.
    """
    runs: dict[str, list[Sequence[float]]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            runs[name].append(work())
    return {
        name: [statistics.median(column) for column in zip(*figures, strict=True)]
        for name, figures in runs.items()
    }
