"""Pages that say nothing, are not asked, or fail: unknown, and nothing is stopped."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from console.prices import sampling
from console.providers.breaker import Breaker
from console.providers.client import Api
from console.providers.drivers.sandbox_shop import SandboxShop
from console.providers.ports import PagePrice
from console.runbook.rules import State
from tests.prices.pagekit import ALL, apply, look, many, pages_say, revert, seen, shop
from tests.sandboxed import Sandbox

__all__ = ["many", "shop"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]


@pytest.mark.parametrize("status", [0, 301, 404])
def test_a_page_that_is_missing_or_leads_elsewhere_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    pages_say(monkeypatch, status, None, "LAMP")
    step = apply(max_tries=1)
    told = "5 pages show it, 1 did not answer"
    assert (step.state, step.note[-len(told) :]) == (State.VERIFIED, told), step.error
    looked = look(step)
    assert (looked.state, looked.note) == (
        State.VERIFIED, "5 pages show it through the edge, 1 did not answer"
    )  # fmt: skip
    back = revert(step)
    assert back.state == State.REVERTED, back.error
    assert seen(back)["pages"]["unanswered"] == ["LAMP"]


def test_a_page_that_was_wrong_and_falls_silent_is_still_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Once it shows the old price; asked again it does not answer."""
    asked: list[str] = []
    page = SandboxShop.page

    def said(self: SandboxShop, sku: str, *, edge: bool) -> PagePrice:
        if sku != "LAMP":
            return page(self, sku, edge=edge)
        asked.append(sku)
        return PagePrice(sku, 200 if len(asked) == 1 else 503, Decimal("100.00"))

    monkeypatch.setattr(SandboxShop, "page", said)
    step = apply(max_tries=1)
    assert (step.state, step.error_kind) == (State.FAILED, "page_differs")
    assert "LAMP shows 100.00, not 70.00" in step.error


def test_pages_that_are_not_reached_in_time_are_not_waited_for(
    many: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty slow pages, eight at once, and time for three rounds at most."""
    settings.SAMPLE_PAGES = 40
    page = SandboxShop.page

    def slow(self: SandboxShop, sku: str, *, edge: bool) -> PagePrice:
        time.sleep(0.4)
        return page(self, sku, edge=edge)

    monkeypatch.setattr(SandboxShop, "page", slow)
    monkeypatch.setattr(sampling, "BUDGET_S", 1.0)
    step = apply(dict.fromkeys(many, "70.00"))
    assert step.state == State.VERIFIED, step.error
    pages = seen(step)["pages"]
    assert 0 < pages["right"] <= 24
    assert len(pages["unanswered"]) == 40 - pages["right"]


def test_a_price_not_for_everybody_is_not_looked_for_on_public_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The public page shows the regular price, and rightly so."""
    pages_say(monkeypatch, 200, "100.00")
    wanted = {"connection": "shop", "campaign": "FS-1", "prices": ALL}
    step = apply(wanted=wanted | {"offer": "personal"}, max_tries=1)
    assert step.state == State.VERIFIED, step.error
    assert "pages" not in seen(step)
    looked = look(step)
    assert looked.state == State.VERIFIED, looked.error
    assert looked.note.startswith("Not on the public pages")


def test_pages_that_fail_do_not_keep_the_api_from_being_called(shop: Sandbox) -> None:
    """More failures than the breaker of the API would bear."""
    client = SandboxShop(Api("shop", shop.url, shop.token))
    shop.faults(shop_500=1)
    for _ in range(6):
        assert client.page("LAMP", edge=False).status == 500
    assert Breaker("shop", shop.url).check() is False


def test_what_was_read_goes_along_when_a_page_is_written_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So the shop refuses where somebody changed the price in between."""
    pages_say(monkeypatch, 200, "100.00", "LAMP")
    known, push = list[Any](), SandboxShop.set_prices

    def noted(self: SandboxShop, prices: Any, **said: Any) -> Any:
        known.append(said["found"]["LAMP"].sale)
        return push(self, prices, **said)

    monkeypatch.setattr(SandboxShop, "set_prices", noted)
    apply(max_tries=1)
    assert known == [None, 70, 70]
