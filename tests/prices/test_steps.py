"""Prices pushed to a real shop, read back, lost, changed by others, put back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from console.audit.models import Entry
from console.prices import operations, pushing, queries
from console.prices.models import Conflict, PricePoint
from console.prices.rules import Reason
from console.providers.drivers.sandbox_shop import SandboxShop
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.runbook.rules import State
from tests import make
from tests.sandboxed import SKUS, Sandbox
from tests.ticking import run

pytestmark = pytest.mark.django_db

ALL = {sku: f"{60 + n}.50" for n, sku in enumerate(SKUS)}


@pytest.fixture(autouse=True)
def shop(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A shop whose six products cost 100.00 and are not on sale."""
    _clear(sandbox)
    make.connection("shop", "sandbox_shop", base_url=sandbox.url, secret=sandbox.token)
    for sku in SKUS:
        operations.note(sku, Decimal("100.00"), from_at=timezone.now())
    yield sandbox
    sandbox.faults(shop_price_drop=None)
    _clear(sandbox)


def _clear(shop: Sandbox) -> None:
    for campaign in ("FS-1", "OTHER", "EARLIER"):
        _reprice(shop, dict.fromkeys(SKUS), campaign)


def _reprice(shop: Sandbox, prices: dict[str, Any], campaign: str = "OTHER") -> None:
    shop.tell("PUT", "/shop/prices", {"campaign": campaign, "prices": prices})


def _shown(shop: Sandbox) -> dict[str, Decimal | None]:
    rows = shop.tell("GET", "/shop/prices")
    return {row["sku"]: row["sale"] and Decimal(row["sale"]) for row in rows}


def _apply(prices: dict[str, str] = ALL, **values: Any) -> Step:
    wanted = {"connection": "shop", "campaign": "FS-1", "prices": prices}
    now = timezone.now()
    said = {"wanted": wanted, "due_at": now, "now": now} | values
    return run(make.step("", "prices.apply", **said))


def _revert(step: Step) -> Step:
    return run(runbook.revert(step.pk, actor=None, now=timezone.now()))


def _amounts(channel: str = "web") -> dict[str, Decimal]:
    found = queries.in_force(SKUS, timezone.now(), channel=channel)
    return {sku: point.amount for sku, point in found.items()}


def _exact(prices: dict[str, str]) -> dict[str, Decimal]:
    return {sku: Decimal(price) for sku, price in prices.items()}


def test_apply_sets_reads_back_and_notes_every_price(shop: Sandbox) -> None:
    step = _apply()
    assert step.state == State.VERIFIED, step.error
    shown = _shown(shop)
    assert {sku: shown[sku] for sku in SKUS} == _exact(ALL)
    assert (step.seen or {})["pushed"] == 6
    assert step.note == "6 of 6 prices read back; 6 pages show it"
    assert _amounts() == _exact(ALL)
    rows = PricePoint.objects.filter(reason=Reason.SALE)
    assert set(rows.values_list("campaign", flat=True)) == {"FS-1"}


def test_apply_twice_writes_nothing_the_second_time() -> None:
    _apply()
    rows = PricePoint.objects.count()
    again = _apply()
    assert (again.seen or {})["pushed"] == 0
    assert PricePoint.objects.count() == rows


def test_lost_writes_are_pushed_again_and_only_those(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []
    true_push = SandboxShop.set_prices

    def push(self: SandboxShop, prices: Any, **said: Any) -> Any:
        missing = [s for s in prices if _shown(shop)[s] != Decimal(ALL[s])]
        assert list(prices) == missing
        calls.append(missing)
        return true_push(self, prices, **said)

    monkeypatch.setattr(SandboxShop, "set_prices", push)
    shop.faults(shop_price_drop=0.4)
    step = _apply()
    assert step.state == State.VERIFIED, step.error
    assert sum(map(len, calls)) >= len(SKUS)
    assert _amounts() == _exact(ALL)


def test_a_shop_that_loses_everything_fails_with_the_count(shop: Sandbox) -> None:
    shop.faults(shop_price_drop=1)
    step = _apply(max_tries=1)
    assert step.state == State.FAILED
    assert "6 of 6 prices did not arrive" in step.error
    assert set(_amounts().values()) == {Decimal(100)}


def test_a_product_the_shop_does_not_know_fails_at_once(shop: Sandbox) -> None:
    step = _apply(ALL | {"GHOST": "1.00"})
    assert step.state == State.FAILED
    assert "does not know GHOST" in step.error
    assert not any(_shown(shop)[sku] for sku in SKUS)


@pytest.fixture(params=["overlay", "one price"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A shop that lays prices over each other, and one we must treat as if not."""
    monkeypatch.setattr(SandboxShop, "overlays", request.param == "overlay")
    return str(request.param)


@pytest.mark.usefixtures("kind")
def test_revert_ends_every_sale_price(shop: Sandbox) -> None:
    step = _revert(_apply())
    assert step.state == State.REVERTED, step.error
    assert not any(_shown(shop)[sku] for sku in SKUS)
    assert step.note == "6 restored; 6 pages show it"
    assert set(_amounts().values()) == {Decimal(100)}


def test_revert_brings_back_an_earlier_sale_beneath(shop: Sandbox) -> None:
    _reprice(shop, {SKUS[0]: "95.00"}, "EARLIER")
    step = _revert(_apply())
    assert step.state == State.REVERTED, step.error
    shown = _shown(shop)
    assert shown[SKUS[0]] == 95
    assert not any(shown[sku] for sku in SKUS[1:])
    assert list(_amounts().values()).count(Decimal(95)) == 1


def test_revert_keeps_lists_and_audits_what_somebody_changed(shop: Sandbox) -> None:
    step = _apply()
    _reprice(shop, {"LAMP": "77.00"})
    step = _revert(step)
    assert step.state == State.REVERTED, step.error
    assert _shown(shop)["LAMP"] == 77
    told = "5 restored, 1 kept that somebody changed (1 to decide): LAMP at 77"
    assert told in step.note
    assert Entry.objects.get(verb="prices.keep").after is not None
    assert _amounts()["LAMP"] == 77


def test_our_price_does_not_come_back_when_the_one_above_it_ends(
    shop: Sandbox,
) -> None:
    step = _apply()
    _reprice(shop, {"LAMP": "77.00"})
    _revert(step)
    _reprice(shop, {"LAMP": None})
    assert _shown(shop)["LAMP"] is None


def test_revert_with_lost_writes_still_restores_all(shop: Sandbox) -> None:
    step = _apply()
    shop.faults(shop_price_drop=0.4)
    step = _revert(step)
    assert step.state == State.REVERTED, step.error
    assert not any(_shown(shop)[sku] for sku in SKUS)


EDITS = ["none", "base", "hand", "hand and base", "other sale", "ended"]


def _edit(shop: Sandbox, sku: str, what: str) -> None:
    """Change a price during the sale, past our own client."""
    if what.startswith("hand"):
        _reprice(shop, {sku: "55.00"}, "FS-1")
    if what == "other sale":
        _reprice(shop, {sku: "99.00"}, "OTHER")
    if what == "ended":
        _reprice(shop, {sku: None}, "FS-1")
    if what.endswith("base"):
        product = {"sku": sku, "name": f"Product {sku}", "price": "120.00"}
        shop.tell("PUT", "/shop/products", [product])


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("seed", range(8))
def test_revert_never_overwrites_a_random_edit(shop: Sandbox, seed: int) -> None:
    rng = random.Random(seed)
    step = _apply()
    edits = {sku: rng.choice(EDITS) for sku in SKUS}
    for sku, what in edits.items():
        _edit(shop, sku, what)
    step = _revert(step)
    assert step.state == State.REVERTED, step.error
    theirs = {"hand": "55.00", "hand and base": "55.00", "other sale": "99.00"}
    left = {sku: theirs[what] for sku, what in edits.items() if what in theirs}
    shown = _shown(shop)
    assert {s: shown[s] for s in SKUS if shown[s]} == _exact(left)
    assert set((step.seen or {})["kept"]) == set(left)
    asks = {"hand and base": "base_changed", "other sale": "other_sale"}
    asked = {sku: asks[what] for sku, what in edits.items() if what in asks}
    assert dict(Conflict.objects.values_list("sku", "why")) == asked


@pytest.mark.usefixtures("kind")
def test_the_regular_price_of_the_shop_is_never_touched(shop: Sandbox) -> None:
    step = _apply()
    _edit(shop, "LAMP", "base")
    _revert(step)
    regular = {r["sku"]: r["regular"] for r in shop.tell("GET", "/shop/prices")}
    assert {Decimal(regular[sku]) for sku in SKUS if sku != "LAMP"} == {Decimal(100)}
    assert Decimal(regular["LAMP"]) == 120
    assert _amounts()["LAMP"] == 120


def test_the_same_price_is_asked_about_once(shop: Sandbox) -> None:
    step = _apply()
    _edit(shop, "LAMP", "other sale")
    _revert(step)
    row = Conflict.objects.get()
    row.pk = None
    operations.ask([row], now=timezone.now())
    assert Conflict.objects.count() == 1


def test_a_long_list_takes_several_calls(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "BATCH", 2)
    monkeypatch.setattr(pushing, "BUDGET_S", 0.0)
    step = _apply()
    assert (step.state, (step.seen or {})["position"]) == (State.VERIFIED, 6)
    step = _revert(step)
    assert (step.seen or {})["restored"] == 6
    assert not any(_shown(shop)[sku] for sku in SKUS)
