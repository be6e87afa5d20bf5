"""Prices as shoppers see them: pages of the store, by sample."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from console.audit.models import Entry
from console.prices import sampling
from console.providers.drivers.sandbox_shop import SandboxShop
from console.providers.ports import PagePrice
from console.runbook.rules import State
from tests.prices.pagekit import (
    MANY,
    apply,
    many,
    missing,
    pages_say,
    revert,
    seen,
    shop,
)
from tests.sandboxed import SKUS, Sandbox

__all__ = ["many", "shop"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
Calls = list[tuple[set[str], set[str]]]


@pytest.fixture
def calls(shop: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What each write asked for, and what of it the shop lost."""
    made: Calls = []
    real = SandboxShop.set_prices

    def push(self: SandboxShop, prices: Any, **said: Any) -> Any:
        answer = real(self, prices, **said)
        made.append((set(prices), missing(shop, prices)))
        return answer

    monkeypatch.setattr(SandboxShop, "set_prices", push)
    return made


def test_of_a_store_that_drops_3_percent_exactly_those_are_retried_and_listed(
    shop: Sandbox, many: list[str], calls: Calls
) -> None:
    shop.faults(shop_price_drop=0.03)
    step = apply(dict.fromkeys(many, "70.00"))
    assert step.state == State.VERIFIED, step.error
    assert calls[0][0] == set(many) and calls[0][1]
    assert [asked for asked, _ in calls[1:]] == [lost for _, lost in calls if lost]
    assert set(seen(step)["lost"]) == calls[0][1]
    assert missing(shop, many) == set()


def test_what_stays_wrong_is_listed_and_nothing_else(
    many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that never takes six of two hundred."""
    never, real = set(many[::34]), SandboxShop.set_prices

    def push(self: SandboxShop, prices: Any, **said: Any) -> Any:
        return real(self, {s: p for s, p in prices.items() if s not in never}, **said)

    monkeypatch.setattr(SandboxShop, "set_prices", push)
    step = apply(dict.fromkeys(many, "70.00"), max_tries=1)
    assert (step.state, step.error_kind) == (State.FAILED, "partial")
    assert step.error.endswith(f"after 3 tries: {', '.join(sorted(never))}.")


def test_the_sample_is_repeatable_and_no_order_favours_any(settings: Settings) -> None:
    settings.SAMPLE_PAGES = 20
    one = sampling.chosen(MANY, seed="a")
    assert sampling.chosen(MANY[::-1], seed="a") == one
    assert (len(set(one.skus)), one.of) == (20, 200)
    assert sampling.chosen(MANY, seed="b").skus != one.skus
    assert sampling.chosen(MANY[:3], seed="a").skus == MANY[:3]
    settings.SAMPLE_PAGES = 0
    assert sampling.chosen(MANY, seed="a").skus == []


def test_a_step_keeps_which_pages_of_the_store_it_looked_at(
    many: list[str], settings: Settings
) -> None:
    settings.SAMPLE_PAGES = 5
    step = apply(dict.fromkeys(many, "70.00"))
    pages = seen(step)["pages"]
    assert pages["skus"] == sampling.chosen(many, seed=step.key).skus
    assert (pages["right"], pages["wrong"], pages["of"]) == (5, {}, 200)
    assert step.note == "200 of 200 prices read back; 5 pages show it"


def test_pages_that_lag_behind_the_api_are_pushed_again_exactly(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two pages of the store keep the old price until they are written once more."""
    lagging, asked = {"BOOT-42", "LAMP"}, list[set[str]]()
    page, push = SandboxShop.page, SandboxShop.set_prices

    def old(self: SandboxShop, sku: str, *, edge: bool) -> PagePrice:
        if sku in lagging and len(asked) < 2:
            return PagePrice(sku, 200, Decimal(100))
        return page(self, sku, edge=edge)

    def noted(self: SandboxShop, prices: Any, **said: Any) -> Any:
        asked.append(set(prices))
        return push(self, prices, **said)

    monkeypatch.setattr(SandboxShop, "page", old)
    monkeypatch.setattr(SandboxShop, "set_prices", noted)
    step = apply()
    assert step.state == State.VERIFIED, step.error
    assert asked == [set(SKUS), lagging]
    assert set(seen(step)["pages"]["again"]) == lagging
    assert step.note.endswith("6 pages show it, 2 after another push")


def test_a_store_whose_pages_stay_wrong_keeps_the_step_from_passing(
    shop: Sandbox,
) -> None:
    shop.faults(shop_page_old=1)
    step = apply(max_tries=1)
    assert (step.state, step.error_kind) == (State.FAILED, "page_differs")
    assert "6 of 6 pages looked at in the store" in step.error
    assert "LAMP shows 100.00, not 70.00" in step.error


def test_after_the_revert_the_pages_are_looked_at_too(shop: Sandbox) -> None:
    step = apply()
    step = revert(step)
    assert step.state == State.REVERTED, step.error
    assert seen(step)["pages"]["right"] == 6


def test_pages_that_keep_the_sale_price_are_listed_and_stop_no_revert(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody changed is audited all the same."""
    step = apply(max_tries=1)
    prices = {"campaign": "FS-1", "prices": {"BOOT-42": "65.00"}}
    shop.tell("PUT", "/shop/prices", prices)
    pages_say(monkeypatch, 200, "70.00", "LAMP")
    step = revert(step)
    assert step.state == State.REVERTED, step.error
    assert step.note.endswith("1 show another price: LAMP shows 70.00, not 100.00")
    assert seen(step)["pages"]["wrong"] == {"LAMP": "70.00"}
    assert Entry.objects.get(verb="prices.keep").after == {"BOOT-42": "65.00"}


def test_a_page_that_names_no_price_is_unknown_and_not_wrong(shop: Sandbox) -> None:
    row = {"sku": "TEASER", "name": "Soon", "price": "100.00", "teaser": True}
    shop.tell("PUT", "/shop/products", [row])
    step = apply({"TEASER": "70.00"})
    step = revert(step)
    assert step.state == State.REVERTED, step.error
    assert seen(step)["pages"]["silent"] == ["TEASER"]
