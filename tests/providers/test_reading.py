"""While only looking is allowed, a call that changes something does not leave."""

from __future__ import annotations

from decimal import Decimal

import pytest

from console.providers.operations import open_port
from console.providers.ports import Storefront
from console.providers.reading import OnlyLooking, only_looking
from tests import make
from tests.sandboxed import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(sandbox: Sandbox) -> Storefront:
    make.connection("shop", "sandbox_shop", base_url=sandbox.url, secret=sandbox.token)
    return open_port(Storefront, "shop")


def _lamp(shop: Storefront) -> Decimal | None:
    return shop.prices(["LAMP"])["LAMP"].sale


def test_reads_pass_and_are_counted_and_writes_are_kept_back(shop: Storefront) -> None:
    before = _lamp(shop)
    with only_looking() as calls:
        _lamp(shop)
        with pytest.raises(OnlyLooking):
            shop.set_prices({"LAMP": Decimal(5)}, campaign="FS-1", key="k")
    assert (dict(calls.read), dict(calls.refused)) == ({"shop": 1}, {"shop": 1})
    assert _lamp(shop) == before


def test_control_the_same_write_passes_otherwise(shop: Storefront) -> None:
    shop.set_prices({"LAMP": Decimal(5)}, campaign="FS-1", key="k")
    assert _lamp(shop) == 5
    shop.set_prices({"LAMP": None}, campaign="FS-1", key="k2")
