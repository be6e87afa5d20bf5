"""The sandbox's shop: products, prices and stock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any, ClassVar, TypeVar
from urllib.parse import quote

from console.providers.client import Api
from console.providers.drivers._pages import age_of, cache_of, offered
from console.providers.drivers._sandbox import probe
from console.providers.ports import Notice, PagePrice, Probe, Receipt, ShopPrice

PER_CALL = 100
T = TypeVar("T")


class SandboxShop:
    """Reads and sets what the sandbox's shop shows."""

    label: ClassVar[str] = "Sandbox shop"
    overlays: ClassVar[bool] = True
    """Ending a campaign's price brings back what lies beneath it."""
    compares: ClassVar[bool] = True
    """Nothing is written where the price is not the one that was read."""
    sold_out_ways: ClassVar[frozenset[str]] = frozenset(
        {"badge", "waiting_list", "redirect"}
    )

    def __init__(self, api: Api) -> None:
        """Keep the calls."""
        self.api = api

    def prices(self, skus: Sequence[str]) -> dict[str, ShopPrice]:
        """Read the prices of these SKUs; a SKU the shop does not know is left out."""
        return {
            price.sku: price
            for part in _parts(skus)
            for price in self.api.get("/shop/prices", {"sku": part}).read(
                list[ShopPrice]
            )
        }

    def set_prices(
        self,
        prices: Mapping[str, Decimal | None],
        *,
        campaign: str,
        key: str,
        found: Mapping[str, ShopPrice] | None = None,
    ) -> Receipt:
        """Set absolute sale prices, where they are still as found.

        Raises:
            OutsideFailure: kind `conflict`; the part of the SKUs it names is unchanged.
        """
        known = found or {}
        for number, part in enumerate(_parts(list(prices))):
            spelled = {sku: _spelled(prices[sku]) for sku in part}
            read = {sku: _spelled(known[sku].sale) for sku in part if sku in known}
            body = {"campaign": campaign, "prices": spelled, "expected": read}
            self.api.call("PUT", "/shop/prices", body=body, key=f"{key}/{number}")
        return Receipt(accepted=True)

    def stock(self, skus: Sequence[str]) -> dict[str, int | None]:
        """Read the units the shop shows; None if it does not know the SKU."""
        units: dict[str, int | None] = dict.fromkeys(skus)
        for part in _parts(skus):
            answer = self.api.get("/shop/stock", {"sku": part})
            units |= answer.read(dict[str, int])
        return units

    def publish_stock(self, units: Mapping[str, int], *, key: str) -> Receipt:
        """Set the absolute units the shop may show."""
        for number, part in enumerate(_parts(list(units))):
            body = {sku: units[sku] for sku in part}
            self.api.call("PUT", "/shop/stock", body=body, key=f"{key}/{number}")
        return Receipt(accepted=True)

    def notices(self, skus: Sequence[str]) -> dict[str, Notice | None]:
        """Read what these pages do once sold out; what it does not sell is left out."""
        return {
            sku: notice
            for part in _parts(skus)
            for sku, notice in self.api.get("/shop/notices", {"sku": part})
            .read(dict[str, Notice | None])
            .items()
        }

    def set_notices(
        self,
        notices: Mapping[str, Notice | None],
        *,
        found: Mapping[str, Notice | None],
        key: str,
    ) -> Receipt:
        """Set what these pages do once sold out, where they do what was found.

        Raises:
            OutsideFailure: kind `conflict`; the part of the SKUs it names is unchanged.
        """
        for number, part in enumerate(_parts(list(notices))):
            said = {sku: _told(notices[sku]) for sku in part}
            read = {sku: _told(found[sku]) for sku in part if sku in found}
            body = {"notices": said, "expected": read}
            self.api.call("PUT", "/shop/notices", body=body, key=f"{key}/{number}")
        return Receipt(accepted=True)

    def urls(self, skus: Sequence[str]) -> list[str]:
        """Name the public pages of these SKUs, through the cache in front."""
        edge = str(self.api.options.get("edge_url") or self.api.base_url).rstrip("/")
        return [f"{edge}/edge/p/{quote(sku, safe='')}" for sku in skus]

    def page(self, sku: str, *, edge: bool) -> PagePrice:
        """Read a page as the store renders it, or as the edge in front serves it.

        Both as a shopper would: pages that fail say nothing about the API, and do not
        keep it from being called.
        """
        origin = f"{self.api.base_url.rstrip('/')}/shop/p/{quote(sku, safe='')}"
        answer = self.api.fetch(self.urls([sku])[0] if edge else origin)
        price = offered(answer) if answer.status == 200 else None
        return PagePrice(sku, answer.status, price, cache_of(answer), age_of(answer))

    def products(self) -> list[dict[str, Any]]:
        """List what the shop sells."""
        return self.api.get("/shop/products").read(list[dict[str, Any]])

    def probe(self) -> Probe:
        """Ask how it did lately."""
        return probe(self.api, "shop")


def _spelled(price: Decimal | None) -> str | None:
    return None if price is None else format(price.normalize(), "f")


def _told(notice: Notice | None) -> dict[str, str] | None:
    return None if notice is None else asdict(notice)


def _parts(items: Sequence[T]) -> Iterator[list[T]]:
    for start in range(0, len(items), PER_CALL):
        yield list(items[start : start + PER_CALL])
