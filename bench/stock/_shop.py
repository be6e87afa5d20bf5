"""The sales the figures of stock are taken from, and the servers before them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bench import stage
from bench.stock._size import SECONDS

GATE = "config.asgi:application"
EMPTY = "bench.empty:app"
PATH = "/api/gate/v1/reservations"
HOT, WIDE, LIMITED, SHORT = "HOT", "WIDE", "LIMITED", "SHORT"
SKUS = 10_000
PLENTY = 10_000_000
FEW = 1_000
HOUR_S = 3_600


def seed(*campaigns: str) -> str:
    """Open these sales and make a key to their gate.

    HOT and LIMITED sell one SKU, LIMITED at most 5 to a buyer; WIDE sells 10,000; SHORT
    has few units of one. No hold expires while a bench runs.
    """
    from console.stock import operations as stock
    from console.stock.models import Level, Location, Sku
    from console.stock.rules import Want

    now = datetime.now(UTC)
    home = Location.objects.create(name="Bench")
    many = SKUS if WIDE in campaigns else 1
    skus = Sku.objects.bulk_create(
        [Sku(code=f"SKU-{i}", name="x", regular_price=1) for i in range(1, many + 1)]
    )
    Level.objects.bulk_create(
        [Level(sku=sku, location=home, on_hand=4 * PLENTY) for sku in skus]
    )
    for campaign in campaigns:
        units = FEW if campaign == SHORT else PLENTY
        sold = skus if campaign == WIDE else skus[:1]
        wants = [Want(sku.pk, units) for sku in sold]
        stock.lock(campaign, wants=wants, actor=None, now=now)
        limit = 5 if campaign == LIMITED else None
        stock.open_gate(campaign, hold_ttl_s=HOUR_S, buyer_limit=limit, now=now)
    return stock.issue_token("bench", actor=None, now=now)


def wrk(
    url: str, token: str, campaign: str, *, connections: int = 64, refused: bool = False
) -> Callable[[], Sequence[float]]:
    """A work that reserves over HTTP: requests a second, p50 and p99 in ms.

    refused: every answer must be a refusal; else none may be.
    """
    skus = SKUS if campaign == WIDE else 1

    def run() -> Sequence[float]:
        words = (uuid.uuid4().hex[:12], token, campaign, str(skus))
        told = stage.wrk(
            url, "reserve.lua", *words, connections=connections, seconds=SECONDS
        )
        if told["wrong"] != (told["requests"] if refused else 0):
            raise RuntimeError(f"{told['wrong']} of {told['requests']} were refused")
        return told["rps"], told["p50_ms"], told["p99_ms"]

    return run


def asking(token: str, campaign: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of a request for one unit of the hot SKU, by a new buyer."""
    key = uuid.uuid4().hex
    lines = [{"sku": "SKU-1", "units": 1}]
    body = {"campaign": campaign, "buyer": key, "lines": lines}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    return headers, json.dumps(body).encode()


def ask(url: str, token: str, campaign: str) -> tuple[int, str]:
    """Reserve one unit of the hot SKU; the status, and the code of a refusal."""
    headers, body = asking(token, campaign)
    request = urllib.request.Request(url + PATH, body, headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, ""
    except urllib.error.HTTPError as told:
        return told.code, str(json.load(told)["code"])
