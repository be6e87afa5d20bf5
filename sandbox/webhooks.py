"""Tells the console of paid orders: signed, kept until delivered, tried again."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import random
import time
from collections import Counter
from typing import Any

from sandbox.calls import Calls
from sandbox.config import Desk, secret_key
from sandbox.health import Gauge
from sandbox.state import Store
from sandbox.tasks import watched

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
TRIES = 40
AT_ONCE = 16


class Webhooks:
    """Deliveries under way; what is not delivered outlives the process."""

    def __init__(self, calls: Calls, desk: Desk, store: Store, gauge: Gauge) -> None:
        """Know what the last process still owed."""
        self.calls, self.desk, self.store, self.gauge = calls, desk, store, gauge
        self.owed: dict[str, dict[str, Any]] = store.load("webhook")
        self.counts: Counter[str] = Counter()
        self.places = asyncio.Semaphore(AT_ONCE)
        self.tasks: set[asyncio.Task[None]] = set()

    def resume(self) -> None:
        """Go on with what the last process still owed."""
        for event, told in self.owed.items():
            self._start(event, told)

    def send(self, event: str, told: dict[str, Any], *, twice: bool) -> None:
        """Tell of an event; twice: deliver it a second time, as shops do."""
        self.owed[event] = told
        self.store.put("webhook", event, told)
        self._start(event, told, twice=twice)

    def _start(self, event: str, told: dict[str, Any], *, twice: bool = False) -> None:
        task = watched(self._deliver(event, told, twice=twice))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _deliver(self, event: str, told: dict[str, Any], *, twice: bool) -> None:
        body = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
        outcome = await self._until_taken(event, body)
        self.counts[outcome] += 1
        self.owed.pop(event, None)
        self.store.drop("webhook", event)
        if twice and outcome == "delivered":
            self.counts["sent_twice"] += 1
            await asyncio.sleep(random.random())
            await self._once(event, body)

    async def _until_taken(self, event: str, body: bytes) -> str:
        """Try until it is taken or refused for good, ever more slowly."""
        wait_s = FIRST_WAIT_S
        for _ in range(TRIES):
            status = await self._once(event, body)
            if 200 <= status < 300:
                return "delivered"
            if 400 <= status < 500 and status not in (401, 404, 408, 409, 425, 429):
                return "refused"
            self.counts["failures"] += 1
            await asyncio.sleep(wait_s * (0.5 + random.random() / 2))
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)
        return "given_up"

    async def _once(self, event: str, body: bytes) -> int:
        """Deliver once; the status, or 0 if there was no answer."""
        config = self.desk.now
        headers = sign(secret_key(config.webhook_secret), event, body, int(time.time()))
        async with self.places:
            began = time.monotonic()
            answer = await self.calls.post(config.webhook_url, body, headers)
            ms = (time.monotonic() - began) * 1000
        self.gauge.add(ms, ok=200 <= answer.status < 300)
        return answer.status


def sign(key: bytes, event: str, body: bytes, at: int) -> dict[str, str]:
    """Headers of the Standard Webhooks scheme: HMAC-SHA256 of id.timestamp.body.

    Source: https://www.standardwebhooks.com, specification, Signature scheme.
    """
    signed = f"{event}.{at}.".encode() + body
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "content-type": "application/json",
        "webhook-id": event,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{mac}",
    }
