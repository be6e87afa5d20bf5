"""Is the board's data fresh? Asked by the doctor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from console.live import queries, sales
from console.shell.health import Awake, Check, check

FRESH = timedelta(seconds=5)


@check
def sampler(now: datetime) -> Iterable[Check]:
    """Every running sale was sampled a moment ago."""
    running = sales.running()
    if not running:
        return [Check("Live sampler", Awake.OK, "No sale runs")]
    last = [queries.last_sample(sale.code) for sale in running]
    at = min((one.at for one in last if one), default=None)
    if at is None or None in last or now - at > FRESH:
        fix = (
            "Is the worker awake, and beat? Reload the board: it shows the last sample."
        )
        return [Check("Live sampler", Awake.LATE, "Behind", fix, at=at)]
    return [Check("Live sampler", Awake.OK, f"{len(running)} running", at=at)]
