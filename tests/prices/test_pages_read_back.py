"""Prices as shoppers see them: pages of the store and of the edge, by sample."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from console.prices import edge, operations, sampling
from console.providers.client import Api
from console.providers.drivers.sandbox_shop import SandboxShop
from console.providers.models import Connection
from console.providers.ports import PagePrice
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.runbook.rules import State
from tests import make
from tests.sandboxed import SKUS, Sandbox

pytestmark = pytest.mark.django_db
SETTLED = {State.VERIFIED, State.FAILED, State.REVERTED}
MANY = [f"BULK-{n:03}" for n in range(200)]
ALL = dict.fromkeys(SKUS, "70.00")
Calls = list[tuple[set[str], set[str]]]


@pytest.fixture(autouse=True)
def shop(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A shop with an edge in front; nothing is on sale."""
    _clear(sandbox)
    where = {"base_url": sandbox.url, "secret": sandbox.token}
    make.connection("shop", "sandbox_shop", **where)
    make.connection("cdn", "sandbox_cdn", **where)
    yield sandbox
    sandbox.faults(shop_price_drop=None, shop_page_old=None, cdn_purge_drop=None)
    _clear(sandbox)


@pytest.fixture
def many(shop: Sandbox) -> list[str]:
    rows = [{"sku": sku, "name": sku, "price": "100.00", "stock": 5} for sku in MANY]
    shop.tell("PUT", "/shop/products", rows)
    _clear(shop)
    return MANY


def _clear(shop: Sandbox) -> None:
    sold = [row["sku"] for row in shop.tell("GET", "/shop/prices") if row["sale"]]
    prices = dict.fromkeys(sold)
    shop.tell("PUT", "/shop/prices", {"campaign": "FS-1", "prices": prices})


def _missing(shop: Sandbox, skus: Any) -> set[str]:
    rows = shop.tell("GET", "/shop/prices")
    return {row["sku"] for row in rows if row["sku"] in skus and row["sale"] is None}


def _apply(prices: dict[str, str] = ALL, **values: Any) -> Step:
    wanted = {"connection": "shop", "campaign": "FS-1", "prices": prices}
    now = timezone.now()
    for sku in prices:
        operations.note(sku, Decimal(100), from_at=now)
    said = {"wanted": wanted, "due_at": now, "now": now} | values
    return _run(make.step("", "prices.apply", **said))


def _look(of: Step) -> Step:
    now, wanted = timezone.now(), {"connection": "shop", "of": of.key}
    return _run(make.step("", "prices.look_edge", wanted=wanted, due_at=now, now=now))


def _run(step: Step, *, within_s: float = 30.0) -> Step:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        for claim in runbook.claim_due(now=timezone.now()):
            runbook.run(claim, now=timezone.now())
        step.refresh_from_db()
        if step.state in SETTLED:
            return step
        time.sleep(0.02)
    raise AssertionError(f"{step.key} is still {step.state}: {step.note} {step.error}")


def _seen(step: Step) -> dict[str, Any]:
    return step.seen or {}


@pytest.fixture
def calls(shop: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What each write asked for, and what of it the shop lost."""
    made: Calls = []
    real = SandboxShop.set_prices

    def push(self: SandboxShop, prices: Any, **said: Any) -> Any:
        answer = real(self, prices, **said)
        made.append((set(prices), _missing(shop, prices)))
        return answer

    monkeypatch.setattr(SandboxShop, "set_prices", push)
    return made


def test_of_a_store_that_drops_3_percent_exactly_those_are_retried_and_listed(
    shop: Sandbox, many: list[str], calls: Calls
) -> None:
    shop.faults(shop_price_drop=0.03)
    step = _apply(dict.fromkeys(many, "70.00"))
    assert step.state == State.VERIFIED, step.error
    assert calls[0][0] == set(many) and calls[0][1]
    assert [asked for asked, _ in calls[1:]] == [lost for _, lost in calls if lost]
    assert set(_seen(step)["lost"]) == calls[0][1]
    assert _missing(shop, many) == set()


def test_what_stays_wrong_is_listed_and_nothing_else(
    many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that never takes six of two hundred."""
    never, real = set(many[::34]), SandboxShop.set_prices

    def push(self: SandboxShop, prices: Any, **said: Any) -> Any:
        return real(self, {s: p for s, p in prices.items() if s not in never}, **said)

    monkeypatch.setattr(SandboxShop, "set_prices", push)
    step = _apply(dict.fromkeys(many, "70.00"), max_tries=1)
    assert (step.state, step.error_kind) == (State.FAILED, "partial")
    assert step.error.endswith(f"after 3 tries: {', '.join(sorted(never))}.")


def test_the_sample_is_repeatable_and_no_order_favours_any(settings: Settings) -> None:
    settings.SAMPLE_PAGES = 20
    one = sampling.chosen(MANY, seed="a")
    assert sampling.chosen(MANY[::-1], seed="a") == one
    assert (len(set(one.skus)), one.of) == (20, 200)
    assert sampling.chosen(MANY, seed="b").skus != one.skus
    assert sampling.chosen(MANY[:3], seed="a").skus == MANY[:3]
    assert sampling.chosen(MANY, seed="a", size=0).skus == []


def test_a_step_keeps_which_pages_of_the_store_it_looked_at(
    many: list[str], settings: Settings
) -> None:
    settings.SAMPLE_PAGES = 5
    step = _apply(dict.fromkeys(many, "70.00"))
    pages = _seen(step)["pages"]
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
    step = _apply()
    assert step.state == State.VERIFIED, step.error
    assert asked == [set(SKUS), lagging]
    assert set(_seen(step)["pages"]["again"]) == lagging
    assert step.note.endswith("6 pages show it, 2 after another push")


def test_a_store_whose_pages_stay_wrong_keeps_the_step_from_passing(
    shop: Sandbox,
) -> None:
    shop.faults(shop_page_old=1)
    step = _apply(max_tries=1)
    assert (step.state, step.error_kind) == (State.FAILED, "page_differs")
    assert "6 of 6 pages looked at in the store" in step.error
    assert "LAMP shows 100.00, not 70.00" in step.error


def test_after_the_revert_the_pages_are_looked_at_too(shop: Sandbox) -> None:
    step = _apply()
    _run(runbook.revert(step.pk, actor=None, now=timezone.now()))
    step.refresh_from_db()
    assert step.state == State.REVERTED, step.error
    assert _seen(step)["pages"]["right"] == 6


def test_a_page_that_keeps_the_sale_price_stops_the_revert(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = _apply(max_tries=1)
    monkeypatch.setattr(
        SandboxShop, "page",
        lambda _self, sku, edge: PagePrice(sku, 200, Decimal("70.00")),
    )  # fmt: skip
    _run(runbook.revert(step.pk, actor=None, now=timezone.now()))
    step.refresh_from_db()
    assert (step.state, step.error_kind) == (State.FAILED, "page_differs")
    assert "LAMP shows 70.00, not 100.00" in step.error


def test_a_page_that_names_no_price_is_unknown_and_not_wrong(shop: Sandbox) -> None:
    row = {"sku": "TEASER", "name": "Soon", "price": "100.00", "teaser": True}
    shop.tell("PUT", "/shop/products", [row])
    step = _apply({"TEASER": "70.00"})
    _run(runbook.revert(step.pk, actor=None, now=timezone.now()))
    step.refresh_from_db()
    assert step.state == State.REVERTED, step.error
    assert _seen(step)["pages"]["silent"] == ["TEASER"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waits, a tenth as long."""
    monkeypatch.setattr(edge, "AGAIN_AFTER_S", 0.3)
    monkeypatch.setattr(edge, "GIVE_UP_AFTER_S", 1.5)


def _warm(shop: Sandbox, *skus: str) -> None:
    """Let the edge keep the pages as they are."""
    client = SandboxShop(Api("shop", shop.url, shop.token))
    for sku in skus:
        assert client.page(sku, edge=True).price == 100


@pytest.mark.usefixtures("quick")
def test_a_fresh_edge_passes_at_once(shop: Sandbox) -> None:
    step = _look(_apply())
    assert (step.state, step.note) == (
        State.VERIFIED, "6 pages show it through the edge"
    )  # fmt: skip


@pytest.mark.usefixtures("quick")
def test_exactly_the_pages_that_are_old_in_the_edge_are_purged_again(
    shop: Sandbox,
) -> None:
    _warm(shop, "BOOT-42", "LAMP")
    step = _look(_apply())
    assert step.state == State.VERIFIED, step.error
    assert _seen(step)["again"] == ["BOOT-42", "LAMP"]
    assert step.note == "6 pages show it through the edge, 2 purged again"


@pytest.mark.usefixtures("quick")
def test_an_edge_that_stays_stale_is_told_with_its_pages(shop: Sandbox) -> None:
    _warm(shop, "LAMP")
    shop.faults(cdn_purge_drop=1)
    step = _look(_apply())
    assert (step.state, step.error_kind) == (State.FAILED, "stale_edge")
    assert "the edge is stale: LAMP shows 100.00, not 70.00." in step.error
    assert _seen(step)["stale"] == {"LAMP": "100.00"}


@pytest.mark.usefixtures("quick")
def test_a_wrong_store_is_told_apart_from_a_stale_edge(shop: Sandbox) -> None:
    step = _apply()
    shop.faults(shop_page_old=1)
    looked = _look(step)
    assert (looked.state, looked.error_kind) == (State.FAILED, "page_differs")
    assert "the store itself is wrong: BOOT-42" in looked.error
    assert "the edge is stale" not in looked.error


def test_an_edge_at_a_private_address_is_not_called(shop: Sandbox) -> None:
    of = _apply()
    Connection.objects.filter(name="shop").update(
        options={"edge_url": "http://10.1.2.3"}
    )
    step = _look(of)
    assert (step.state, step.error_kind) == (State.FAILED, "address_not_allowed")
