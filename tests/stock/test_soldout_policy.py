"""Saying what shops do when a SKU is sold out: where it may lead, who, and when."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from console.audit.models import Entry
from console.providers.drivers.sandbox_shop import SandboxShop
from console.stock import clock, queries
from console.stock import operations as stock
from console.stock.models import SaleGate, SoldOut, SoldOutPolicy
from console.stock.operations import SaleRuns
from console.stock.rules import GateClosed, StaleEdit
from console.stock.rules.soldout import (
    BadTarget,
    SoldOutWay,
    check_target,
    read,
    spelled,
)
from tests import make
from tests.make import NOW
from tests.stock.running import a_sale

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
HOSTS = frozenset({"shop.example", "shop.example:8443"})


@pytest.mark.parametrize(
    "to",
    [
        "https://shop.example/sale",
        "http://SHOP.example:8443/a?b=c#d",
        "sku:SKN3 L/XL",
        "category:boots",
    ],
)
def test_a_redirect_may_lead_to_the_shop_a_sku_and_a_category(to: str) -> None:
    assert check_target("redirect", f" {to} ", hosts=HOSTS) == to


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("", "Say where"),
        ("javascript:alert(1)", "begins with https"),
        ("data:text/html,x", "begins with https"),
        ("//shop.example/x", "begins with https"),
        ("https:///x", "begins with https"),
        ("https://evil.example/", "none of your shops"),
        ("https://shop.example.evil.example/", "none of your shops"),
        ("https://shop.example:99/", "none of your shops"),
        ("https://shop.example@evil.example/", "user name"),
        ("https://shop.example\\@evil.example/", "backslashes"),
        ("https://shop.example/a b", "without spaces"),
        ("https://shop.example/\r\nSet-Cookie: a", "on one line"),
        ("https://shop.example/" + "x" * 300, "at most 300"),
        ("https://shop.example:x/", "such as"),
        ("sku:", "Name the SKU"),
        ("sku:SELF", "itself"),
        ("category: ", "Name the category"),
    ],
)
def test_a_redirect_leads_nowhere_else(to: str, said: str) -> None:
    with pytest.raises(BadTarget, match=said):
        check_target("redirect", to, hosts=HOSTS, sku="SELF")


def test_only_a_redirect_leads_somewhere() -> None:
    assert check_target("badge", " ", hosts=HOSTS) == ""
    with pytest.raises(BadTarget):
        check_target("badge", "https://shop.example/", hosts=HOSTS)


def test_what_a_row_keeps_is_read_as_it_was_spelled() -> None:
    kept = spelled("redirect", "FS-1", "sku:SKN3 L/XL")
    assert read(kept) == ("redirect", "FS-1", "sku:SKN3 L/XL")
    assert (read(spelled("badge", "FS-1")), read("")) == (("badge", "FS-1", ""), None)


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
    say(SoldOutWay.WAITING_LIST, version=1)


def test_while_it_runs_only_who_runs_sales_changes_it() -> None:
    make.allocation()
    say(SoldOutWay.BADGE, actor=make.user("merchandiser"))
    make.gate()
    with pytest.raises(SaleRuns):
        say(SoldOutWay.WAITING_LIST, actor=make.user("merchandiser"))
    say(SoldOutWay.WAITING_LIST, actor=make.user("operator"))
    stock.close_gate("FS-1", now=NOW)
    with pytest.raises(GateClosed):
        say(SoldOutWay.BADGE, actor=make.user("operator"))


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
    wrong = sent | {"way": "redirect", "to": "javascript:x", "version": "1"}
    told = client.post(there, wrong, **HTMX)
    assert told.status_code == 200 and "https://" in told.content.decode()
    assert SoldOutPolicy.objects.get().way == "waiting_list"


def test_several_skus_are_said_at_once_and_stand_in_their_rows(client: Client) -> None:
    client.force_login(make.user("merchandiser"))
    ours = a_sale(2)
    SaleGate.objects.all().delete()
    there = reverse("stock:set_sold_out_skus")
    ticked = [f"{one.pk}:{one.version}" for one in ours]
    assert "2 SKUs" in client.get(there, {"pk": ticked}, **HTMX).content.decode()
    sent = {"pk": [one.pk for one in ours], "way": "badge", "to": "", "reason": ""}
    assert client.post(there, sent, **HTMX).status_code == 204
    page = client.get(reverse("stock:panel", args=["FS-1"]), **HTMX).content.decode()
    assert page.count("Say “Sold out”") >= 2
    assert queries.sold_out_plan("FS-1").own == 2


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
