"""Saying what shops do when a SKU is sold out: where it may lead, who, and when."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from console.audit.models import Entry
from console.providers.drivers.sandbox_shop import SandboxShop
from console.shell.policy import Role
from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import SoldOut, SoldOutPolicy
from console.stock.operations import SaleRuns
from console.stock.operations.soldout_targets import redirect_hosts
from console.stock.rules import GateClosed, StaleEdit, UnknownCampaign
from console.stock.rules.soldout import BadTarget, SoldOutWay
from tests import make
from tests.make import NOW
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def _planned() -> None:
    """What is said of a sale needs that sale."""
    make.campaign(code="FS-1", lines=0)


def say(way: SoldOutWay | None, to: str = "", **said):
    said = {"actor": None, "now": clock.now()} | said
    return stock.set_sold_out("FS-1", way, to, **said)


def test_hosts_are_those_of_shops_and_of_the_settings(settings) -> None:
    make.connection("shop", "sandbox_shop", base_url="https://api.shop.example")
    say(SoldOutWay.REDIRECT, "https://api.shop.example/sale")
    with pytest.raises(BadTarget):
        say(SoldOutWay.REDIRECT, "https://outlet.example/")
    settings.REDIRECT_HOSTS = ["outlet.example"]
    assert say(SoldOutWay.REDIRECT, "https://outlet.example/") == 1


def test_a_sku_it_leads_to_is_here() -> None:
    with pytest.raises(BadTarget, match="no SKU GHOST"):
        say(SoldOutWay.REDIRECT, "sku:GHOST")


def test_it_is_in_the_trail_and_said_twice_changes_nothing() -> None:
    one = make.allocation()
    assert say(SoldOutWay.BADGE) == 1
    assert say(SoldOutWay.BADGE) == 0
    assert say(SoldOutWay.WAITING_LIST, skus=[one.sku_id], reason="hot") == 1
    assert say(None, skus=[one.sku_id]) == 1
    rows = Entry.objects.filter(verb="stock.set_sold_out").order_by("position")
    assert [(row.before["way"], row.after["way"]) for row in rows] == [
        (None, "badge"),
        (None, "waiting_list"),
        ("waiting_list", None),
    ]
    assert list(SoldOutPolicy.objects.values_list("sku", "way")) == [(None, "badge")]


def test_a_stale_edit_is_refused() -> None:
    say(SoldOutWay.BADGE, version=0)
    with pytest.raises(StaleEdit):
        say(SoldOutWay.WAITING_LIST, version=0)
    one = SoldOutPolicy.objects.get()
    say(SoldOutWay.WAITING_LIST, version=one.version)


def test_who_saw_a_policy_that_was_made_anew_since_is_refused() -> None:
    say(SoldOutWay.BADGE)
    seen = SoldOutPolicy.objects.get().version
    say(None)
    say(SoldOutWay.WAITING_LIST)
    with pytest.raises(StaleEdit):
        say(SoldOutWay.BADGE, version=seen)


def test_from_its_approval_on_only_who_runs_sales_changes_it() -> None:
    say(SoldOutWay.BADGE, actor=make.user("merchandiser"))
    assert queries.sold_out_plan("FS-1", now=NOW).need == "stock.edit"
    make.allocation()
    with pytest.raises(SaleRuns, match="approved"):
        say(SoldOutWay.REVERT_PRICE, actor=make.user("merchandiser"))
    assert queries.sold_out_plan("FS-1", now=NOW).need == "stock.control"
    say(SoldOutWay.REVERT_PRICE, actor=make.user("operator"))


def test_many_skus_take_as_many_queries_as_two(
    django_assert_max_num_queries: Any,
) -> None:
    skus = [one.sku_id for one in a_sale(12)]
    with CaptureQueriesContext(connection) as two:
        say(SoldOutWay.BADGE, skus=skus[:2])
    with django_assert_max_num_queries(len(two)):
        assert say(SoldOutWay.BADGE, skus=skus[2:]) == 10
    with django_assert_max_num_queries(len(two) + 1):
        assert say(SoldOutWay.WAITING_LIST, skus=skus) == 12
    assert {one.way for one in SoldOutPolicy.objects.all()} == {"waiting_list"}


def test_no_address_is_the_page_of_a_sku() -> None:
    base = "https://shop.example"
    options = {"edge_url": "https://www.shop.example"}
    make.connection("shop", "sandbox_shop", base_url=base, options=options)
    one = make.allocation(of=make.sku("L/XL 1"))
    for to in (
        f"{base}/shop/p/L%2FXL%201?x=1",
        "https://www.shop.example/edge/p/L%2FXL%201",
    ):
        with pytest.raises(BadTarget, match="sku:L/XL 1"):
            say(SoldOutWay.REDIRECT, to)
        with pytest.raises(BadTarget, match="sku:L/XL 1"):
            say(SoldOutWay.REDIRECT, to, skus=[one.sku_id])


def test_a_page_a_shop_names_otherwise_is_known_as_it_names_it(monkeypatch) -> None:
    def urls(_: SandboxShop, skus: list[str]) -> list[str]:
        return [f"https://shop.example/goods/{len(sku)}" for sku in skus]

    monkeypatch.setattr(SandboxShop, "urls", urls)
    make.connection("shop", "sandbox_shop", base_url="https://shop.example")
    make.allocation(of=make.sku("BOOT"))
    with pytest.raises(BadTarget, match="sku:BOOT"):
        say(SoldOutWay.REDIRECT, "https://shop.example/goods/4")
    say(SoldOutWay.REDIRECT, "https://shop.example/goods/5")


def test_hosts_are_of_shops_only_and_ports_are_spelled_alike() -> None:
    make.connection("shop", "sandbox_shop", base_url="https://Shop.example:443/api")
    make.connection("six", "sandbox_shop", base_url="http://[::1]:8443")
    make.connection("cloud", "sandbox_cloud", base_url="https://cloud.example")
    assert redirect_hosts() == {"shop.example", "[::1]:8443"}
    say(SoldOutWay.REDIRECT, "https://shop.example/sale")
    say(SoldOutWay.REDIRECT, "http://[::1]:8443/sale")


def test_while_it_runs_only_who_runs_sales_changes_it() -> None:
    make.allocation()
    say(SoldOutWay.BADGE)
    make.gate()
    with pytest.raises(SaleRuns):
        say(SoldOutWay.WAITING_LIST, actor=make.user("merchandiser"))
    say(SoldOutWay.WAITING_LIST, actor=make.user("operator"))
    stock.close_gate("FS-1", now=NOW)
    with pytest.raises(GateClosed) as refused:
        say(SoldOutWay.BADGE, actor=make.user("operator"))
    assert refused.value.field == "campaign"


def _no(**values: object) -> None:
    said = {"campaign": "FS-1", "changed_at": NOW, "way": "badge"} | values
    with pytest.raises(IntegrityError), transaction.atomic():
        SoldOutPolicy.objects.create(**said)


def test_the_database_refuses_what_cannot_be() -> None:
    SoldOutPolicy.objects.create(campaign="FS-1", changed_at=NOW, way="badge")
    _no()
    _no(campaign="FS-2", way="dance")
    _no(campaign="FS-2", way="redirect")
    _no(campaign="FS-2", to="https://shop.example/")
    with pytest.raises(IntegrityError), transaction.atomic():
        SoldOut.objects.create(allocation=make.allocation(), back_at=NOW)


def test_the_dialog_of_the_sale_says_what_holds_and_changes_it(client: Client) -> None:
    client.force_login(make.user("merchandiser"))
    there = reverse("stock:set_sold_out", args=["FS-1"])
    assert "Show 0 units" in client.get(there, **HTMX).content.decode()
    sent = {"way": "waiting_list", "to": "", "reason": "", "version": "0"}
    assert client.post(there, sent, **HTMX).status_code == 204
    page = client.get(reverse("stock:sold_out", args=["FS-1"]), **HTMX)
    assert "Offer the waiting list" in page.content.decode()
    version = SoldOutPolicy.objects.get().version
    wrong = sent | {"way": "redirect", "to": "javascript:x", "version": version}
    told = client.post(there, wrong, **HTMX)
    assert told.status_code == 200 and "https://" in told.content.decode()
    assert SoldOutPolicy.objects.get().way == "waiting_list"


def test_several_skus_are_said_at_once_and_stand_in_their_rows(client: Client) -> None:
    client.force_login(make.user("operator"))
    ours = a_sale(2)
    there = reverse("stock:set_sold_out_skus")
    ticked = [f"{one.pk}:{one.version}" for one in ours]
    assert "2 SKUs" in client.get(there, {"pk": ticked}, **HTMX).content.decode()
    sent = {"pk": [one.pk for one in ours], "way": "badge", "to": "", "reason": ""}
    assert client.post(there, sent, **HTMX).status_code == 204
    page = client.get(reverse("stock:panel", args=["FS-1"]), **HTMX).content.decode()
    assert page.count("Say “Sold out”") >= 2
    assert queries.sold_out_plan("FS-1", now=NOW).own == 2
    other = make.allocation(campaign="FS-2")
    mixed = sent | {"pk": [ours[0].pk, other.pk], "way": "waiting_list"}
    assert client.post(there, mixed, **HTMX).status_code == 409
    told = client.post(there, mixed, headers={"accept": "application/json"}).json()
    assert (told["code"], told["field"]) == ("several_sales", "pk")
    assert not SoldOutPolicy.objects.filter(way="waiting_list").exists()


def test_what_would_be_refused_is_not_offered(client: Client) -> None:
    a_sale(1)
    there = reverse("stock:panel", args=["FS-1"])
    offered = reverse("stock:set_sold_out_skus")
    client.force_login(make.user("merchandiser"))
    assert offered not in client.get(there, **HTMX).content.decode()
    client.force_login(make.user("operator"))
    assert client.get(there, **HTMX).content.decode().count(offered) == 2


@pytest.mark.parametrize("state", ["locked", "open", "paused", "closed"])
@pytest.mark.parametrize("role", sorted(Role))
def test_a_row_and_the_bulk_bar_offer_it_to_whom_it_is_not_refused(
    client: Client, role: Role, state: str
) -> None:
    one = make.allocation()
    now = clock.now()
    if state != "locked":
        stock.open_gate("FS-1", now=now)
    if state == "paused":
        stock.pause_gate("FS-1", now=now)
    if state == "closed":
        stock.close_gate("FS-1", now=now)
    person = make.user(role)
    client.force_login(person)
    there = reverse("stock:set_sold_out_skus")
    page = client.get(reverse("stock:allocations", args=["FS-1"]), **HTMX).text
    sent = {"pk": [one.pk], "way": "badge", "to": "", "reason": ""}
    taken = client.post(there, sent, **HTMX).status_code == 204
    assert page.count(there) == (2 if taken else 0)
    assert SoldOutPolicy.objects.exists() == taken


def test_a_viewer_sees_it_and_changes_nothing(viewer: Client) -> None:
    make.allocation()
    there = reverse("stock:sold_out", args=["FS-1"])
    assert viewer.get(there, **HTMX).status_code == 200
    there = reverse("stock:set_sold_out", args=["FS-1"])
    assert viewer.post(there, {"way": "badge"}, **HTMX).status_code == 403


def test_a_shop_that_cannot_is_named_and_says_sold_out_or_0(monkeypatch) -> None:
    make.connection("shop", "sandbox_shop")
    say(SoldOutWay.WAITING_LIST)
    assert queries.unable("FS-1") == []
    monkeypatch.setattr(SandboxShop, "sold_out_ways", frozenset({"badge"}))
    (one,) = queries.unable("FS-1", ["shop"])
    assert one.instead == "says sold out"
    monkeypatch.setattr(SandboxShop, "sold_out_ways", frozenset())
    (one,) = queries.unable("FS-1", ["shop"])
    assert one.told == (
        "shop cannot “Offer the waiting list” when a SKU is sold out: it shows 0 units"
    )
    assert queries.unable("FS-1", ["other"]) == []
    say(SoldOutWay.REVERT_PRICE)
    assert queries.unable("FS-1") == [], "a price is taken back by its step"


def test_a_sale_that_does_not_exist_is_refused_and_nothing_is_written(
    operator: Client,
) -> None:
    with pytest.raises(UnknownCampaign, match="no campaign FS-9999"):
        stock.set_sold_out("FS-9999", SoldOutWay.BADGE, actor=None, now=NOW)
    url = reverse("stock:set_sold_out", args=["FS-9999"])
    sent = {"way": "badge", "version": 0}
    assert operator.post(url, sent, **HTMX).status_code == 404
    assert not SoldOutPolicy.objects.exists()
