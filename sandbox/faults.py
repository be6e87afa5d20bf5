"""What may go wrong in the pretend world, switched on over its API."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sandbox.router import Refused, Reply, Request, Router, checked, told
from sandbox.state import Store

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=60)]

TICK_S = 0.002
"""A timer of uvloop may ring so much early; who asks for slow gets no less."""


class Faults(BaseModel):
    """Every switch and its normal position. Shares are of calls, from 0 to 1.

    <part>_429, <part>_500, <part>_slow_s: refused, failed and delayed calls of a part.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cloud_429: Share = 0
    cloud_500: Share = 0
    cloud_slow_s: Seconds = 0
    cdn_429: Share = 0
    cdn_500: Share = 0
    cdn_slow_s: Seconds = 0
    shop_429: Share = 0
    shop_500: Share = 0
    shop_slow_s: Seconds = 0
    erp_429: Share = 0
    erp_500: Share = 0
    erp_slow_s: Seconds = 0
    retry_after_s: Annotated[int, Field(ge=1, le=3600)] = 1
    cloud_boot_fail: Share = 0
    cloud_floor_reset_s: Annotated[float, Field(ge=0, le=86_400)] = 0
    cdn_purge_drop: Share = 0
    cdn_purge_rate_per_s: Annotated[float, Field(gt=0, le=10_000)] = 100
    shop_price_drop: Share = 0
    shop_page_old: Share = 0
    shop_open_early: bool = False
    cart_price_old: bool = False
    origin_slow_s: Seconds = 0
    erp_frozen: bool = False
    erp_rate_per_s: Annotated[float, Field(gt=0, le=10_000)] = 25
    erp_concurrent_most: Annotated[int, Field(ge=1, le=1000)] = 15
    erp_reject_ref: Annotated[str, Field(max_length=64)] = ""


class FaultBoard:
    """The switches as they stand, and the dice."""

    def __init__(self, store: Store, seed: str) -> None:
        """Stand as the last process left them."""
        self.store = store
        self.dice = random.Random(f"{seed}/faults")
        self.now = Faults.model_validate(store.load("faults").get("all", {}))

    def routes(self, router: Router) -> None:
        """Say where it answers."""
        router.add("GET", "/faults", self.show)
        router.add("PUT", "/faults", self.turn)
        router.add("DELETE", "/faults", self.reset)

    async def show(self, _request: Request) -> Reply:
        """Show every switch as it stands."""
        return told(self.now.model_dump())

    async def turn(self, request: Request) -> Reply:
        """Turn the switches named; null puts one back to normal."""
        changed = await request.read(dict[str, object])
        merged = self.now.model_dump() | changed
        wanted = {name: value for name, value in merged.items() if value is not None}
        return await self._stand(checked(Faults, json.dumps(wanted).encode()))

    async def reset(self, _request: Request) -> Reply:
        """Turn everything back to normal."""
        return await self._stand(Faults())

    async def _stand(self, wanted: Faults) -> Reply:
        self.now = wanted
        self.store.put("faults", "all", wanted.model_dump(exclude_defaults=True))
        await self.store.saved()
        return told(wanted.model_dump())

    def hits(self, share: float) -> bool:
        """Throw the dice."""
        return share > 0 and self.dice.random() < share

    async def strike(self, part: str) -> None:
        """Delay, refuse or fail a call of a part, as the switches say.

        Raises:
            Refused: 429 with Retry-After, or 500.
        """
        now = self.now
        if slow_s := getattr(now, f"{part}_slow_s"):
            await asyncio.sleep(slow_s + TICK_S)
        if self.hits(getattr(now, f"{part}_429")):
            raise Refused(429, "Too many calls.", retry_after=now.retry_after_s)
        if self.hits(getattr(now, f"{part}_500")):
            raise Refused(500, f"The pretend {part} failed on purpose.")
