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


def tell(figures: Mapping[str, object], record: Record) -> None:
    """Keep the figures of a test in its report; the end of the run prints them."""
    for name, value in figures.items():
        record(name, value)
