"""What the shop sells: products, units on display, and a price overlay per campaign."""

from __future__ import annotations

import time
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sandbox.router import Refused
from sandbox.state import Store

Sku = Annotated[str, Field(min_length=1, max_length=100)]
Units = Annotated[int, Field(ge=0, le=10_000_000)]
Price = Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=3)]


class Product(BaseModel):
    """One variant in the shop. pull: how often it is asked for, against others.

    teaser: shown without a price, and not for sale, until it has a sale price.
    """

    model_config = ConfigDict(extra="forbid")

    sku: Sku
    name: Annotated[str, Field(min_length=1, max_length=300)]
    variant: Annotated[str, Field(max_length=300)] = ""
    category: Annotated[str, Field(max_length=200)] = ""
    image: Annotated[str, Field(max_length=1000)] = ""
    price: Price
    stock: Units | None = None
    teaser: bool = False
    pull: Annotated[float, Field(gt=0, le=1e6)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"


class PriceChange(BaseModel):
    """Sale prices of one campaign; null ends one.

    expected: sale prices the caller has seen; where one is another by now, nothing of
    the change is done.
    """

    model_config = ConfigDict(extra="forbid")

    campaign: Annotated[str, Field(min_length=1, max_length=40)]
    prices: dict[Sku, Price | None]
    expected: dict[Sku, Price | None] = {}


class Overlay(BaseModel):
    """The sale prices of one campaign. run: how often it began, for the shoppers."""

    campaign: str
    since: float
    run: int
    prices: dict[str, Decimal] = {}


class Shown(BaseModel):
    """Units the shop displays, and since when it believes so."""

    units: int
    at: float


class Catalogue:
    """Products, stock on display and overlays; the regular price is never touched."""

    def __init__(self, store: Store) -> None:
        """Have what the last process had."""
        self.store = store
        kept = store.load("product")
        self.products = {sku: Product.model_validate(one) for sku, one in kept.items()}
        kept = store.load("stock")
        self.stock = {sku: Shown.model_validate(one) for sku, one in kept.items()}
        kept = store.load("overlay")
        self.overlays = {
            code: Overlay.model_validate(one) for code, one in kept.items()
        }
        self.runs: dict[str, int] = store.load("run")

    def add(self, products: list[Product]) -> None:
        """Sell these from now on, or describe known ones anew."""
        for product in products:
            self.products[product.sku] = product
            self.store.put("product", product.sku, product.model_dump(mode="json"))
        self.show({p.sku: p.stock for p in products if p.stock is not None})

    def pulls(self, skus: Iterable[str]) -> dict[str, float | None]:
        """How much each of these pulls; None if nobody said so."""
        return {sku: self.products[sku].pull for sku in skus}

    def show(self, units: dict[str, int]) -> None:
        """Display these units from now on."""
        now = time.time()
        for sku, count in units.items():
            self.stock[sku] = Shown(units=count, at=now)
            self.store.put("stock", sku, {"units": count, "at": now})

    def sale(self, sku: str) -> tuple[Decimal | None, str]:
        """The sale price in force and its campaign; the one that began last wins."""
        for overlay in reversed(self.overlays.values()):
            if (price := overlay.prices.get(sku)) is not None:
                return price, overlay.campaign
        return None, ""

    def reprice(self, campaign: str, prices: dict[str, Decimal | None]) -> None:
        """Set and end sale prices; a campaign without any is forgotten."""
        overlay = self.overlays.get(campaign) or self._begin(campaign)
        for sku, price in prices.items():
            if price is None:
                overlay.prices.pop(sku, None)
            else:
                overlay.prices[sku] = price
        if overlay.prices:
            self.overlays[campaign] = overlay
            kept = overlay.model_dump(mode="json")
            self.store.put("overlay", campaign, kept)
            self.store.put("run", campaign, overlay.run)
            self.runs[campaign] = overlay.run
        else:
            self.overlays.pop(campaign, None)
            self.store.drop("overlay", campaign)

    def _begin(self, campaign: str) -> Overlay:
        run = self.runs.get(campaign, 0) + 1
        return Overlay(campaign=campaign, since=time.time(), run=run)

    def check_known(self, skus: Iterable[str], *, at: str = "") -> None:
        """Refuse what the shop does not sell."""
        for sku in skus:
            if sku not in self.products:
                message = f"{at}{sku}: the shop does not sell this."
                raise Refused(400, message, field=f"{at}{sku}")

    def check_expected(self, expected: dict[str, Decimal | None]) -> None:
        """Refuse a change by somebody who has not seen the prices of now."""
        for sku, price in expected.items():
            shown, _ = self.sale(sku)
            if shown != price:
                message = f"{sku} shows {shown or 'no sale price'} by now."
                raise Refused(409, message, field=f"expected.{sku}")

    def row(self, sku: str) -> dict[str, object]:
        """One product as the API shows it."""
        product = self.products[sku]
        sale, campaign = self.sale(sku)
        shown = self.stock.get(sku)
        return product.model_dump(mode="json") | {
            "price": spelled(product.price),
            "stock": shown.units if shown else None,
            "sale": None if sale is None else spelled(sale),
            "campaign": campaign,
        }


def spelled(price: Decimal) -> str:
    """A price without exponent, with at least cents."""
    return f"{price:.3f}" if price != round(price, 2) else f"{price:.2f}"
