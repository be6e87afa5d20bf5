"""How slow the machine is today, so that a limit in milliseconds means something."""

from __future__ import annotations

import json
import statistics
import time

REFERENCE_S = 0.020
"""What one piece may take; on a core nobody else uses it is two thirds of that."""

SLOWEST = 3.0
"""What is slower is no machine of another day: no limit is stretched more."""

_PIECE = {"orders": [{"id": n, "sku": f"SKU-{n}", "units": n % 3} for n in range(40)]}


def slowness(pieces: int = 25) -> float:
    """How often slower than the reference this machine works, alone; 1 at least.

    To be asked before the stack starts: what the stack itself takes must not excuse it.
    A machine shared with others varies by a factor of three from day to day.
    """
    return judged([_piece_s() for _ in range(pieces)])


def judged(pieces_s: list[float]) -> float:
    """The same from the seconds that pieces took."""
    return round(max(1.0, statistics.median(pieces_s) / REFERENCE_S), 2)


def _piece_s() -> float:
    """Seconds for the kind of work the stack does most: small objects and text."""
    began = time.perf_counter()
    for _ in range(400):
        json.loads(json.dumps(_PIECE))
    return time.perf_counter() - began
