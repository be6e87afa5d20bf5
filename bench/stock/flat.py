"""Whether a sale stays as fast as it began: a million reservations of one allocation.

`stock.flat_rps`: the rate of the last 50,000 by the gate's writer without HTTP, 256 in
flight; its peer is that of the first 50,000, and their ratio is `stock.flatness`, which
is to be 0.9. `stock.flat_lowest_rps` is the slowest 50,000 of all, `stock.flat_p50_ms`
and `stock.flat_p99_ms` those of the last. A checkpoint makes PostgreSQL write each page
whole once more: the run begins with one, and `stock.flat_checkpoints` says how many
ended during it. It takes a minute and so is taken once.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from itertools import pairwise

import psycopg

from bench import say, stage
from bench.stock import _lane
from bench.stock._pgbench import execute
from bench.stock._shop import HOT, seed
from bench.stock._size import QUICK

IN_FLIGHT = 256
BLOCK = 5_000 if QUICK else 50_000
BLOCKS = 4 if QUICK else 20
CHECKPOINTS = "SELECT num_done FROM pg_stat_checkpointer"


def main() -> None:
    """Print the figures, and fail if a reservation is missing from the tables."""
    with stage.database():
        seed(HOT)
        _lane.rate(IN_FLIGHT, seconds=0.5)
        execute("CHECKPOINT")
        before, began = _number(CHECKPOINTS), _kept()
        taken = _lane.Taken()
        total = BLOCK * BLOCKS
        asyncio.run(_lane.reserve(IN_FLIGHT, lambda begun: begun < total, taken))
        if _kept() - began != total or len(taken.at) != total:
            raise RuntimeError(f"{_kept() - began} of {total} were kept")
        checkpoints = _number(CHECKPOINTS) - before
    rates = block_rates(taken.at)
    _say(rates, taken.took[-BLOCK:], taken.took[:BLOCK])
    say("stock.flat_checkpoints", checkpoints, "in this run", n=total)


def block_rates(at: Sequence[float], block: int = BLOCK) -> list[float]:
    """Reservations a second of each whole block of answers, by when they came."""
    ends = [at[0], *at[block - 1 :: block]]
    return [block / (end - begin) for begin, end in pairwise(ends)]


def _kept() -> int:
    return _number("SELECT count(*) FROM stock_reservationline WHERE held")


def _number(sql: str) -> int:
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        found = db.execute(sql).fetchone()  # type: ignore[call-overload]
    assert found
    return int(found[0])


def _say(rates: Sequence[float], last: Sequence[float], first: Sequence[float]) -> None:
    total = BLOCK * BLOCKS
    say("stock.flat_rps", rates[-1], "1/s", peer=rates[0], n=total)
    say("stock.flat_lowest_rps", min(rates), "1/s", peer=rates[0], n=total)
    names = zip((50, 99), *map(_lane.percentiles, (last, first)), strict=True)
    for rank, late, early in names:
        say(f"stock.flat_p{rank}_ms", late, "ms", peer=early, n=total)
    say("stock.flatness", rates[-1] / rates[0], "ratio", n=total)


if __name__ == "__main__":
    main()
