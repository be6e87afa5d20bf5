"""How many durable reservations a second the gate grants: `make bench-stock`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bench import medians, say, stage

GATE = "console.stock.gate:app"
HOT, WIDE = "HOT", "WIDE"
PLENTY = 50_000_000


def main() -> None:
    """Measure the gate beside the same server with an empty answer."""
    with stage.database():
        token = _seed()
        with (
            stage.serving(GATE, ready="/healthz") as gate,
            stage.serving("bench.empty:app") as empty,
        ):
            _measure(gate, empty, token)


def _measure(gate: str, empty: str, token: str) -> None:
    found = medians(
        {
            "empty": _wrk(empty, token, HOT, 1),
            "hot": _wrk(gate, token, HOT, 1),
            "wide": _wrk(gate, token, WIDE, 10_000),
            "hot_512": _wrk(gate, token, HOT, 1, connections=512),
        }
    )
    limit = found["empty"][0]
    say("stock.gate_hot_rps", found["hot"][0], "1/s", limit=limit, n=3)
    say("stock.gate_wide_rps", found["wide"][0], "1/s", limit=limit, n=3)
    say("stock.gate_hot_512_rps", found["hot_512"][0], "1/s", limit=limit, n=3)
    say("stock.gate_p50_ms", found["hot"][1], "ms", limit=found["empty"][1], n=3)
    say("stock.gate_p99_ms", found["hot"][2], "ms", limit=found["empty"][2], n=3)
    say("stock.ratio_to_empty", found["hot"][0] / limit, "ratio", n=3)


def _wrk(
    url: str, token: str, campaign: str, skus: int, *, connections: int = 64
) -> Callable[[], Sequence[float]]:
    def run() -> Sequence[float]:
        name = uuid.uuid4().hex[:12]
        words = (name, token, campaign, str(skus))
        told = stage.wrk(url, "reserve.lua", *words, connections=connections)
        if told["wrong"]:
            raise RuntimeError(f"{told['wrong']} of {told['requests']} went wrong")
        return told["rps"], told["p50_ms"], told["p99_ms"]

    return run


def _seed() -> str:
    """A sale of one hot SKU, a sale of 10,000 SKUs, and a key to the gate."""
    from console.stock import operations as stock
    from console.stock.models import Level, Location, Sku
    from console.stock.rules import Want

    now = datetime.now(UTC)
    home = Location.objects.create(name="Bench")
    skus = Sku.objects.bulk_create(
        [Sku(code=f"SKU-{i}", name="x", regular_price=1) for i in range(1, 10_001)]
    )
    Level.objects.bulk_create(
        [Level(sku=sku, location=home, on_hand=PLENTY) for sku in skus]
    )
    half = PLENTY // 2
    stock.lock(HOT, wants=[Want(skus[0].pk, half)], actor=None, now=now)
    wants = [Want(sku.pk, half) for sku in skus]
    stock.lock(WIDE, wants=wants, actor=None, now=now)
    for campaign in (HOT, WIDE):
        stock.open_gate(campaign, now=now)
    return stock.issue_token("bench", actor=None, now=now)


if __name__ == "__main__":
    main()
