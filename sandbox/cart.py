"""The basket anybody may fill: whether a SKU can be bought now, and at what price."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sandbox.catalogue import Catalogue, Sku, spelled
from sandbox.faults import FaultBoard
from sandbox.router import Refused, Reply, Request, Router, told


class Basket(BaseModel):
    """What somebody wants to put in."""

    model_config = ConfigDict(extra="forbid")

    sku: Sku
    units: Annotated[int, Field(ge=1, le=100)] = 1


class Cart:
    """Answers probes as it answers shoppers; it keeps nothing."""

    def __init__(self, catalogue: Catalogue, faults: FaultBoard) -> None:
        """Look at the same shelves as the pages do."""
        self.catalogue, self.faults = catalogue, faults

    def routes(self, router: Router) -> None:
        """Say where it answers."""
        router.add("POST", "/edge/cart", self.put, part="shop", public=True)

    async def put(self, request: Request) -> Reply:
        """Put units into a basket, if they can be bought now."""
        basket = await request.read(Basket)
        product = self.catalogue.products.get(basket.sku)
        if product is None:
            raise Refused(404, f"sku: the shop does not sell {basket.sku}.")
        sale, campaign = self.catalogue.sale(basket.sku)
        early = product.teaser and sale is None
        if early and not self.faults.now.shop_open_early:
            raise Refused(409, "sku: this is not on sale yet.", field="sku")
        shown = self.catalogue.stock.get(basket.sku)
        if shown and shown.units < basket.units:
            raise Refused(409, f"units: {shown.units} are left.", field="units")
        if sale is None or self.faults.now.cart_price_old:
            sale, campaign = product.price, ""
        price = {"price": spelled(sale), "currency": product.currency}
        return told(basket.model_dump() | price | {"campaign": campaign}, status=201)
