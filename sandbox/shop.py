"""A shop: catalogue, prices and stock over an API, and pages that cost to render."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from sandbox import pages
from sandbox.catalogue import Catalogue, PriceChange, Product, Units, spelled
from sandbox.config import Config, Desk
from sandbox.faults import FaultBoard
from sandbox.notices import Notices
from sandbox.router import Refused, Reply, Request, Router, told

PAGES_PER_MACHINE = 4


class Shop:
    """Answers the shop's API and renders its pages.

    machines: how many serve its pages now. changed: rung when sale prices changed.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        desk: Desk,
        faults: FaultBoard,
        machines: Callable[[str], int | None],
        changed: Callable[[], None],
        notices: Notices,
    ) -> None:
        """Render nothing yet."""
        self.catalogue, self.desk, self.faults = catalogue, desk, faults
        self.machines, self.changed = machines, changed
        self.notices = notices
        self.rendering = 0

    def routes(self, router: Router) -> None:
        """Say where it answers."""
        router.add("GET", "/shop/products", self.products, part="shop")
        router.add("PUT", "/shop/products", self.sell)
        router.add("GET", "/shop/prices", self.prices, part="shop")
        router.add("PUT", "/shop/prices", self.reprice, part="shop")
        router.add("GET", "/shop/stock", self.stock, part="shop")
        router.add("PUT", "/shop/stock", self.show, part="shop")
        router.add("GET", "/shop/p/{sku}", self.product, part="shop", public=True)
        router.add("GET", "/shop/config", self.config)
        router.add("PUT", "/shop/config", self.configure)

    async def products(self, _request: Request) -> Reply:
        """List what the shop sells."""
        return told([self.catalogue.row(sku) for sku in self.catalogue.products])

    async def sell(self, request: Request) -> Reply:
        """Sell these products too."""
        self.catalogue.add(await request.read(list[Product]))
        await self.catalogue.store.saved()
        return told({"products": len(self.catalogue.products)})

    async def prices(self, request: Request) -> Reply:
        """Regular and sale prices of the SKUs asked for; unknown ones are left out."""
        return told([self._price(sku) for sku in self._asked(request)])

    async def reprice(self, request: Request) -> Reply:
        """Set or end sale prices of a campaign; all or none, unless told to lose."""
        change = await request.read(PriceChange)
        self.catalogue.check_known(change.prices, at="prices.")
        self.catalogue.check_expected(change.expected)
        kept: dict[str, Decimal | None] = {
            sku: price
            for sku, price in change.prices.items()
            if not self.faults.hits(self.faults.now.shop_price_drop)
        }
        self.catalogue.reprice(change.campaign, kept)
        self.changed()
        await self.catalogue.store.saved()
        return told({"accepted": len(change.prices)})

    async def stock(self, request: Request) -> Reply:
        """Units on display of the SKUs asked for; unknown ones are left out."""
        shown = self.catalogue.stock
        asked = self._asked(request)
        return told({sku: shown[sku].units for sku in asked if sku in shown})

    async def show(self, request: Request) -> Reply:
        """Display these units."""
        units = await request.read(dict[str, Units])
        self.catalogue.check_known(units)
        self.catalogue.show(units)
        await self.catalogue.store.saved()
        return told({"accepted": len(units)})

    async def product(self, _request: Request, sku: str) -> Reply:
        """Render a page as the origin does."""
        return await self.render(sku)

    async def config(self, _request: Request) -> Reply:
        """Show the settings, secrets hidden."""
        return told(self.desk.shown())

    async def configure(self, request: Request) -> Reply:
        """Change the settings that are named."""
        await self.desk.change(await request.read(dict[str, Any]))
        self.changed()
        return told(self.desk.shown())

    async def render(self, sku: str) -> Reply:
        """Render a page; the more pages and the fewer machines, the longer it takes.

        Raises:
            Refused: the shop does not sell this SKU.
        """
        self.rendering += 1
        try:
            await asyncio.sleep(self._cost_s())
            if sku not in self.catalogue.products:
                raise Refused(404, f"The shop does not sell {sku[:100]}.")
            _burn(self.desk.now.render_cpu_ms)
            return self._page(sku)
        finally:
            self.rendering -= 1

    def _cost_s(self) -> float:
        config = self.desk.now
        machines = self.machines(config.group)
        places = PAGES_PER_MACHINE * max(1, 1 if machines is None else machines)
        busy = config.render_ms * (1 + self.rendering / places)
        return busy / 1000 + self.faults.now.origin_slow_s

    def _page(self, sku: str) -> Reply:
        catalogue, config = self.catalogue, self.desk.now
        sale, campaign = catalogue.sale(sku)
        if self.faults.hits(self.faults.now.shop_page_old):
            sale = None
        if there := self.notices.leads(sku):
            return Reply(302, b"", [(b"location", there.encode()), *pages.GUARDS])
        shown, notice = catalogue.stock.get(sku), self.notices.kept.get(sku)
        body = pages.product(catalogue.products[sku], sale, campaign, shown, notice)
        tags = [f"sku-{sku}", *([f"campaign-{campaign}"] if campaign else [])]
        headers = [
            *pages.HEADERS,
            (b"cache-control", _keep(config).encode()),
            (b"surrogate-key", " ".join(map(tag, tags)).encode()),
        ]
        return Reply(200, body, headers)

    def _price(self, sku: str) -> dict[str, object]:
        sale, campaign = self.catalogue.sale(sku)
        return {
            "sku": sku,
            "regular": spelled(self.catalogue.products[sku].price),
            "sale": None if sale is None else spelled(sale),
            "campaign": campaign,
        }

    def _asked(self, request: Request) -> list[str]:
        known = self.catalogue.products
        asked = request.query("sku")
        return [sku for sku in asked if sku in known] if asked else list(known)


def _keep(config: Config) -> str:
    return (
        f"public, max-age={config.page_ttl_s}, "
        f"stale-while-revalidate={config.page_stale_s}"
    )


def tag(spelled: str) -> str:
    """A cache tag as it stands in a header: one word of ASCII."""
    return quote(spelled, safe="-._~:/%")


def _burn(ms: float) -> None:
    """Keep the processor busy, as rendering does."""
    until = time.perf_counter() + ms / 1000
    while time.perf_counter() < until:
        pass
