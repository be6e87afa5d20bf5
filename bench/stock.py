"""How many durable reservations a second the gate grants: `make bench-stock`."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bench import medians, say, stage

GATE = "config.asgi:application"
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
        _measure_batches()


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


def _measure_batches() -> None:
    """The same writer without HTTP, against the same function one by one."""
    found = medians({"many": lambda: _in_flight(256), "one": lambda: _in_flight(1)})
    many, one = found["many"][0], found["one"][0]
    say("stock.batch_rps", many, "1/s", peer=one, n=3)


def _in_flight(callers: int) -> Sequence[float]:
    return [asyncio.run(_reserve_for(2.0, callers))]


async def _reserve_for(seconds: float, callers: int) -> float:
    from console.stock.gate import Gate
    from console.stock.rules import Item, claim

    gate, until, lines = Gate(), time.monotonic() + seconds, [Item("SKU-1", 1)]

    async def caller() -> int:
        done = 0
        while time.monotonic() < until:
            key = uuid.uuid4().hex
            asked = claim("bench", key, campaign=HOT, buyer=key, lines=lines)
            await gate.reserving.put(asked)
            done += 1
        return done

    granted = await asyncio.gather(*(caller() for _ in range(callers)))
    for lane in (gate.reserving, gate.confirming, gate.releasing):
        await lane.close()
    return sum(granted) / seconds


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
