"""Ends the seeded sale, gives its stock back and prints what its certificates say.

`python -m tests.stock.faults.end_sale`; asked again, it changes nothing and prints the
same. Prints JSON: hash by SKU as sealed, as computed again, and what else must hold.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import django

from tests.stock.faults.seed_sale import CAMPAIGN


def give_back() -> None:
    """As soon as no hold is left: the step looks again just so."""
    from console.stock import clock
    from console.stock import operations as stock

    stock.close_gate(CAMPAIGN, now=clock.now())
    while True:
        try:
            stock.return_units(CAMPAIGN, actor=None, now=clock.now())
        except stock.HoldsActive:
            time.sleep(0.1)
        else:
            return


def said() -> dict[str, Any]:
    """What the certificates say, and whether they and the books hold."""
    from console.stock import queries
    from console.stock.rules.recount import recount
    from tests.stock.sealkit import recomputed

    give_back()
    sealed = {one.content["sku"]: one for one in queries.certificates(CAMPAIGN)}
    lines = (line for line in queries.evidence(CAMPAIGN))
    return {
        "sealed": {code: one.hash for code, one in sealed.items()},
        "again": recomputed(CAMPAIGN),
        "void": [one.wrong for one in recount(lines) if one.wrong],
        "violations": [str(one) for one in queries.violations()],
        "unbalanced": [c for c, one in sealed.items() if not one.content["balanced"]],
        "oversold": sum(one.content["oversold"] for one in sealed.values()),
        "sold": sum(one.content["sold"] for one in sealed.values()),
        "entries": sum(one.content["entries"] for one in sealed.values()),
    }


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(said()))
