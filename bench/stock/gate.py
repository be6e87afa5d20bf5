"""How many durable reservations a second the gate grants over HTTP, by `wrk`.

`stock.gate_hot_rps` and `stock.gate_wide_rps`: one SKU and 10,000 of them, at 64
connections and (`_512`) at 512; `stock.gate_limited_rps`: one SKU with a limit a buyer,
whose peer is the same without. p50 and p99 are in ms. The limit is the same server with
an empty answer at as many connections; the peer of the hot figure is django-oscar's
`StockRecord.allocate` by four processes on the same PostgreSQL (`bench/stock/peer.py`).
All of them are taken in turn. Wanted of the hot figure: over 5,000/s, p99 under 60 ms,
over 0.3 of the empty answer, over 15 times the peer.
"""

from __future__ import annotations

from bench import medians, say, stage
from bench.stock import _oscar
from bench.stock._shop import EMPTY, GATE, HOT, LIMITED, WIDE, seed, wrk
from bench.stock._size import ROUNDS

MANY = 512


def main() -> None:
    """Print the figures of the gate beside the empty answer and the peer."""
    with stage.database():
        token = seed(HOT, WIDE, LIMITED)
        peer = _oscar.works("allocate")
        with (
            stage.serving(GATE, ready="/healthz") as gate,
            stage.serving(EMPTY) as empty,
        ):
            works = {
                "empty": wrk(empty, token, HOT),
                "empty_512": wrk(empty, token, HOT, connections=MANY),
                "hot": wrk(gate, token, HOT),
                "hot_512": wrk(gate, token, HOT, connections=MANY),
                "wide": wrk(gate, token, WIDE),
                "wide_512": wrk(gate, token, WIDE, connections=MANY),
                "limited": wrk(gate, token, LIMITED),
            }
            found = medians(works | peer, rounds=ROUNDS)
    _say(found)


def _say(found: dict[str, list[float]]) -> None:
    hot, limited = found["hot"], found["limited"]
    peers = {"hot": found.get("allocate", [None])[0], "limited": hot[0]}
    for name in ("hot", "wide", "hot_512", "wide_512", "limited"):
        limit = found["empty_512" if name.endswith("512") else "empty"]
        rps, *took = found[name]
        figure = f"stock.gate_{name}"
        say(f"{figure}_rps", rps, "1/s", limit=limit[0], peer=peers.get(name), n=ROUNDS)
        spelled = "stock.gate" if name == "hot" else figure
        for rank, value, of_limit in zip((50, 99), took, limit[1:], strict=True):
            say(f"{spelled}_p{rank}_ms", value, "ms", limit=of_limit, n=ROUNDS)
    say("stock.ratio_to_empty", hot[0] / found["empty"][0], "ratio", n=ROUNDS)
    say("stock.ratio_to_unlimited", limited[0] / hot[0], "ratio", n=ROUNDS)


if __name__ == "__main__":
    main()
