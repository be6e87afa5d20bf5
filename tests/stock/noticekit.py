"""A sale in the sandbox's shop whose units are bought, come back, and its pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.core.cache import caches
from django.db.models import F
from django.utils import timezone

from console.prices import operations as prices
from console.providers.models import Connection
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.stock import clock
from console.stock import operations as stock
from console.stock.models import Allocation, Shown, SoldOut
from console.stock.operations.soldout import watch
from console.stock.rules import Item
from console.stock.rules.publishing import AUDIT_EVERY
from console.stock.rules.soldout import BACK_AFTER, SoldOutWay
from tests import make
from tests.calls import http
from tests.sandboxed import SKUS, Sandbox
from tests.stock.shopkit import tell
from tests.ticking import run

SKU = "SHELL-S"


@pytest.fixture(autouse=True)
def shop(sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox's shop, connected, for every test of a module that imports this."""
    opened(sandbox)
    yield sandbox
    clear(sandbox)


def opened(sandbox: Sandbox, name: str = "shop", **options: Any) -> Connection:
    """The sandbox's shop, connected; its pages do nothing."""
    caches["shared"].clear()
    clear(sandbox)
    return make.connection(
        name,
        "sandbox_shop",
        base_url=sandbox.url,
        secret=sandbox.token,
        options=options,
    )


def clear(sandbox: Sandbox) -> None:
    """Its pages do nothing, and nothing is on sale."""
    sandbox.tell("PUT", "/shop/notices", {"notices": dict.fromkeys(SKUS)})
    ended = {"campaign": "FS-1", "prices": dict.fromkeys(SKUS)}
    sandbox.tell("PUT", "/shop/prices", ended)


def on_sale(units: int = 2, *, code: str = SKU, campaign: str = "FS-1") -> Allocation:
    """A running sale of all units there are of a SKU."""
    one = make.allocation(quantity=units, of=make.sku(code), campaign=campaign)
    make.gate(campaign)
    return one


def page(sandbox: Sandbox, code: str = SKU) -> Any:
    """The page as a shopper of the store gets it."""
    return http.get(
        f"{sandbox.url}/shop/p/{quote(code, safe='')}", follow_redirects=False
    )


def says(sandbox: Sandbox, code: str = SKU) -> str:
    """What is on it."""
    reply = page(sandbox, code)
    assert reply.status_code == 200, reply.status_code
    return str(reply.text)


def bought(units: int = 2, *, code: str = SKU, campaign: str = "FS-1") -> Any:
    """Somebody pays for so many."""
    held = reserved(units, code=code, campaign=campaign)
    return stock.confirm(held.id, order=f"O-{held.id}", now=clock.now())


def reserved(units: int = 2, *, code: str = SKU, campaign: str = "FS-1") -> Any:
    """Somebody has so many in a basket."""
    now = clock.now()
    line = [Item(code, units)]
    key = f"k-{now.timestamp()}"
    return stock.reserve(campaign, lines=line, buyer="b", key=key, now=now)


def asked(
    way: str, to: str = "", *, skus: tuple[int, ...] = (), campaign: str = "FS-1"
) -> None:
    """Say what shops do when it is sold out."""
    stock.set_sold_out(
        campaign, SoldOutWay(way), to, skus=skus, actor=None, now=clock.now()
    )


def topped_up(one: Allocation, units: int = 5) -> None:
    """More units are locked for the sale."""
    make.level(one.sku, units=units)
    one.refresh_from_db()
    stock.resize(
        one.pk,
        quantity=one.quantity + units,
        buffer=one.buffer,
        version=one.version,
        actor=None,
        now=clock.now(),
    )


def later(span: timedelta = BACK_AFTER) -> None:
    """So much later, what is sold out or back is so for longer."""
    SoldOut.objects.update(back_at=F("back_at") - span, empty_at=F("empty_at") - span)


def look_twice() -> None:
    """Two looks with the patience of a policy between them, and shops are told."""
    watch(now=clock.now())
    later()
    tell()


def reread() -> None:
    """What is shown is read again, and what was found is sent."""
    Shown.objects.update(read_at=clock.now() - AUDIT_EVERY)
    tell()
    tell()


def priced(connection: str = "shop", *, code: str = SKU) -> tuple[Step, Step]:
    """The sale price is in the shop; the step that set it, and the one that ends it."""
    now = timezone.now()
    prices.note(code, Decimal("100.00"), from_at=now)
    key = f"campaign:FS-1/1/prices-{connection}"
    wanted = {"connection": connection, "campaign": "FS-1", "prices": {code: "60.00"}}
    said = {"due_at": now, "now": now, "phase": "open", "target": connection}
    step = run(make.step(key, "prices.apply", wanted=wanted, **said))
    assert step.state == "verified", step.error
    end = runbook.plan(
        f"campaign:FS-1/1/restore-{connection}",
        "runbook.revert",
        plan="campaign:FS-1",
        title="Put the prices back",
        target=connection,
        wanted={"keys": [key]},
        phase="revert",
        due_at=now + timedelta(hours=1),
        now=now,
    )
    return step, end


def work_off() -> None:
    """Steps that turned a price are done."""
    for step in Step.objects.filter(key__contains="/sold-out/").order_by("pk"):
        run(step)
