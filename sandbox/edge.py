"""A caching edge in front of the shop: hits, misses, stale pages, purge by tag."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sandbox.bucket import Bucket
from sandbox.faults import FaultBoard
from sandbox.health import Gauge
from sandbox.router import Refused, Reply, Request, Router, told
from sandbox.shop import tag

MOST = 50_000
AGES = re.compile(r"(max-age|s-maxage|stale-while-revalidate)=(\d+)")


class Purge(BaseModel):
    """What to forget. soft: serve it once more while it is fetched anew."""

    model_config = ConfigDict(extra="forbid")

    tags: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]],
        Field(min_length=1, max_length=1000),
    ]
    soft: bool = True


@dataclass(slots=True)
class Kept:
    """One page in the cache. stale_at, gone_at: when it is old, when it is useless."""

    reply: Reply
    tags: frozenset[str]
    at: float
    stale_at: float
    gone_at: float
    grace_s: float


class Edge:
    """The cache, and the fills on their way; callers of one page share a fill."""

    def __init__(
        self,
        origin: Callable[[str], Awaitable[Reply]],
        faults: FaultBoard,
        gauge: Gauge,
        origin_gauge: Gauge,
    ) -> None:
        """Start empty, as an edge does."""
        self.origin, self.faults = origin, faults
        self.gauge, self.origin_gauge = gauge, origin_gauge
        self.kept: OrderedDict[str, Kept] = OrderedDict()
        self.fills: dict[str, asyncio.Task[Reply]] = {}
        self.purged: dict[str, float] = {}
        self.bucket = Bucket()
        self.counts: Counter[str] = Counter()

    def routes(self, router: Router) -> None:
        """Say where it answers."""
        router.add("GET", "/edge/p/{sku}", self.page, public=True)
        router.add("POST", "/cdn/purge", self.purge, part="cdn")
        router.add("GET", "/cdn/stats", self.stats)

    async def page(self, _request: Request, sku: str) -> Reply:
        """Serve a page to the public."""
        return await self.fetch(sku)

    async def fetch(self, sku: str) -> Reply:
        """Serve a page from the cache, or through it; failures are replies, too."""
        began = time.monotonic()
        try:
            await self.faults.strike("cdn")
            reply = await self._serve(sku, began)
        except Refused as refused:
            reply = refused.reply()
        ms = (time.monotonic() - began) * 1000
        self.gauge.add(ms, ok=reply.status < 500 and reply.status != 429)
        return reply

    async def _serve(self, sku: str, now: float) -> Reply:
        kept = self.kept.get(sku)
        if kept and now < kept.stale_at:
            return self._told(kept.reply, "HIT", now - kept.at)
        if kept and now < kept.gone_at:
            self._fill(sku)
            return self._told(kept.reply, "STALE", now - kept.at)
        reply = await asyncio.shield(self._fill(sku))
        if reply.status >= 500 and kept:
            return self._told(kept.reply, "STALE", now - kept.at)
        return self._told(reply, "MISS", 0)

    def _told(self, reply: Reply, status: str, age_s: float) -> Reply:
        self.counts[status] += 1
        age = (b"age", b"%d" % int(age_s))
        seen = (b"x-cache", status.encode())
        return Reply(reply.status, reply.body, [*reply.headers, seen, age])

    def _fill(self, sku: str) -> asyncio.Task[Reply]:
        if sku not in self.fills:
            self.fills[sku] = asyncio.create_task(self._ask(sku))
        return self.fills[sku]

    async def _ask(self, sku: str) -> Reply:
        """Ask the origin and keep its answer, unless a purge came in between."""
        began = time.monotonic()
        try:
            await self.faults.strike("shop")
            reply = await self.origin(sku)
        except Refused as refused:
            reply = refused.reply()
        finally:
            del self.fills[sku]
        ms = (time.monotonic() - began) * 1000
        self.origin_gauge.add(ms, ok=reply.status < 500 and reply.status != 429)
        if reply.status == 200:
            self._keep(sku, reply, began)
        return reply

    def _keep(self, sku: str, reply: Reply, began: float) -> None:
        ages: dict[str, str] = dict(AGES.findall(reply.header(b"cache-control")))
        fresh_s = float(ages.get("s-maxage", ages.get("max-age", 0)))
        grace_s = float(ages.get("stale-while-revalidate", 0))
        tags = frozenset(reply.header(b"surrogate-key").split())
        if not fresh_s or any(self.purged.get(tag, 0) >= began for tag in tags):
            return
        stale_at = began + fresh_s
        self.kept[sku] = Kept(reply, tags, began, stale_at, stale_at + grace_s, grace_s)
        self.kept.move_to_end(sku)
        while len(self.kept) > MOST:
            self.kept.popitem(last=False)

    async def purge(self, request: Request) -> Reply:
        """Forget what carries one of these tags."""
        asked = await request.read(Purge)
        rate = self.faults.now.cdn_purge_rate_per_s
        if wait_s := self.bucket.take(rate):
            message = f"The edge takes {rate:g} purges a second."
            again = max(1, round(wait_s))
            raise Refused(429, message, retry_after=again, normal=True)
        self.counts["purges"] += 1
        found = 0
        if not self.faults.hits(self.faults.now.cdn_purge_drop):
            found = self._forget(frozenset(map(tag, asked.tags)), soft=asked.soft)
        purge = f"purge-{self.counts['purges']}"
        return told({"id": purge, "objects": found, "soft": asked.soft})

    def _forget(self, tags: frozenset[str], *, soft: bool) -> int:
        now = time.monotonic()
        self.purged |= dict.fromkeys(tags, now)
        found = [sku for sku, kept in self.kept.items() if kept.tags & tags]
        for sku in found:
            kept = self.kept[sku]
            if soft and kept.grace_s:
                kept.stale_at = min(kept.stale_at, now)
                kept.gone_at = min(kept.gone_at, now + kept.grace_s)
            else:
                del self.kept[sku]
        return len(found)

    async def stats(self, _request: Request) -> Reply:
        """Show the counters since the start."""
        hits, misses = self.counts["HIT"], self.counts["MISS"]
        stale = self.counts["STALE"]
        asked = hits + misses + stale
        return told(
            {
                "objects": len(self.kept),
                "hits": hits,
                "misses": misses,
                "stale": stale,
                "hit_share": round((hits + stale) / asked, 4) if asked else None,
                "purges": self.counts["purges"],
                "filling": len(self.fills),
            }
        )
