"""Pages that somebody else changes, and those whose teller died or came late."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from console.errors import OutsideFailure
from console.providers.operations import open_port
from console.providers.ports import Notice, SoldOutDisplay
from console.stock import clock, publishing
from console.stock import operations as stock
from console.stock.models import Shopfront, Shown
from console.stock.operations import publishing as rounds
from console.stock.operations.notices import intend, unsettled
from tests.sandboxed import Sandbox, running_sandbox, sandbox
from tests.stock.noticekit import (
    SKU,
    asked,
    bought,
    on_sale,
    page,
    reread,
    says,
    shop,
)
from tests.stock.shopkit import row, tell

__all__ = ["running_sandbox", "sandbox", "shop"]
pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true"}
ELSEWHERE = "https://elsewhere.example/"


def put(sandbox: Sandbox, **notice: str) -> None:
    """Somebody in the shop makes the page do this."""
    said = {"notices": {SKU: notice or None}}
    sandbox.tell("PUT", "/shop/notices", said)


def test_what_somebody_else_made_a_page_do_stays_and_is_listed(
    shop: Sandbox, operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_sale()
    asked("redirect", f"{shop.url}/?sale=1")
    bought()
    tell()
    assert page(shop).status_code == 302
    put(shop, way="redirect", to=ELSEWHERE)
    stock.close_gate("FS-1", now=clock.now())
    tell()
    assert page(shop).headers["location"] == ELSEWHERE
    found = row(SKU)
    assert (found.state, found.notice) == ("shown", "")
    assert ELSEWHERE in found.notice_kept
    told = operator.get(reverse("stock:sold_out", args=["FS-1"]), headers=HTMX)
    assert ELSEWHERE in told.content.decode()
    monkeypatch.setattr("console.stock.queries.soldout.FIRST", 0)
    told = operator.get(reverse("stock:sold_out", args=["FS-1"]), headers=HTMX)
    assert "And 1 more page that" in told.content.decode()
    put(shop)
    reread()
    assert row(SKU).notice_kept == ""


def test_a_page_somebody_uses_already_is_left_alone(shop: Sandbox) -> None:
    put(shop, way="redirect", to=ELSEWHERE)
    on_sale()
    asked("badge")
    bought()
    tell()
    assert page(shop).headers["location"] == ELSEWHERE
    put(shop)
    reread()
    assert "Sold out" in says(shop) and row(SKU).notice_shown == "badge FS-1"


def test_a_page_that_lost_it_is_told_again(shop: Sandbox) -> None:
    on_sale()
    asked("waiting_list")
    bought()
    tell()
    put(shop)
    reread()
    assert "Wait for it" in says(shop)
    assert Shopfront.objects.get().repaired == 1


def test_what_arrived_before_its_sender_died_is_known_as_ours(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `kill -9` between the call and its note; without the note it stays."""
    on_sale()
    asked("redirect", f"{shop.url}/?sale=1")
    tell()
    bought()

    class Killed(BaseException):
        """Nothing of ours catches it."""

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(publishing.noticing.rows, "note", die)
        with pytest.raises(Killed):
            tell()
    assert page(shop).status_code == 302
    assert row(SKU).notice_shown == ""
    stock.close_gate("FS-1", now=clock.now())
    Shown.objects.update(lease_until=None, ready_at=clock.now())
    Shopfront.objects.update(lease_until=None)
    tell()
    assert page(shop).status_code == 200
    assert (row(SKU).notice_kept, row(SKU).state) == ("", "shown")


def test_a_call_that_arrives_late_is_undone(shop: Sandbox) -> None:
    on_sale()
    asked("redirect", f"{shop.url}/?sale=1")
    bought()
    tell()
    stock.close_gate("FS-1", now=clock.now())
    tell()
    port = open_port(SoldOutDisplay, "shop")
    late = Notice("redirect", "FS-1", f"{shop.url}/?sale=1")
    port.set_notices({SKU: late}, found={SKU: None}, key="late")
    reread()
    assert page(shop).status_code == 200


def test_a_call_that_arrives_behind_a_newer_one_is_undone(shop: Sandbox) -> None:
    """A redirect hangs on its way while the page is told to say sold out."""
    on_sale()
    redirect = f"{shop.url}/?sale=1"
    asked("redirect", redirect)
    bought()
    Shopfront.objects.update(looked_at=None)
    publishing.behind()
    round_ = rounds.begin("shop", now=clock.now())
    assert round_ is not None
    assert intend(round_, unsettled(round_.rows)), "it was sent, and nobody knows more"
    Shown.objects.update(lease_until=None)
    Shopfront.objects.update(lease_until=None)
    asked("badge")
    tell()
    assert row(SKU).notice_shown == "badge FS-1"
    port = open_port(SoldOutDisplay, "shop")
    late = Notice("redirect", "FS-1", redirect)
    port.set_notices({SKU: late}, found={SKU: Notice("badge", "FS-1")}, key="late")
    reread()
    assert "Sold out" in says(shop), "told again what it should do"
    stock.close_gate("FS-1", now=clock.now())
    tell()
    port.set_notices({SKU: late}, found={SKU: None}, key="later")
    reread()
    assert page(shop).status_code == 200
    assert row(SKU).notice_kept == ""
    assert row(SKU).notice_told == [f"redirect FS-1 {redirect}", "badge FS-1"]
    reread()
    assert row(SKU).notice_told == [], "read doing nothing, minutes after"


def test_a_shop_that_compares_refuses_what_it_no_longer_does(shop: Sandbox) -> None:
    port = open_port(SoldOutDisplay, "shop")
    put(shop, way="badge", campaign="OTHER")
    with pytest.raises(OutsideFailure) as refused:
        port.set_notices({SKU: Notice("badge", "FS-1")}, found={SKU: None}, key="k")
    assert refused.value.kind == "conflict"
    assert port.notices([SKU, "GHOST"]) == {SKU: Notice("badge", "OTHER")}
