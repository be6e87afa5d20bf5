"""What bounds the gate: PostgreSQL alone, the writer without HTTP, the empty server.

`stock.update_1_rps`, `_8_`, `_32_` and their `p99_ms`: the bare conditional UPDATE of
one row, by pgbench with so many clients: what a sale could sell that keeps one number
only. `stock.batch_rps`: the reserving statement as the gate sends it, 256 reservations
in flight, beside three peers of the same run: 256 callers of whom each has a
transaction of its own, one caller, and the fastest bare UPDATE. It is to be 25 times
the first. `stock.empty_rps`: the server of the gate with an empty answer, which is the
limit of `stock.gate_*`; the same with the headers of the gate; and the same scheduled
as the edge schedules itself (config/asgi.py), which is faster.
"""

from __future__ import annotations

from bench import medians, say, stage
from bench.stock import _lane
from bench.stock._pgbench import execute, pgbench
from bench.stock._shop import EMPTY, HOT, seed, wrk
from bench.stock._size import ROUNDS, SECONDS

TABLE = (
    "CREATE TABLE bench_level (id int PRIMARY KEY, units int NOT NULL, buffer int)",
    "INSERT INTO bench_level VALUES (1, 100000000, 50)",
)
UPDATE = "UPDATE bench_level SET units = units - 1 WHERE id = 1 AND units - buffer >= 1"
CLIENTS = (1, 8, 32)
IN_FLIGHT = 256


def main() -> None:
    """Print the figures, all of them taken in turn."""
    with stage.database():
        token = seed(HOT)
        execute(*TABLE)
        with (
            stage.serving(EMPTY) as empty,
            stage.serving("bench.empty:headed") as headed,
            stage.serving("bench.empty:giving_way") as giving_way,
        ):
            works = {f"update {n}": pgbench(UPDATE, clients=n) for n in CLIENTS}
            found = medians(
                works
                | {
                    "batch": lambda: _lane.rate(IN_FLIGHT, seconds=SECONDS),
                    "each": lambda: _lane.rate(IN_FLIGHT, seconds=SECONDS, together=1),
                    "one": lambda: _lane.rate(1, seconds=SECONDS),
                    "empty": wrk(empty, token, HOT),
                    "headed": wrk(headed, token, HOT),
                    "giving way": wrk(giving_way, token, HOT),
                },
                rounds=ROUNDS,
            )
    _say(found)


def _say(found: dict[str, list[float]]) -> None:
    updates = {n: found[f"update {n}"] for n in CLIENTS}
    for clients, (rps, _, p99) in updates.items():
        say(f"stock.update_{clients}_rps", rps, "1/s", n=ROUNDS)
        say(f"stock.update_{clients}_p99_ms", p99, "ms", n=ROUNDS)
    rps, p50, p99 = found["batch"]
    bare = max(one[0] for one in updates.values())
    say("stock.batch_rps", rps, "1/s", peer=found["each"][0], n=ROUNDS)
    say("stock.batch_rps over one caller", rps, "1/s", peer=found["one"][0], n=ROUNDS)
    say("stock.batch_rps over bare update", rps, "1/s", peer=bare, n=ROUNDS)
    say("stock.batch_p50_ms", p50, "ms", peer=found["each"][1], n=ROUNDS)
    say("stock.batch_p99_ms", p99, "ms", peer=found["each"][2], n=ROUNDS)
    empty, headed = found["empty"][0], found["headed"][0]
    giving_way = found["giving way"][0]
    say("stock.empty_rps", empty, "1/s", n=ROUNDS)
    say("stock.empty_rps with headers", headed, "1/s", limit=empty, n=ROUNDS)
    say("stock.empty_rps giving way", giving_way, "1/s", limit=empty, n=ROUNDS)


if __name__ == "__main__":
    main()
