"""The gate beside django-oscar, whose `StockRecord.allocate` is the fastest peer known.

`stock.oscar_allocate_rps` is that of four processes on the same PostgreSQL, each in a
loop: read the stock record, check, allocate, as its checkout does, which can oversell;
`stock.oscar_guarded_rps` holds the row's lock around it, which cannot.
`stock.gate_hot_rps over …` is the gate at 64 connections over HTTP with each of them as
its peer: 15 and 40 times as much is wanted. `stock.four_callers_rps over …` is our
writer without HTTP and with no more callers than they have, like for like.
"""

from __future__ import annotations

from bench import medians, say, stage
from bench.stock import _lane, _oscar
from bench.stock._shop import GATE, HOT, seed, wrk
from bench.stock._size import ROUNDS, SECONDS

WAYS = ("allocate", "guarded")


def main() -> None:
    """Print the figures; without the peer's venv there are none."""
    if not _oscar.ready():
        return
    with stage.database():
        token = seed(HOT)
        works = _oscar.works(*WAYS)
        with stage.serving(GATE, ready="/healthz") as gate:
            works["gate"] = wrk(gate, token, HOT)
            works["four"] = lambda: _lane.rate(_oscar.PROCESSES, seconds=SECONDS)
            found = medians(works, rounds=ROUNDS)
    for way in WAYS:
        rps, p50, p99 = found[way]
        say(f"stock.oscar_{way}_rps", rps, "1/s", n=ROUNDS)
        say(f"stock.oscar_{way}_p50_ms", p50, "ms", n=ROUNDS)
        say(f"stock.oscar_{way}_p99_ms", p99, "ms", n=ROUNDS)
        ours, four = found["gate"][0], found["four"][0]
        say(f"stock.gate_hot_rps over {way}", ours, "1/s", peer=rps, n=ROUNDS)
        say(f"stock.four_callers_rps over {way}", four, "1/s", peer=rps, n=ROUNDS)


if __name__ == "__main__":
    main()
