"""A copied sale starts with what its source says, checked as if it were said now."""

from __future__ import annotations

import pytest

from console.audit.models import Entry
from console.providers.models import Connection
from console.stock import operations as stock
from console.stock.models import Sku, SoldOutPolicy
from console.stock.rules.soldout import SoldOutWay
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
WHO = {"actor": None, "now": NOW}


@pytest.fixture(autouse=True)
def _planned() -> None:
    """What is said of a sale needs that sale."""
    for code in ("FS-1", "FS-2"):
        make.campaign(code=code, lines=0)


def said(campaign: str) -> list[tuple[str | None, str, str]]:
    """What is said of a sale: SKU, way and target; of the whole sale first."""
    found = SoldOutPolicy.objects.filter(campaign=campaign)
    return sorted(
        found.values_list("sku__code", "way", "to"), key=lambda one: one[0] or ""
    )


def carry(*skus: Sku) -> None:
    ids = {sku.pk for sku in skus}
    stock.carry_sold_out("FS-1", "FS-2", skus=ids, **WHO)


def test_the_whole_sale_and_its_own_skus_are_carried_and_others_are_not() -> None:
    one, two, other = make.sku("A"), make.sku("B"), make.sku("C")
    stock.set_sold_out("FS-1", SoldOutWay.BADGE, **WHO)
    ours = {"skus": [one.pk, two.pk, other.pk], **WHO}
    stock.set_sold_out("FS-1", SoldOutWay.BADGE, **ours)
    stock.set_sold_out("FS-1", SoldOutWay.REDIRECT, "sku:C", skus=[two.pk], **WHO)
    carry(one, two)
    assert said("FS-2") == [
        (None, "badge", ""),
        ("A", "badge", ""),
        ("B", "redirect", "sku:C"),
    ]
    told = Entry.objects.filter(verb="stock.set_sold_out", reason="copied from FS-1")
    assert told.count() == 3


def test_a_source_that_says_nothing_lets_its_copy_say_nothing() -> None:
    carry(make.sku("A"))
    assert said("FS-2") == []


def test_a_source_that_ended_is_carried_too() -> None:
    make.allocation()
    stock.set_sold_out("FS-1", SoldOutWay.REVERT_PRICE, **WHO)
    make.gate()
    stock.close_gate("FS-1", now=NOW)
    carry()
    assert said("FS-2") == [(None, "revert_price", "")]


def test_a_redirect_to_a_shop_that_is_gone_is_left_out_and_the_trail_says_so() -> None:
    one = make.sku("A")
    make.connection("shop", "sandbox_shop", base_url="https://shop.example")
    stock.set_sold_out("FS-1", SoldOutWay.BADGE, **WHO)
    away = "https://shop.example/sale"
    stock.set_sold_out("FS-1", SoldOutWay.REDIRECT, away, skus=[one.pk], **WHO)
    Connection.objects.all().delete()
    carry(one)
    assert said("FS-2") == [(None, "badge", "")]
    told = Entry.objects.get(verb="stock.carry_sold_out")
    assert (told.object_id, told.after["left_out"]) == ("FS-2", away)
    assert "none of your shops" in told.after["because"]
