"""Whether a sale stays as fast as it began: a million reservations of one allocation.

`stock.flatness`: the rate of 50,000 more after them, by the gate's writer without HTTP,
256 in flight, over that of 50,000 in a copy of the database made before; both are taken
in turn, so that a busy moment of the machine touches both. It is to be 0.9.
`stock.flat_rps`, `stock.flat_p50_ms`, `stock.flat_p99_ms` are those after the million,
their peers those of the copies. `stock.flat_last_rps` is the rate of the last 50,000 of
the million itself and `stock.flat_lowest_rps` the slowest 50,000 of it, both beside the
first. A checkpoint makes PostgreSQL write each page whole once more: the million begins
with one, and `stock.flat_checkpoints` says how many ended since. It takes a minute or
more, and so is made once.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import psycopg

from bench import medians, say, stage
from bench.stock import _lane
from bench.stock._pgbench import execute
from bench.stock._shop import HOT, seed
from bench.stock._size import QUICK, ROUNDS

IN_FLIGHT = 256
BLOCK = 5_000 if QUICK else 50_000
MANY = 20_000 if QUICK else 1_000_000
CHECKPOINTS = "SELECT num_done FROM pg_stat_checkpointer"
KEPT = "SELECT count(*) FROM stock_reservationline WHERE held"
OURS = "doorbuster"
COPIES = [f"fresh{n}" for n in range(ROUNDS)]


def main() -> None:
    """Print the figures, and fail if a reservation is missing from the tables."""
    with stage.database(log_files=120):
        seed(HOT)
        _lane.rate(IN_FLIGHT, seconds=0.5)
        _copy()
        execute("CHECKPOINT")
        before, began = _number(CHECKPOINTS), _number(KEPT)
        rates = block_rates(_reserved(MANY).at)
        copies = iter(COPIES)
        works = {"fresh": lambda: _block(next(copies)), "full": lambda: _block(OURS)}
        found = medians(works, rounds=ROUNDS)
        kept, checkpoints = _number(KEPT) - began, _number(CHECKPOINTS) - before
    if kept != MANY + BLOCK * ROUNDS:
        raise RuntimeError(f"{kept} of {MANY + BLOCK * ROUNDS} were kept")
    _say(found["full"], found["fresh"])
    say("stock.flat_last_rps", rates[-1], "1/s", peer=rates[0], n=MANY)
    say("stock.flat_lowest_rps", min(rates), "1/s", peer=rates[0], n=MANY)
    say("stock.flat_checkpoints", checkpoints, "in this run", n=MANY)


def _copy() -> None:
    """Nobody may be connected to a database while it is copied."""
    from django.db import connections

    connections.close_all()
    execute(*(f"CREATE DATABASE {name} TEMPLATE {OURS}" for name in COPIES))


def _reserved(total: int) -> _lane.Taken:
    taken = _lane.Taken()
    _lane.run(_lane.reserve(IN_FLIGHT, lambda begun: begun < total, taken))
    return taken


def _block(database: str) -> Sequence[float]:
    """The rate of a block of reservations in this database, its p50 and p99 in ms."""
    with _using(database):
        began = time.perf_counter()
        taken = _reserved(BLOCK)
    rate = BLOCK / (taken.at[-1] - began)
    return rate, *_lane.percentiles(taken.took)


@contextmanager
def _using(database: str) -> Iterator[None]:
    """The gate connects to this one meanwhile."""
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    try:
        yield
    finally:
        settings.DATABASES["default"]["NAME"] = OURS


def block_rates(at: Sequence[float], block: int = BLOCK) -> list[float]:
    """Reservations a second of each whole block of answers, by when they came."""
    ends = [at[0], *at[block - 1 :: block]]
    return [block / (end - begin) for begin, end in pairwise(ends)]


def _number(sql: str) -> int:
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        found = db.execute(sql).fetchone()
    assert found
    return int(found[0])


def _say(full: Sequence[float], fresh: Sequence[float]) -> None:
    names = (("rps", "1/s"), ("p50_ms", "ms"), ("p99_ms", "ms"))
    for (name, unit), late, early in zip(names, full, fresh, strict=True):
        say(f"stock.flat_{name}", late, unit, peer=early, n=ROUNDS)
    say("stock.flatness", full[0] / fresh[0], "ratio", n=ROUNDS)


if __name__ == "__main__":
    main()
