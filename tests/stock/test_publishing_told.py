"""What is told of shops and what they show: to the doctor, the Stock tab, detectors."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from console.shell.health import Awake, examine
from console.stock import clock, health, publishing, queries
from console.stock import operations as stock
from console.stock.models import Shopfront, Shown
from console.stock.operations.wanting import compare
from tests import make
from tests.stock.shopkit import Shelf, count_to, stocked, tell

pytestmark = pytest.mark.django_db


def test_a_shop_that_shows_none_though_there_are_some_is_told_of(shop: Shelf) -> None:
    (code,) = stocked(shop, units=0)
    tell()
    count_to(code, 4)
    now = clock.now()
    Shopfront.objects.update(looked_at=None)
    compare(now=now)
    assert queries.published_stale(now=now + timedelta(seconds=1)) == []
    (found,) = queries.published_stale(now=now + timedelta(seconds=2))
    assert (found.connection, found.sku_code, found.units) == ("shop", code, 4)
    publishing.run_round("shop")
    assert queries.published_stale(now=now + timedelta(seconds=9)) == []


def test_what_a_shop_shows_as_gone_counts_as_stuck_and_stays_to_be_sent(
    shop: Shelf,
) -> None:
    one = make.allocation(quantity=0, of=make.sku("SHELL"))
    shop.sold.add("SHELL")
    tell()
    count_to("SHELL", 4)
    now = clock.now()
    Shopfront.objects.update(looked_at=None)
    compare(now=now)
    late = now + timedelta(seconds=5)
    for asked in ("FS-1", None):
        (found,) = queries.stuck(asked, now=late)
        assert (found.kind, found.campaign) == ("shown_as_gone", one.campaign)
        assert (found.sku, found.units) == ("SHELL", 4)
    assert queries.stuck("FS-2", now=late) == []
    (kept,) = stock.reclaim(dry=False, actor=None, now=late)
    assert kept.why == "shop has not taken the news"


def test_a_change_that_waits_for_long_is_told_by_the_doctor(shop: Shelf) -> None:
    stocked(shop)
    compare(now=clock.now())
    later = clock.now() + timedelta(seconds=31)
    (check,) = health.shops_shown(later)
    assert (check.state, check.note) == (Awake.LATE, "shop: 1 waiting")
    assert check in examine(now=later)


def test_the_panel_tells_each_shop(shop: Shelf, viewer: Client) -> None:
    make.campaign(code="FS-1", lines=0)
    (code,) = stocked(shop)
    tell()
    there = reverse("stock:publishing", args=["FS-1"])
    page = viewer.get(there, headers={"HX-Request": "true"}).content.decode()
    assert 'id="shop-shop"' in page and "Shown as counted" in page
    assert "Send again" not in page
    Shown.objects.update(state="failed", last_error="The shop does not like it.")
    page = viewer.get(there, headers={"HX-Request": "true"}).content.decode()
    assert f"{code}: The shop does not like it." in page and "1 refused" in page
    assert "Send again" not in page, "a viewer may not"


@pytest.mark.parametrize("count", [1, 3])
def test_the_panel_asks_as_often_for_one_sku_as_for_three(
    shop: Shelf, viewer: Client, count: int, django_assert_num_queries
) -> None:
    make.campaign(code="FS-1", lines=0)
    stocked(shop, count)
    tell()
    there = reverse("stock:publishing", args=["FS-1"])
    viewer.get(there, headers={"HX-Request": "true"})
    with django_assert_num_queries(10):
        viewer.get(there, headers={"HX-Request": "true"})
