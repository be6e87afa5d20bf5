"""Waiting for what must happen, and telling what happened."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

Record = Callable[[str, object], None]
PATIENCE_S = 120.0
"""How long a test waits for what must happen: these tests never measure speed."""


def until(true: Callable[[], bool]) -> None:
    """Wait until it is true.

    Raises:
        AssertionError: it did not become true in time.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s"
        time.sleep(0.02)


def tell(what: str, figures: Mapping[str, object], record: Record) -> None:
    """Print the figures of a test and keep them in its report."""
    for name, value in figures.items():
        record(f"{what}.{name}", value)
    print(f"\n{what}: " + ", ".join(f"{n} {v}" for n, v in figures.items()))
