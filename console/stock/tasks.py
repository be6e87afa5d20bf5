"""Bells of this room."""

from __future__ import annotations

import time

from celery import shared_task

from console.stock import clock, operations

SWEEP_S = 1.0
"""Longest time one bell sweeps; the next goes on."""


@shared_task(name="stock.sweep")
def sweep() -> None:
    """Tidy expired holds until none is left; they stopped counting long before."""
    until = time.monotonic() + SWEEP_S
    while operations.sweep(now=clock.now()) and time.monotonic() < until:
        pass
