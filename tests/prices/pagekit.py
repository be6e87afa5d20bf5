"""A shop with pages and an edge, and steps of prices worked off in it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from console.prices import operations
from console.providers.drivers.sandbox_shop import SandboxShop
from console.providers.ports import PagePrice
from console.runbook import operations as runbook
from console.runbook.models import Step
from tests import make
from tests.sandboxed import SKUS, Sandbox
from tests.ticking import run

MANY = [f"BULK-{n:03}" for n in range(200)]
ALL = dict.fromkeys(SKUS, "70.00")


@pytest.fixture
def shop(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A shop with an edge in front; nothing is on sale."""
    clear(sandbox)
    where = {"base_url": sandbox.url, "secret": sandbox.token}
    make.connection("shop", "sandbox_shop", **where)
    make.connection("cdn", "sandbox_cdn", **where)
    yield sandbox
    sandbox.faults(
        shop_price_drop=None, shop_page_old=None, cdn_purge_drop=None, shop_500=None
    )
    clear(sandbox)


@pytest.fixture
def many(shop: Sandbox) -> list[str]:
    rows = [{"sku": sku, "name": sku, "price": "100.00", "stock": 5} for sku in MANY]
    shop.tell("PUT", "/shop/products", rows)
    clear(shop)
    return MANY


def clear(shop: Sandbox) -> None:
    sold = [row["sku"] for row in shop.tell("GET", "/shop/prices") if row["sale"]]
    prices = dict.fromkeys(sold)
    shop.tell("PUT", "/shop/prices", {"campaign": "FS-1", "prices": prices})


def missing(shop: Sandbox, skus: Any) -> set[str]:
    rows = shop.tell("GET", "/shop/prices")
    return {row["sku"] for row in rows if row["sku"] in skus and row["sale"] is None}


def apply(prices: dict[str, str] = ALL, **values: Any) -> Step:
    wanted = {"connection": "shop", "campaign": "FS-1", "prices": prices}
    now = timezone.now()
    for sku in prices:
        operations.note(sku, Decimal(100), from_at=now)
    said = {"wanted": wanted, "due_at": now, "now": now} | values
    return run(make.step("", "prices.apply", **said))


def look(of: Step) -> Step:
    now, wanted = timezone.now(), {"connection": "shop", "of": of.key}
    return run(make.step("", "prices.look_edge", wanted=wanted, due_at=now, now=now))


def seen(step: Step) -> dict[str, Any]:
    return step.seen or {}


def pages_say(
    monkeypatch: pytest.MonkeyPatch, status: int, price: str | None, *skus: str
) -> None:
    """These pages say so, or all of them."""
    page = SandboxShop.page

    def said(self: SandboxShop, sku: str, *, edge: bool) -> PagePrice:
        if skus and sku not in skus:
            return page(self, sku, edge=edge)
        return PagePrice(sku, status, Decimal(price) if price else None)

    monkeypatch.setattr(SandboxShop, "page", said)


def revert(step: Step) -> Step:
    return run(runbook.revert(step.pk, actor=None, now=timezone.now()))
