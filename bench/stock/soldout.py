"""What a losing answer costs once the last unit is gone, and who is asked for it.

`stock.soldout_rps`: refusals a second over HTTP at 64 connections; the limit is the
same server with an empty answer, of which it is to reach 0.7; the peer are the
reservations the same gate grants in the same run. `stock.soldout_p50_ms`,
`stock.soldout_p99_ms`. `stock.soldout_transactions`: how many PostgreSQL committed or
rolled back in all for each 1,000 of them; its peer, the same while reservations are
granted, shows that they are counted. It is not to be asked: near 0 is wanted, for
tokens are read anew every few seconds, and a look once a second costs nobody anything.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Sequence

import psycopg

from bench import medians, say, stage
from bench.stock._shop import EMPTY, FEW, GATE, HOT, SHORT, ask, seed, wrk
from bench.stock._size import ROUNDS, SECONDS

FLUSHED_S = 11
"""An idle session hands its counters in after ten seconds (PGSTAT_IDLE_INTERVAL)."""
COUNTED = (
    "SELECT xact_commit + xact_rollback FROM pg_stat_database"
    " WHERE datname = current_database()"
)


def main() -> None:
    """Print the figures; every answer must be the one that says sold out."""
    with stage.database():
        token = seed(HOT, SHORT)
        with (
            stage.serving(GATE, ready="/healthz") as gate,
            stage.serving(EMPTY) as empty,
        ):
            _sell_out(gate, token)
            lost = wrk(gate, token, SHORT, refused=True)
            held = wrk(gate, token, HOT)
            works = {"empty": wrk(empty, token, HOT), "lost": lost, "held": held}
            found = medians(works, rounds=ROUNDS)
            asked = _asked(lost), _asked(held)
            _check(gate, token)
    _say(found, *asked)


def _sell_out(gate: str, token: str) -> None:
    """Take every unit, one by one as buyers do."""
    for _ in range(FEW + 1):
        if ask(gate, token, SHORT)[0] != 201:
            break
    _check(gate, token)


def _check(gate: str, token: str) -> None:
    """That the answer is the one that says sold out, and under load no other comes."""
    told = ask(gate, token, SHORT)
    if told != (409, "not_enough_stock"):
        raise RuntimeError(f"a sold-out sale answered {told}")
    words = (uuid.uuid4().hex[:12], token, SHORT, "1", "409")
    seen = stage.wrk(gate, "reserve.lua", *words, seconds=1)
    if seen["odd"] or not seen["requests"]:
        raise RuntimeError(f"{seen['odd']} of {seen['requests']} were no 409")


def _asked(work: Callable[[], Sequence[float]]) -> float:
    """How many transactions there were for each 1,000 answers of this work."""
    before = _transactions()
    answers = work()[0] * SECONDS
    return (_transactions() - before) / answers * 1000


def _transactions() -> int:
    """Of the database so far, when every idle session has handed its own in."""
    time.sleep(FLUSHED_S)
    with psycopg.connect(os.environ["DATABASE_URL"]) as db:
        found = db.execute(COUNTED).fetchone()
    assert found
    return int(found[0])


def _say(found: dict[str, list[float]], lost: float, held: float) -> None:
    rps, p50, p99 = found["lost"]
    empty, granted = found["empty"], found["held"][0]
    say("stock.soldout_rps", rps, "1/s", limit=empty[0], peer=granted, n=ROUNDS)
    say("stock.soldout_p50_ms", p50, "ms", limit=empty[1], n=ROUNDS)
    say("stock.soldout_p99_ms", p99, "ms", limit=empty[2], n=ROUNDS)
    say("stock.soldout_transactions", lost, "in 1,000 answers", peer=held)


if __name__ == "__main__":
    main()
