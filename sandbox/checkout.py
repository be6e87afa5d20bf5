"""The shop's checkout: asks the real gate for units, and gives them back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.calls import Answer, Calls
from sandbox.config import Desk, gate
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


class Checkout:
    """Talks to the gate over HTTP."""

    def __init__(self, calls: Calls, desk: Desk, gauge: Gauge) -> None:
        """Keep the connections and the settings."""
        self.calls, self.desk, self.gauge = calls, desk, gauge

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

    async def wait(
        self, campaign: str, sku: str, buyer: str, key: str
    ) -> tuple[int, dict[str, Any]]:
        """Ask for a place in the line of a SKU; status 0: no answer came."""
        body = {"campaign": campaign, "buyer": buyer, "sku": sku}
        return await self._post("waiting", body, key)

    async def release(self, reservation: str) -> bool:
        """Give units back before the hold expires."""
        status, _ = await self._post(f"reservations/{reservation}/release", {}, "")
        return status == 200

    async def _post(
        self, path: str, body: dict[str, Any], key: str
    ) -> tuple[int, dict[str, Any]]:
        """Post until there is an answer that will not change; status 0: none came."""
        spelled = json.dumps(body, separators=(",", ":")).encode()
        answer = Answer()
        for attempt in range(TRIES):
            answer = await self._once(path, spelled, key)
            if answer.status and answer.status != 429 and answer.status < 500:
                break
            wait_s = max(0.25 * 2**attempt, answer.retry_after_s)
            await asyncio.sleep(min(wait_s, WAIT_MOST_S))
        return answer.status, _json(answer.body)

    async def _once(self, path: str, body: bytes, key: str) -> Answer:
        config = self.desk.now
        headers = {
            "authorization": f"Bearer {config.gate_token}",
            "content-type": "application/json",
        }
        if key:
            headers["idempotency-key"] = key
        url = f"{gate(config.gate_url)}/{path}"
        began = time.monotonic()
        answer = await self.calls.post(url, body, headers)
        ok = 0 < answer.status < 500 and answer.status not in (401, 403, 429)
        self.gauge.add((time.monotonic() - began) * 1000, ok=ok)
        return answer


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
