"""Fills the sandbox: a cloud, a catalogue, and shoppers who know the gate."""

from __future__ import annotations

from typing import Any

import httpx2
from django.conf import settings

from config.demo.catalogue import PRODUCTS, Product

CURVE = {"peak_per_s": 14, "floor_per_s": 1.5, "decay_s": 80}
GROUPS = [
    {"name": "web", "floor": 6, "maximum": 32, "lead_time_s": 4},
    {"name": "checkout", "floor": 2, "maximum": 30, "lead_time_s": 4},
]


def tell(method: str, path: str, body: Any) -> None:
    """Send one setting to the sandbox.

    Raises:
        httpx2.HTTPStatusError: it refused.
    """
    headers = {"Authorization": f"Bearer {settings.SANDBOX_TOKEN}"}
    with httpx2.Client(headers=headers, timeout=10, trust_env=False) as client:
        url = settings.SANDBOX_URL + path
        client.request(method, url, json=body).raise_for_status()


def fill(*, gate_token: str, webhook_secret: str) -> None:
    """Fill the shelves, and tell the shop where to reserve and report."""
    tell("PUT", "/cloud/groups", GROUPS)
    tell("PUT", "/shop/products", [_product(product) for product in PRODUCTS])
    tell(
        "PUT",
        "/shop/config",
        {
            "gate_url": f"{settings.EDGE_URL or settings.PUBLIC_URL}/api/gate/v1",
            "gate_token": gate_token,
            "webhook_url": f"{settings.PUBLIC_URL}/api/orders/shop/",
            "webhook_secret": webhook_secret,
            "group": "web",
            "curve": CURVE,
        },
    )


def curve(**changes: Any) -> None:
    """Change how shoppers arrive; docs/sandbox.md lists the keys."""
    tell("PUT", "/shop/config", {"curve": changes})


def _product(product: Product) -> dict[str, Any]:
    return {
        "sku": product.code,
        "name": product.name,
        "variant": product.variant,
        "price": str(product.regular),
        "stock": product.on_hand - product.committed,
        "category": product.category,
        "pull": product.pull,
    }
