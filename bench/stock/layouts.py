"""Which layout holds the units of one hot SKU: a choice, by measurement.

`stock.layout_rps` and `stock.layout_p99_ms` of four layouts with as many callers, each
answered when its unit and its line of the ledger are on the disk: one row that all
decrement (hot row); 32 rows, each caller takes any (buckets); a row a unit, the first
that nobody holds (SKIP LOCKED); and one row decremented once for all who came
meanwhile, by one connection (group commit, the gate's own lane). All of them have bare
tables, so that only the layout differs; the peer is the hot row.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID, uuid4

from bench import medians, say, stage
from bench.stock._lane import Taken, percentiles, run
from bench.stock._pgbench import execute, pgbench
from bench.stock._size import ROUNDS, SECONDS

CALLERS = 64

TABLES = (
    "CREATE TABLE bench_ledger (id uuid PRIMARY KEY, at timestamptz DEFAULT now())",
    "CREATE TABLE bench_hot (id int PRIMARY KEY, units int CHECK (units >= 0))",
    "INSERT INTO bench_hot SELECT n, 100000000 FROM generate_series(0, 32) n",
    "CREATE TABLE bench_unit (id int PRIMARY KEY, free boolean NOT NULL)",
    "INSERT INTO bench_unit SELECT n, true FROM generate_series(1, 200000) n",
    "CREATE INDEX bench_unit_free ON bench_unit (id) WHERE free",
    "VACUUM ANALYZE",
)
ROW = (
    "WITH taken AS (UPDATE bench_hot SET units = units - 1"
    " WHERE id = :n AND units >= 1 RETURNING id)"
    " INSERT INTO bench_ledger SELECT gen_random_uuid() FROM taken"
)
UNIT = (
    "WITH found AS (SELECT id FROM bench_unit WHERE free"
    " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED), taken AS (UPDATE bench_unit u"
    " SET free = false FROM found WHERE u.id = found.id RETURNING u.id)"
    " INSERT INTO bench_ledger SELECT gen_random_uuid() FROM taken"
)
SCRIPTS = {
    "hot row": "\\set n 0\n" + ROW,
    "32 buckets": "\\set n random(1, 32)\n" + ROW,
    "SKIP LOCKED": UNIT,
}
TOGETHER = (
    "WITH asked AS (SELECT * FROM unnest(%s::uuid[]) WITH ORDINALITY AS a (id, place)),"
    " taken AS (UPDATE bench_hot SET units = units - (SELECT count(*) FROM asked)"
    " WHERE id = 0 AND units >= (SELECT count(*) FROM asked) RETURNING id),"
    " told AS (INSERT INTO bench_ledger SELECT asked.id FROM asked, taken)"
    " SELECT place::int FROM asked, taken"
)
"""All or none, which is enough here: there are units for everybody."""
LEFT = "SELECT 1 / (SELECT count(*) FROM bench_unit WHERE free)"
"""Fails where the unit rows ran out, and with them the work."""


def main() -> None:
    """Print the figures of the four, taken in turn."""
    works = {name: pgbench(sql, clients=CALLERS) for name, sql in SCRIPTS.items()}
    with stage.database():
        execute(*TABLES)
        found = medians(
            works | {"group commit": lambda: run(_together())}, rounds=ROUNDS
        )
        execute(LEFT)
    rps, _, p99 = found["hot row"]
    for name, figures in found.items():
        say(f"stock.layout_rps {name}", figures[0], "1/s", peer=rps, n=ROUNDS)
        say(f"stock.layout_p99_ms {name}", figures[2], "ms", peer=p99, n=ROUNDS)


async def _together() -> Sequence[float]:
    from console.stock.batch import Lane
    from console.stock.links import conninfo

    lane: Lane[UUID] = Lane(
        conninfo(), TOGETHER, pack=lambda ids: [list(ids)], key=lambda one: one
    )
    taken, began = Taken(), time.perf_counter()

    async def caller() -> None:
        while (since := time.perf_counter()) < began + SECONDS:
            await lane.put(uuid4())
            taken.note(since)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(CALLERS):
                group.create_task(caller())
    finally:
        await lane.close()
    return len(taken.at) / (taken.at[-1] - began), *percentiles(taken.took)


if __name__ == "__main__":
    main()
