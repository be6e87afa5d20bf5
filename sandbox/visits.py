"""One shopper's visit: look, reserve at the real gate, then pay or walk away."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.catalogue import Catalogue, Overlay, spelled
from sandbox.checkout import Checkout, Line, Outcome
from sandbox.curve import Visit
from sandbox.edge import Edge
from sandbox.webhooks import Webhooks

IN_TIME = 0.9
REFRESH_S = 1.0
REFRESHES = 5
NOT_YET = {"unknown_campaign", "gate_paused"}
TRY_ANOTHER = {"not_enough_stock", "unknown_sku"}


@dataclass(frozen=True, slots=True)
class Doors:
    """The ways a shopper can go. world: tells our orders from those of another one."""

    world: str
    catalogue: Catalogue
    edge: Edge
    checkout: Checkout
    webhooks: Webhooks


@dataclass(slots=True)
class Shopper:
    """One person, and what is counted when they act. number: within the run."""

    doors: Doors
    overlay: Overlay
    number: int
    plan: Visit
    counts: Counter[str]

    async def shop(self) -> None:
        """Live the visit from the first page to the last decision."""
        if self.plan.browses or not self.plan.buys:
            self.counts["browsed"] += 1
            await self.doors.edge.fetch(self.plan.skus[0])
        if not (self.plan.buys and await self._buy()):
            self.counts["left"] += 1

    async def _buy(self) -> bool:
        """Try the SKUs in the order of preference; True once one was reserved."""
        for attempt, sku in enumerate(self.plan.skus):
            lines = self._lines(sku)
            outcome = await self._reserve(lines, attempt)
            if outcome.id:
                self.counts["reserved"] += 1
                await self._decide(lines, outcome)
                return True
            self.counts["failed" if outcome.failed else "refused"] += 1
            self.counts[f"refused_{outcome.code}"] += 1
            if outcome.code not in TRY_ANOTHER:
                break
        return False

    def _lines(self, sku: str) -> list[Line]:
        """What goes into the basket, at the prices of this moment."""
        wanted = {self.plan.second: 1} if self.plan.second else {}
        wanted = {sku: self.plan.units} | {k: v for k, v in wanted.items() if k != sku}
        products = self.doors.catalogue.products
        sale = self.overlay.prices
        return [Line(x, n, sale.get(x, products[x].price)) for x, n in wanted.items()]

    async def _reserve(self, lines: list[Line], attempt: int) -> Outcome:
        """Ask the gate; while it is not open yet, look again every second."""
        run = f"{self.overlay.campaign}/{self.overlay.run}"
        for refresh in range(REFRESHES):
            place = f"{self.number}/{attempt}.{refresh}"
            key = f"{self.doors.world}/{run}/{place}"
            outcome = await self._ask(lines, key)
            if outcome.code not in NOT_YET:
                break
            await asyncio.sleep(REFRESH_S)
        return outcome

    async def _ask(self, lines: list[Line], key: str) -> Outcome:
        """Press the button, some people twice; two holds for one key are harm."""
        code, reserve = self.overlay.campaign, self.doors.checkout.reserve
        if not self.plan.double_clicks:
            return await reserve(code, self._buyer, lines, key)
        first, second = await asyncio.gather(
            *[reserve(code, self._buyer, lines, key) for _ in range(2)]
        )
        self.counts["double_clicks"] += 1
        self.counts["double_holds"] += bool(
            first.id and second.id and first.id != second.id
        )
        return first if first.id else second

    async def _decide(self, lines: list[Line], outcome: Outcome) -> None:
        """Pay while the hold lasts, unless this one is late; or abandon the basket."""
        held_s = _until(outcome.expires_at)
        pay_s = min(self.plan.pay_after_s, held_s * IN_TIME)
        await asyncio.sleep(held_s + 1 if self.plan.late else pay_s)
        if not self.plan.abandons:
            return self._pay(lines, outcome.id)
        self.counts["abandoned"] += 1
        if self.plan.releases and await self.doors.checkout.release(outcome.id):
            self.counts["released"] += 1

    def _pay(self, lines: list[Line], reservation: str) -> None:
        self.counts["paid"] += 1
        ref = f"{self.doors.world}-{self.overlay.run * 1_000_000 + self.number}"
        event = {"type": "order.paid", "order": self._order(ref, lines, reservation)}
        self.doors.webhooks.send(f"evt_{ref}", event, twice=self.plan.twice)

    def _order(self, ref: str, lines: list[Line], reservation: str) -> dict[str, Any]:
        """The order as the shop reports it."""
        total = sum((x.price * x.units for x in lines), start=lines[0].price * 0)
        return {
            "ref": ref,
            "campaign": self.overlay.campaign,
            "buyer": self._buyer,
            "reservation": reservation,
            "currency": self.doors.catalogue.products[lines[0].sku].currency,
            "total": spelled(total),
            "placed_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "lines": [
                {"sku": x.sku, "units": x.units, "price": spelled(x.price)}
                for x in lines
            ],
        }

    @property
    def _buyer(self) -> str:
        return f"{self.doors.world}-{self.overlay.run}-{self.plan.buyer}"


def _until(instant: str) -> float:
    """Seconds until an instant."""
    return max(0.0, datetime.fromisoformat(instant).timestamp() - time.time())
