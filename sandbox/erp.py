"""An ERP: takes orders at a limited rate, can freeze, knows a key it has seen."""

from __future__ import annotations

import time
from collections import Counter
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from sandbox.bucket import Bucket
from sandbox.faults import FaultBoard
from sandbox.router import Refused, Reply, Request, Router, checked, told
from sandbox.state import Store

SHOWN = 100


class Order(BaseModel):
    """An order as far as the ERP looks at it; it keeps the rest unread."""

    model_config = ConfigDict(extra="allow")

    ref: Annotated[str, Field(min_length=1, max_length=64)]


class Refs(BaseModel):
    """The orders somebody asks for."""

    model_config = ConfigDict(extra="forbid")

    refs: Annotated[list[str], Field(max_length=5000)]


class Erp:
    """The orders it holds, by the key they came with."""

    def __init__(self, store: Store, faults: FaultBoard) -> None:
        """Hold the orders of the last process."""
        self.store, self.faults = store, faults
        self.orders: dict[str, dict[str, Any]] = store.load("erp")
        self.refs = Counter(one["ref"] for one in self.orders.values())
        self.counts: Counter[str] = Counter()
        self.bucket = Bucket()
        self.inside = self.inside_most = 0

    def routes(self, router: Router) -> None:
        """Say where it answers."""
        router.add("GET", "/erp/orders", self.recent)
        router.add("POST", "/erp/orders", self.take, part="erp")
        router.add("POST", "/erp/orders/known", self.known, part="erp")
        router.add("GET", "/erp/stats", self.stats)

    def note(self) -> str:
        """What is wrong, in words."""
        return "Frozen: takes no orders" if self.faults.now.erp_frozen else ""

    async def take(self, request: Request) -> Reply:
        """Take one order; the same key again is the same order."""
        self.inside += 1
        self.inside_most = max(self.inside_most, self.inside)
        try:
            return await self._take(request)
        finally:
            self.inside -= 1

    async def _take(self, request: Request) -> Reply:
        key = request.header(b"idempotency-key")
        body = await request.body()
        self._check_open()
        if not key or len(key) > 255:
            message = "Idempotency-Key: send a key of 1 to 255 characters."
            raise Refused(400, message, field="Idempotency-Key")
        order = checked(Order, body)
        if (held := self.orders.get(key)) is not None:
            return await self._again(held, order)
        rejected = self.faults.now.erp_reject_ref
        if rejected and rejected in order.ref:
            self.counts["rejected"] += 1
            raise Refused(422, f"ref: {order.ref} is not acceptable.", field="ref")
        return await self._hold(key, order)

    async def known(self, request: Request) -> Reply:
        """Which of these orders it holds; also while it is frozen."""
        asked = await request.read(Refs)
        return told({"known": [ref for ref in asked.refs if ref in self.refs]})

    async def recent(self, _request: Request) -> Reply:
        """Show the orders taken last, newest first."""
        return told(list(self.orders.values())[: -SHOWN - 1 : -1])

    async def stats(self, _request: Request) -> Reply:
        """Show the counters; double_refs: orders that came in under two keys."""
        return told(
            {
                "orders": len(self.orders),
                "double_refs": sum(n - 1 for n in self.refs.values() if n > 1),
                "duplicates": self.counts["duplicates"],
                "throttled": self.counts["throttled"],
                "frozen_refusals": self.counts["frozen"],
                "rejected": self.counts["rejected"],
                "concurrent_most": self.inside_most,
                "rate_per_s": self.faults.now.erp_rate_per_s,
                "frozen": self.faults.now.erp_frozen,
            }
        )

    def _check_open(self) -> None:
        """Refuse while frozen, above the concurrency, or faster than the rate."""
        faults = self.faults.now
        if faults.erp_frozen:
            self.counts["frozen"] += 1
            again = faults.retry_after_s
            raise Refused(503, "The ERP is frozen.", retry_after=again)
        wait_s = 0.0 if self.inside <= faults.erp_concurrent_most else 1.0
        wait_s = wait_s or self.bucket.take(faults.erp_rate_per_s)
        if wait_s:
            self.counts["throttled"] += 1
            message = f"The ERP takes {faults.erp_rate_per_s:g} orders a second."
            again = max(1, round(wait_s))
            raise Refused(429, message, retry_after=again, normal=True)

    async def _again(self, held: dict[str, Any], order: Order) -> Reply:
        if held["ref"] != order.ref:
            message = f"Idempotency-Key: it came with order {held['ref']} before."
            raise Refused(422, message, field="Idempotency-Key")
        self.counts["duplicates"] += 1
        await self.store.saved()
        return told({"id": held["id"], "ref": order.ref, "duplicate": True})

    async def _hold(self, key: str, order: Order) -> Reply:
        number = f"ERP-{len(self.orders) + 1:06d}"
        held = {"id": number, "ref": order.ref, "at": time.time()}
        self.orders[key] = held
        self.refs[order.ref] += 1
        self.store.put("erp", key, held)
        await self.store.saved()
        return told(held | {"duplicate": False}, status=201)
