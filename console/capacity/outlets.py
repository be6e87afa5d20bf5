"""Where shoppers meet a sale: the connected shops, and the pages of its products."""

from __future__ import annotations

from collections.abc import Sequence

from console.providers import queries as providers
from console.providers.operations import open_port
from console.providers.ports import Storefront


def storefronts() -> list[str]:
    """The connections that take sale prices, the oldest first."""
    return providers.names(Storefront)


def pages(sku_codes: Sequence[str], shops: Sequence[str]) -> list[str]:
    """The public addresses of products, through the cache in front of each shop."""
    return [
        url for name in shops for url in open_port(Storefront, name).urls(sku_codes)
    ]
