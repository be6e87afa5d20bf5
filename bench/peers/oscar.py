"""How many units a second django-oscar allocates from one stock record.

`prepare` makes the tables and one product; `allocate PROCESSES SECONDS` reads the stock
record, checks what is left and calls `StockRecord.allocate`, as oscar's checkout does:
nothing stops two who read the same; `guarded …` does so while it holds the row's lock.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

import django
from django.db import transaction

UNITS = 50_000_000
READS = "product__product_class"


def prepare() -> None:
    """Make the tables, and a product of whose stock nobody sees the end."""
    from django.core.management import call_command
    from oscar.core.loading import get_model

    call_command("migrate", verbosity=0)
    kind = get_model("catalogue", "ProductClass").objects.create(name="Bench")
    product = get_model("catalogue", "Product").objects.create(
        title="Hot", product_class=kind
    )
    partner = get_model("partner", "Partner").objects.create(name="Bench")
    get_model("partner", "StockRecord").objects.create(
        product=product, partner=partner, partner_sku="HOT", num_in_stock=UNITS
    )


def measure(name: str, processes: int, seconds: float) -> dict[str, float]:
    """Units a second by so many processes together, p50 and p99 in ms."""
    context = get_context("spawn")
    start = context.Barrier(processes)
    with context.Pool(processes, initializer=_ready, initargs=(start,)) as pool:
        words = [(name, seconds)] * processes
        took = [one for part in pool.starmap(_caller, words) for one in part]
    _check(len(took))
    ranks = statistics.quantiles(took, n=100)
    return {
        "rps": len(took) / seconds,
        "p50_ms": ranks[49] * 1000,
        "p99_ms": ranks[98] * 1000,
    }


_start: Barrier


def _ready(start: Barrier) -> None:
    global _start
    _start = start
    django.setup()


def _caller(name: str, seconds: float) -> list[float]:
    """How long each allocation took, after one that only warms up."""
    allocate = {"allocate": _plain, "guarded": _guarded}[name]
    allocate()
    _start.wait()
    took, now = [], time.perf_counter()
    until = now + seconds
    while now < until:
        allocate()
        since, now = now, time.perf_counter()
        took.append(now - since)
    return took


def _plain() -> None:
    _allocate(nullcontext(), locking=False)


def _guarded() -> None:
    _allocate(transaction.atomic(), locking=True)


def _allocate(within: AbstractContextManager[object], *, locking: bool) -> None:
    from oscar.core.loading import get_model

    records = get_model("partner", "StockRecord").objects.select_related(READS)
    if locking:
        records = records.select_for_update(of=("self",))
    with within:
        record = records.get(partner_sku="HOT")
        if record.net_stock_level < 1:
            raise RuntimeError("sold out")
        record.allocate(1)


def _check(allocated: int) -> None:
    """That the units are in the table: what is not written costs nothing."""
    from oscar.core.loading import get_model

    django.setup()
    record = get_model("partner", "StockRecord").objects.get(partner_sku="HOT")
    if record.num_allocated < allocated:
        raise RuntimeError(f"{record.num_allocated} of {allocated} were allocated")


def main() -> None:
    """Do what the command says; a measure is one line of JSON."""
    django.setup()
    if sys.argv[1] == "prepare":
        prepare()
        return
    name, processes, seconds = sys.argv[1:4]
    told = measure(name, int(processes), float(seconds))
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
