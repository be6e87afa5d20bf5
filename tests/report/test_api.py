"""The report of a sale as programs read it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.campaigns.models import Campaign
from console.orders.models import Outbox
from tests import make
from tests.report.conftest import CODE, OPENED, offer, pay


@pytest.fixture
def viewer(client: Client, sale: Campaign) -> Client:
    client.force_login(make.user("viewer"))
    return client


def told(client: Client) -> dict[str, Any]:
    return dict(client.get(reverse("report:api", args=[CODE])).json())


def test_the_totals_are_those_of_the_orders(viewer: Client) -> None:
    offer(("SKU-A", 10, 2), ("SKU-B", 5, 1))
    pay("a", units=2)
    pay("b", units=1, age_s=30)
    pay("c", sku="SKU-B", units=2, age_s=90)
    first = Outbox.objects.order_by("pk")[:1]
    Outbox.objects.filter(pk__in=first).update(state="sent", sent_at=OPENED)
    make.step(kind="campaigns.close", plan=f"campaign:{CODE}")
    report = told(viewer)
    assert (report["orders_accepted"], report["units"]) == (3, 5)
    assert (report["revenue"], report["currency"]) == ("350.00", "EUR")
    assert (report["relayed"], report["queued"], report["dead"]) == (1, 2, 0)
    assert (report["oversold"], report["shortfall"]) == (0, 0)
    assert (report["state"], report["steps"]["total"]) == ("live", 1)
    shown = [
        (sku["sku"], sku["quantity"], sku["buffer"], sku["sold"], sku["revenue"])
        for sku in report["skus"]
    ]
    assert shown == [("SKU-A", 10, 2, 3, "210.00"), ("SKU-B", 5, 1, 2, "140.00")]
    assert [sku["sell_through"] for sku in report["skus"]] == [0.375, 0.5]


def test_a_sale_without_orders_has_zeros(viewer: Client) -> None:
    report = told(viewer)
    assert (report["orders_accepted"], report["revenue"]) == (0, "0.00")
    assert report["frozen_at"] is None


def test_an_unknown_sale_is_not_found(viewer: Client) -> None:
    reply = viewer.get(
        reverse("report:api", args=["FS-9"]), headers={"Accept": "application/json"}
    )
    assert reply.status_code == 404
    assert reply.json()["code"] == "unknown_campaign"


def test_nobody_reads_it_without_signing_in(client: Client, sale: Campaign) -> None:
    assert client.get(reverse("report:api", args=[CODE])).status_code == 401


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    viewer: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    offer(*((f"SKU-{number}", 10, 2) for number in range(count)))
    for number in range(count):
        pay(f"order {number}", sku=f"SKU-{number}")
    told(viewer)
    with django_assert_num_queries(12):
        told(viewer)
