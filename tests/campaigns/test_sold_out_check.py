"""A shop that cannot do what is asked for once sold out is named before approval."""

from __future__ import annotations

import pytest

from console.campaigns.queries import readiness
from console.providers.drivers.sandbox_shop import SandboxShop
from console.stock import operations as stock
from console.stock.rules.soldout import SoldOutWay
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_a_plan_warns_of_shops_that_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    make.connection("store", "sandbox_shop")
    one = make.campaign()
    stock.set_sold_out(one.code, SoldOutWay.WAITING_LIST, actor=None, now=NOW)

    def warned() -> list[str]:
        found = readiness.verdict(one, now=NOW).warnings
        return [check.text for check in found if "sold out" in check.text]

    assert warned() == []
    monkeypatch.setattr(SandboxShop, "sold_out_ways", frozenset({"badge"}))
    assert warned() == [
        "store cannot “Offer the waiting list” when a SKU is sold out: it says sold out"
    ]
