"""An edit between our look at the shop and our write, and a shop that compares."""

from __future__ import annotations

from typing import Any

import pytest

from console.providers.drivers.sandbox_shop import SandboxShop
from console.runbook.models import Step
from console.runbook.rules import State
from tests.prices.test_steps import _apply, _reprice, _revert, _shown, shop
from tests.sandboxed import Sandbox

__all__ = ["shop"]
pytestmark = pytest.mark.django_db(transaction=True)


def _reverted_while_edited(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch, *, compare: bool
) -> Step:
    """Somebody sets another price after the revert read it, before it writes."""
    true_push, edits = SandboxShop.set_prices, []

    def push(self: SandboxShop, prices: Any, **said: Any) -> Any:
        if not edits:
            edits.append("55.00")
            _reprice(shop, {"LAMP": "55.00"}, "FS-1")
        return true_push(self, prices, **said if compare else said | {"found": None})

    step = _apply()
    monkeypatch.setattr(SandboxShop, "set_prices", push)
    return _revert(step)


def test_an_edit_between_the_look_and_the_write_is_kept(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = _reverted_while_edited(shop, monkeypatch, compare=True)
    assert step.state == State.REVERTED, step.error
    assert {sku for sku, price in _shown(shop).items() if price} == {"LAMP"}
    assert list((step.seen or {})["kept"]) == ["LAMP"]


def test_control_a_shop_that_does_not_compare_loses_it(
    shop: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = _reverted_while_edited(shop, monkeypatch, compare=False)
    assert step.state == State.REVERTED, step.error
    assert _shown(shop)["LAMP"] is None
