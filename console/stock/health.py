"""Is the ledger in order? Asked by the doctor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from console.shell.health import Awake, Check, check
from console.stock import queries
from console.stock.rules import coming_months


@check
def ledger_months(now: datetime) -> Iterable[Check]:
    """This month and the next have their own table of the ledger."""
    missing = {*coming_months(now, ahead=1)} - {*queries.months()}
    if not missing:
        return [Check("Ledger months", Awake.OK, "This month and the next", at=now)]
    told = ", ".join(f"{month:%Y-%m}" for month in sorted(missing))
    fix = "Is beat awake? It makes them every hour."
    return [Check("Ledger months", Awake.LATE, f"No table for {told}", fix, at=now)]
