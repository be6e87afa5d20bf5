"""The shop's checkout: asks the real gate for units, and gives them back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx2

from sandbox.config import Desk
from sandbox.health import Gauge

TRIES = 4
WAIT_MOST_S = 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """Units of one SKU, and what one costs."""

    sku: str
    units: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the gate said. id: of the reservation, empty if there is none.

    code: the gate's refusal; failed: it did not say no, it did not answer properly.
    """

    id: str = ""
    code: str = ""
    failed: bool = False
    expires_at: str = ""


def client() -> httpx2.AsyncClient:
    """One pool of connections for all shoppers."""
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(10.0, connect=2.0),
        limits=httpx2.Limits(max_connections=64, max_keepalive_connections=64),
        trust_env=False,
        follow_redirects=False,
    )


class Checkout:
    """Talks to the gate over HTTP."""

    def __init__(self, http: httpx2.AsyncClient, desk: Desk, gauge: Gauge) -> None:
        """Keep the connections and the settings."""
        self.http, self.desk, self.gauge = http, desk, gauge

    async def reserve(
        self, campaign: str, buyer: str, lines: Sequence[Line], key: str
    ) -> Outcome:
        """Ask for units; the same key on every try, so that a lost answer is found."""
        told = [{"sku": line.sku, "units": line.units} for line in lines]
        body = {"campaign": campaign, "buyer": buyer, "lines": told}
        status, answer = await self._post("reservations", body, key)
        if status == 201:
            return Outcome(str(answer["id"]), expires_at=str(answer["expires_at"]))
        code = str(
            answer.get("code") or (f"status_{status}" if status else "no_answer")
        )
        return Outcome(code=code, failed=status not in (404, 409, 422))

    async def release(self, reservation: str) -> bool:
        """Give units back before the hold expires."""
        status, _ = await self._post(f"reservations/{reservation}/release", {}, "")
        return status == 200

    async def _post(
        self, path: str, body: dict[str, Any], key: str
    ) -> tuple[int, dict[str, Any]]:
        """Post until there is an answer that will not change; status 0: none came."""
        spelled = json.dumps(body, separators=(",", ":")).encode()
        status, answer = 0, {}
        for attempt in range(TRIES):
            wait_s = 0.25 * 2**attempt
            try:
                reply = await self._once(path, spelled, key)
            except httpx2.HTTPError:
                await asyncio.sleep(wait_s)
                continue
            status, answer = reply.status_code, _json(reply)
            if status != 429 and status < 500:
                break
            asked = reply.headers.get("retry-after", "")
            wait_s = max(wait_s, float(asked)) if asked.isdigit() else wait_s
            await asyncio.sleep(min(wait_s, WAIT_MOST_S))
        return status, answer

    async def _once(self, path: str, body: bytes, key: str) -> httpx2.Response:
        config = self.desk.now
        headers = {
            "authorization": f"Bearer {config.gate_token}",
            "content-type": "application/json",
        }
        if key:
            headers["idempotency-key"] = key
        url = f"{config.gate_url.rstrip('/')}/{path}"
        began, ok = time.monotonic(), False
        try:
            reply = await self.http.post(url, content=body, headers=headers)
            ok = reply.status_code < 500 and reply.status_code not in (401, 403, 429)
            return reply
        finally:
            self.gauge.add((time.monotonic() - began) * 1000, ok=ok)


def _json(reply: httpx2.Response) -> dict[str, Any]:
    try:
        told = reply.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
