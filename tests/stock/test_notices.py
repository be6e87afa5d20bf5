"""Each sold-out policy on the sandbox's shop: sold out, back, over, page as before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.providers.ports import Notice
from console.stock import clock, noticing
from console.stock import operations as stock
from console.stock.client import GateClient
from console.stock.models import SoldOut, SoldOutPolicy, Waiter
from console.stock.operations.soldout import watch
from console.stock.rules import Item
from tests import make
from tests.calls import http
from tests.sandboxed import Sandbox, running_sandbox, sandbox
from tests.stock.conftest import Door
from tests.stock.noticekit import (
    SKU,
    asked,
    bought,
    look_twice,
    on_sale,
    page,
    says,
    shop,
    topped_up,
)
from tests.stock.shopkit import row, tell

__all__ = ["running_sandbox", "sandbox", "shop"]
pytestmark = pytest.mark.django_db(transaction=True)


def sold_through(door: Door) -> None:
    """Two units are bought at the real gate."""
    with GateClient(door.url, door.token) as gate:
        held = gate.reserve("FS-1", buyer="b", lines=[Item(SKU, 2)], key="cart")
        tell()
        assert not SoldOut.objects.exclude(out_at=None).exists(), "only held so far"
        gate.confirm(held.id, order="O-1")


def shown_by(sandbox: Sandbox, way: str) -> bool:
    reply = page(sandbox)
    if way == "redirect":
        return bool(reply.status_code == 302)
    if way == "waiting_list":
        return "Wait for it" in reply.text and "Sold out" in reply.text
    return "Sold out" in reply.text and "Wait for it" not in reply.text


@pytest.mark.parametrize("way", ["badge", "waiting_list", "redirect"])
def test_sold_out_back_and_over_the_page_follows(
    shop: Sandbox, door: Door, way: str
) -> None:
    one = on_sale()
    tell()
    before = says(shop)
    assert "2 left" in before
    asked(way, f"{shop.url}/?sale=1" if way == "redirect" else "")
    sold_through(door)
    tell()
    assert shown_by(shop, way)
    assert row(SKU).notice_shown.startswith(f"{way} FS-1")
    topped_up(one)
    tell()
    assert shown_by(shop, way), "one look is not enough"
    look_twice()
    assert "5 left" in says(shop) and "Wait for it" not in says(shop)
    bought(5)
    tell()
    assert shown_by(shop, way)
    stock.close_gate("FS-1", now=clock.now())
    tell()
    assert page(shop).status_code == 200 and "Wait for it" not in says(shop)
    assert shop.tell("GET", "/shop/notices")[SKU] is None
    found = row(SKU)
    assert (found.state, found.notice, found.notice_shown) == ("shown", "", "")
    assert not SoldOut.objects.exists()


def test_a_redirect_leads_where_it_was_told(shop: Sandbox) -> None:
    on_sale()
    asked("redirect", f"{shop.url}/?sale=1")
    bought()
    tell()
    assert page(shop).headers["location"] == f"{shop.url}/?sale=1"
    make.sku("BOOT-42")
    for to, there in (
        ("sku:BOOT-42", "BOOT-42"),
        ("category:boots", "/?category=boots"),
    ):
        asked("redirect", to)
        tell()
        assert page(shop).headers["location"] == there
    edge = http.get(f"{shop.url}/edge/p/{SKU}", follow_redirects=False)
    assert (edge.status_code, edge.headers["location"]) == (302, "/?category=boots")


def test_two_pages_never_lead_to_each_other(shop: Sandbox) -> None:
    on_sale()
    other = on_sale(code="BOOT-42", campaign="FS-2")
    asked("redirect", "sku:BOOT-42")
    asked("redirect", f"sku:{SKU}", skus=(other.sku_id,), campaign="FS-2")
    bought()
    tell()
    assert page(shop).headers["location"] == "BOOT-42"
    bought(code="BOOT-42", campaign="FS-2")
    tell()
    assert "Sold out" in says(shop) and "Sold out" in says(shop, "BOOT-42")


def test_the_form_of_the_page_puts_a_shopper_into_the_line(
    shop: Sandbox, door: Door
) -> None:
    on_sale()
    asked("waiting_list")
    said = {"gate_url": door.url, "gate_token": door.token}
    shop.tell("PUT", "/shop/config", said)
    there = f"{shop.url}/shop/line/{SKU}"
    assert http.post(there, data={"buyer": "a@b.example"}).status_code == 409
    sold_through(door)
    tell()
    told = http.post(there, data={"buyer": "a@b.example"})
    assert (told.status_code, told.json()["state"]) == (201, "waiting"), told.text
    assert Waiter.objects.get().buyer == "a@b.example"
    assert http.post(there, data={"buyer": ""}).status_code == 422


def test_a_page_the_shop_refuses_is_named_and_the_others_go_on(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_sale()
    on_sale(code="BOOT-42", campaign="FS-2")
    tell()
    asked("badge")
    asked("badge", campaign="FS-2")
    SoldOutPolicy.objects.filter(campaign="FS-1").update(
        way="redirect", to="category:" + "x" * 280
    )
    monkeypatch.setattr(noticing, "_notice", longer(noticing._notice))
    bought()
    bought(code="BOOT-42", campaign="FS-2")
    tell()
    assert "Sold out" in says(shop, "BOOT-42")
    found = row(SKU)
    assert (found.state, "400" in found.last_error) == ("failed", True)


def longer(true: Callable[[str], Notice | None]) -> Callable[[str], Notice | None]:
    """An address longer than the shop takes."""

    def told(kept: str) -> Notice | None:
        found = true(kept)
        if found is None or not found.to:
            return found
        return Notice(found.way, found.campaign, found.to * 3)

    return told


def test_without_a_policy_nothing_is_asked_of_the_page(shop: Sandbox) -> None:
    on_sale()
    bought()
    tell()
    assert "Sold out" in says(shop), "0 units say so"
    assert shop.tell("GET", "/shop/notices")[SKU] is None


def test_a_shop_that_has_units_of_its_own_goes_on_selling(shop: Sandbox) -> None:
    one = on_sale()
    make.level(one.sku, units=3)
    asked("redirect", f"{shop.url}/?sale=1")
    bought()
    tell()
    watch(now=clock.now())
    assert SoldOut.objects.get().out_at is not None
    assert "3 left" in says(shop)
