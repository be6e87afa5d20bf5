"""Shoppers: they come when a sale price appears, and go when the last one is gone."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import Counter

from sandbox.catalogue import Catalogue, Overlay
from sandbox.checkout import Checkout
from sandbox.config import Desk
from sandbox.curve import Popularity, next_arrival, visit
from sandbox.edge import Edge
from sandbox.router import Reply, Request, Router, told
from sandbox.state import Store
from sandbox.tasks import watched
from sandbox.visits import Doors, Shopper
from sandbox.webhooks import Webhooks

INSIDE_MOST = 5000
SKIPPED = 1000
COUNTED = (
    "arrived",
    "browsed",
    "reserved",
    "refused",
    "failed",
    "left",
    "paid",
    "abandoned",
    "released",
    "double_clicks",
    "double_holds",
)


class Crowd:
    """Everybody in the shop now, per campaign."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        desk: Desk,
        edge: Edge,
        checkout: Checkout,
        webhooks: Webhooks,
    ) -> None:
        """Nobody is here yet; the counts go on where the last process stopped."""
        self.store, self.catalogue, self.desk = store, catalogue, desk
        world = store.load("world").get("id") or _new_world(store)
        self.doors = Doors(world, catalogue, edge, checkout, webhooks)
        kept = store.load("counts")
        self.counts = {code: Counter[str](one) for code, one in kept.items()}
        self.pumps: dict[tuple[str, int], asyncio.Task[None]] = {}
        self.inside: set[asyncio.Task[None]] = set()

    def routes(self, router: Router) -> None:
        """Say where it answers."""
        router.add("GET", "/shop/shoppers", self.show)

    def follow(self) -> None:
        """Let shoppers come to every campaign with sale prices, and to no other."""
        overlays = self.catalogue.overlays if self.desk.now.gate_url else {}
        wanted = {(code, one.run): one for code, one in overlays.items()}
        for key in self.pumps.keys() - wanted.keys():
            self.pumps.pop(key).cancel()
        for key in wanted.keys() - self.pumps.keys():
            self.pumps[key] = watched(self._pump(wanted[key]))

    async def keep_counts(self) -> None:
        """Remember the counts, once a second."""
        while True:
            await asyncio.sleep(1)
            for code, _ in self.pumps:
                self.store.put("counts", code, self._count(code))

    async def _pump(self, overlay: Overlay) -> None:
        """Send in one shopper after the other, at the instants the curve says."""
        code, counts = overlay.campaign, self._count(overlay.campaign)
        seed = f"{self.desk.seed}/{code}/{overlay.run}"
        number = self._first(counts, overlay)
        dice = random.Random(f"{seed}/arrivals/{number}")
        choice = _Choice(overlay, self.doors.catalogue, self.desk.seed)
        t = time.time() - overlay.since if number else 0.0
        while True:
            t = next_arrival(dice, self.desk.curve(code), t)
            if math.isinf(t):
                await asyncio.sleep(1)
                t = time.time() - overlay.since
                continue
            await asyncio.sleep(overlay.since + t - time.time())
            number += 1
            counts["arrived"] += 1
            counts[f"run{overlay.run}"] = number
            own = random.Random(f"{seed}/{number}")
            plan = visit(own, number, self.desk.curve(code), choice.popularity())
            self._enter(Shopper(self.doors, overlay, number, plan, counts))

    def _first(self, counts: Counter[str], overlay: Overlay) -> int:
        """Where to go on counting: after a restart beyond all that may have come."""
        known = counts[f"run{overlay.run}"]
        return known + SKIPPED if known else 0

    def _enter(self, shopper: Shopper) -> None:
        if len(self.inside) >= INSIDE_MOST:
            shopper.counts["left"] += 1
            return
        task = watched(shopper.shop())
        self.inside.add(task)
        task.add_done_callback(self.inside.discard)

    async def show(self, request: Request) -> Reply:
        """Count shoppers, in all or for one campaign, and the webhooks they caused."""
        asked = request.query("campaign")
        kept = [
            self.counts[code] for code in asked or self.counts if code in self.counts
        ]
        total = sum(kept, Counter[str]())
        hooks = self.doors.webhooks
        return told(
            {name: total[name] for name in COUNTED}
            | {
                "refusals": {
                    name.removeprefix("refused_"): count
                    for name, count in total.items()
                    if name.startswith("refused_")
                },
                "inside": len(self.inside),
                "campaigns": sorted(code for code, _ in self.pumps),
                "webhooks_delivered": hooks.counts["delivered"],
                "webhooks_sent_twice": hooks.counts["sent_twice"],
                "webhooks_refused": hooks.counts["refused"],
                "webhook_failures": hooks.counts["failures"],
                "webhooks_owed": len(hooks.owed),
            }
        )

    def _count(self, code: str) -> Counter[str]:
        return self.counts.setdefault(code, Counter())


class _Choice:
    """The popularity of a campaign's SKUs, ranked anew when one joins or leaves."""

    def __init__(self, overlay: Overlay, catalogue: Catalogue, seed: str) -> None:
        self.overlay, self.catalogue, self.seed = overlay, catalogue, seed
        self.skus: frozenset[str] = frozenset()

    def popularity(self) -> Popularity:
        if self.skus != self.overlay.prices.keys():
            self.skus = frozenset(self.overlay.prices)
            self.ranked = Popularity(self.catalogue.pulls(self.skus), self.seed)
        return self.ranked


def _new_world(store: Store) -> str:
    """A name no other pretend world has, so that its orders are its own."""
    letters = random.SystemRandom().choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=4)
    store.put("world", "id", "".join(letters))
    return "".join(letters)
