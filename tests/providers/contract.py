"""What every driver must do, whatever product is behind it.

A driver's test module makes a subclass of each port it satisfies, gives the fixtures
that are asked for here, and inherits the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from console.errors import OutsideFailure
from console.providers.ports import (
    Display,
    Notice,
    Prober,
    Purger,
    Relay,
    Scaler,
    SoldOutDisplay,
    Storefront,
    Warmer,
)


class ProberContract:
    """driver: the driver. broken: makes one with another `Api`."""

    def test_probe_says_how_it_does_in_words(self, driver: Prober) -> None:
        probe = driver.probe()
        assert probe.ms > 0
        assert probe.note

    def test_a_wrong_secret_is_a_permanent_failure(
        self, broken: Callable[..., Prober]
    ) -> None:
        with pytest.raises(OutsideFailure) as caught:
            broken(token="wrong").probe()
        assert (caught.value.kind, caught.value.transient) == ("auth", False)

    def test_nobody_there_is_a_transient_failure(
        self, broken: Callable[..., Prober]
    ) -> None:
        with pytest.raises(OutsideFailure) as caught:
            broken(base_url="http://127.0.0.1:1099").probe()
        assert (caught.value.kind, caught.value.transient) == ("unreachable", True)

    def test_another_kind_of_system_is_told_apart(
        self, broken: Callable[..., Prober], elsewhere: str
    ) -> None:
        with pytest.raises(OutsideFailure) as caught:
            broken(base_url=elsewhere).probe()
        assert not caught.value.transient


class ScalerContract:
    """driver, group: the name of a group with room above its floor."""

    def test_set_floor_is_absolute_and_read_back(
        self, driver: Scaler, group: str
    ) -> None:
        before = driver.read(group)
        wanted = before.floor + 3
        for _ in range(2):
            now = driver.read(group)
            receipt = driver.set_floor(group, wanted, version=now.version, key="k")
            assert receipt.accepted
        assert driver.read(group).floor == wanted

    def test_a_stale_version_is_a_conflict(self, driver: Scaler, group: str) -> None:
        before = driver.read(group)
        floor = before.floor + 1
        driver.set_floor(group, floor, version=before.version, key="a")
        with pytest.raises(OutsideFailure) as caught:
            driver.set_floor(group, floor + 1, version=before.version, key="b")
        assert (caught.value.kind, caught.value.transient) == ("conflict", True)
        assert driver.read(group).floor == floor

    def test_a_floor_above_the_maximum_is_refused(
        self, driver: Scaler, group: str
    ) -> None:
        now = driver.read(group)
        with pytest.raises(OutsideFailure) as caught:
            driver.set_floor(group, now.maximum + 1, version=now.version, key="k")
        assert not caught.value.transient

    def test_an_unknown_group_is_named(self, driver: Scaler) -> None:
        with pytest.raises(OutsideFailure, match="no-such-group") as caught:
            driver.read("no-such-group")
        assert caught.value.kind == "not_found"


class WarmerContract:
    """driver, page: a public address that may be cached, not cached yet."""

    def test_the_second_fetch_is_a_hit(self, driver: Warmer, page: str) -> None:
        first, second = driver.fetch(page), driver.fetch(page)
        assert (first.status, first.cache) == (200, "MISS")
        assert (second.status, second.cache) == (200, "HIT")
        assert second.age_s is not None
        assert second.ms > 0

    def test_a_missing_page_is_an_answer_not_an_error(
        self, driver: Warmer, page: str
    ) -> None:
        assert driver.fetch(f"{page}-no-such-page").status == 404


class PurgerContract:
    """driver, page, tags: an address and the tags it carries; visit: fetches it."""

    @pytest.mark.parametrize("soft", [True, False])
    def test_after_a_purge_the_page_is_new(
        self,
        driver: Purger,
        page: str,
        tags: list[str],
        visit: Callable[[str], object],
        soft: bool,
    ) -> None:
        visit(page)
        visit(page)
        assert driver.cached(page).status == "HIT"
        receipt = driver.purge(tags, soft=soft, key="k")
        assert receipt.accepted
        assert driver.cached(page).status == ("STALE" if soft else "MISS")

    def test_other_pages_are_left_alone(
        self, driver: Purger, page: str, visit: Callable[[str], object]
    ) -> None:
        visit(page)
        driver.purge(["another-tag"], soft=False, key="k")
        assert driver.cached(page).status == "HIT"


class StorefrontContract:
    """driver, skus: two SKUs the shop sells at 100.00, without a sale."""

    def test_sale_prices_are_set_and_ended(
        self, driver: Storefront, skus: list[str]
    ) -> None:
        wanted = {skus[0]: Decimal("79.90"), skus[1]: Decimal("60")}
        for _ in range(2):
            driver.set_prices(wanted, campaign="FS-1", key="k")
        seen = driver.prices(skus)
        assert {sku: price.sale for sku, price in seen.items()} == wanted
        assert seen[skus[0]].regular == 100
        assert seen[skus[0]].campaign == "FS-1"
        driver.set_prices(dict.fromkeys(skus), campaign="FS-1", key="k2")
        assert {price.sale for price in driver.prices(skus).values()} == {None}

    def test_a_price_that_changed_since_it_was_read_stays(
        self, driver: Storefront, skus: list[str]
    ) -> None:
        """Where the shop compares; without `found` the last one to write wins."""
        if not getattr(driver, "compares", False):
            pytest.skip("this shop cannot compare")
        read = driver.prices(skus[:1])
        hand = {skus[0]: Decimal("88.80")}
        driver.set_prices(hand, campaign="FS-1", key="hand", found=read)
        late = {skus[0]: Decimal("70")}
        with pytest.raises(OutsideFailure) as refused:
            driver.set_prices(late, campaign="FS-1", key="late", found=read)
        assert (refused.value.kind, refused.value.transient) == ("conflict", True)
        assert driver.prices(skus)[skus[0]].sale == Decimal("88.80")
        driver.set_prices(late, campaign="FS-1", key="blind")
        assert driver.prices(skus)[skus[0]].sale == Decimal("70")

    def test_many_skus_are_read_in_parts(
        self, driver: Storefront, skus: list[str]
    ) -> None:
        many = [f"unknown-{n}" for n in range(250)] + skus
        assert set(driver.prices(many)) == set(skus)
        stock = driver.stock(many)
        assert len(stock) == 252
        assert stock["unknown-7"] is None

    def test_stock_is_published_and_read_back(
        self, driver: Storefront, skus: list[str]
    ) -> None:
        driver.publish_stock({skus[0]: 7, skus[1]: 0}, key="k")
        assert driver.stock(skus) == {skus[0]: 7, skus[1]: 0}

    def test_products_are_listed(self, driver: Storefront, skus: list[str]) -> None:
        assert {row["sku"] for row in driver.products()} >= set(skus)

    def test_pages_can_be_visited(
        self,
        driver: Storefront,
        skus: list[str],
        visit: Callable[[str], Any],
    ) -> None:
        assert [visit(url).status for url in driver.urls(skus)] == [200, 200]


class DisplayContract:
    """driver, skus: two SKUs the shop sells at 100.00, without a sale.

    What the edge in front kept of their pages is forgotten before.
    """

    @pytest.mark.parametrize("edge", [False, True])
    def test_a_page_shows_the_price_shoppers_pay(
        self, driver: Any, skus: list[str], edge: bool
    ) -> None:
        driver.set_prices({skus[0]: Decimal("79.90")}, campaign="FS-1", key="k")
        prices = [driver.page(sku, edge=edge).price for sku in skus]
        driver.set_prices({skus[0]: None}, campaign="FS-1", key="k2")
        assert prices == [Decimal("79.90"), Decimal("100.00")]

    def test_a_page_that_is_not_there_names_no_price(self, driver: Display) -> None:
        page = driver.page("no-such-sku", edge=True)
        assert (page.status, page.price) == (404, None)


class SoldOutDisplayContract:
    """`skus`: SKUs it sells. `sold_out_ways`, of the driver: what its pages can do."""

    def test_what_pages_do_is_set_absolutely_read_back_and_ended(
        self, driver: SoldOutDisplay, skus: list[str]
    ) -> None:
        for way in sorted(driver.sold_out_ways):  # type: ignore[attr-defined]
            notice = Notice(way, "FS-9", f"sku:{skus[1]}" if way == "redirect" else "")
            for key in ("once", "twice"):
                found = driver.notices(skus[:1])
                driver.set_notices({skus[0]: notice}, found=found, key=f"{way}/{key}")
                assert driver.notices(skus[:1]) == {skus[0]: notice}
        found = driver.notices(skus[:1])
        driver.set_notices({skus[0]: None}, found=found, key="end")
        assert driver.notices([*skus[:1], "GHOST"]) == {skus[0]: None}


class RelayContract:
    """driver, order: makes an order the system takes."""

    def test_the_same_key_twice_is_one_order(
        self, driver: Relay, order: Callable[[], dict[str, Any]]
    ) -> None:
        one = order()
        assert driver.deliver(one, key=f"orders/{one['ref']}").accepted
        assert driver.deliver(one, key=f"orders/{one['ref']}").accepted
        assert driver.known([one["ref"], "nobody"]) == {one["ref"]}

    def test_known_of_nothing_is_nothing(self, driver: Relay) -> None:
        assert driver.known([]) == set()
