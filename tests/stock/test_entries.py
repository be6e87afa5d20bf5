"""The ledger of a SKU shows every entry, page by page and as a file."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.stock import queries
from console.stock.models import Allocation, Level, Movement
from console.stock.queries.entries import Wanted
from tests.stock.rebuildkit import a_sale, sql

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def sale() -> Allocation:
    return a_sale()


def all_of(wanted: dict[str, int | str]) -> list[int]:
    """Every entry, by older pages; and back again by newer ones."""
    seen: list[int] = []
    page = queries.entry_page(Wanted(**wanted))
    while True:
        seen += [one.pk for one in page.entries]
        if not page.older:
            break
        page = queries.entry_page(Wanted(**wanted | {"before": page.older}))
    back = [one.pk for one in page.entries]
    while page.newer:
        page = queries.entry_page(Wanted(**wanted | {"after": page.newer}))
        back = [one.pk for one in page.entries] + back
    assert back == seen
    return seen


def many(count: int) -> None:
    sql(
        "INSERT INTO stock_movement"
        " (at, sku_id, allocation_id, source, target, units, reservation, reason)"
        " SELECT now(), a.sku_id, a.id, x.source, x.target, 1, gen_random_uuid(), ''"
        f" FROM stock_allocation a, generate_series(1, {count}),"
        " (VALUES ('pool', 'reserved'), ('reserved', 'pool')) x (source, target)"
    )


def test_every_entry_is_a_page_away_in_both_directions(sale: Allocation) -> None:
    many(40)
    ids = list(Movement.objects.order_by("-pk").values_list("pk", flat=True))
    assert len(ids) > 80
    assert all_of({"sku": sale.sku_id}) == ids


@pytest.mark.parametrize("kind", ["checkouts", "others"])
def test_checkouts_are_in_it_and_can_be_left_out(sale: Allocation, kind: str) -> None:
    many(20)
    found = Movement.objects.filter(reservation__isnull=kind == "others")
    wanted = all_of({"sku": sale.sku_id, "kind": kind})
    assert wanted == list(found.order_by("-pk").values_list("pk", flat=True))


def test_it_is_filtered_by_account_location_and_sale(sale: Allocation) -> None:
    near = Level.objects.get(location__name="Near").location_id
    ask = {"sku": sale.sku_id}
    placed = set(Movement.objects.filter(location=near).values_list("pk", flat=True))
    assert set(all_of(ask | {"location": near})) == placed
    sold = Movement.objects.filter(source="sold") | Movement.objects.filter(
        target="sold"
    )
    found = set(all_of(ask | {"account": "sold"}))
    assert found == set(sold.values_list("pk", flat=True))
    ours = Movement.objects.filter(allocation=sale).count()
    assert len(all_of(ask | {"allocation": sale.pk})) == ours


def test_the_drawer_opens_from_a_level_and_from_a_sale(
    viewer: Client, sale: Allocation
) -> None:
    level = Level.objects.get(location__name="Near")
    there = (
        f"{reverse('stock:ledger', args=[sale.sku_id])}?location={level.location_id}"
    )
    assert there in viewer.get(reverse("stock:levels")).text
    page = viewer.get(there, **HTMX).text
    assert "Ledger of Product SHELL" in page and "selected>Near" in page
    page = viewer.get(reverse("stock:history", args=[sale.pk]), **HTMX).text
    assert "in FS-1" in page and "Reserved" in page
    assert viewer.get(reverse("stock:ledger", args=[999_999])).status_code == 302
    gone = viewer.get(reverse("stock:ledger", args=[999_999]), **HTMX)
    assert gone.status_code == 404


def test_what_does_not_match_says_why(viewer: Client, sale: Allocation) -> None:
    there = reverse("stock:entries", args=[sale.sku_id])
    far = Level.objects.get(location__name="Far").location_id
    told = viewer.get(there, {"location": far, "kind": "checkouts"}, **HTMX).text
    assert "Checkouts are of no location" in told
    odd = {"location": "x", "account": "y", "kind": "z", "before": "9" * 40}
    assert viewer.get(there, odd, **HTMX).status_code == 200


@pytest.mark.parametrize("more", [0, 60])
def test_a_page_takes_the_same_queries_for_any_ledger(
    viewer: Client,
    sale: Allocation,
    more: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    many(more)
    with django_assert_num_queries(4):
        viewer.get(reverse("stock:entries", args=[sale.sku_id]), **HTMX)


def test_the_file_has_all_of_it(viewer: Client, sale: Allocation) -> None:
    many(30)
    reply = viewer.get(
        reverse("stock:entries_file", args=[sale.sku_id]), {"account": "reserved"}
    )
    text = b"".join(reply.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    ids = all_of({"sku": sale.sku_id, "account": "reserved"})
    assert [int(row["id"]) for row in rows] == ids[::-1]
    assert rows[0]["campaign"] == "FS-1" and rows[0]["target"] == "reserved"


def test_who_moved_units_in_a_checkout_is_told_as_its_reservation(
    sale: Allocation, viewer: Client
) -> None:
    entry = Movement.objects.exclude(reservation=None).latest("pk")
    url = reverse("stock:history", args=[sale.pk])
    page = viewer.get(url, **HTMX).text
    short = str(entry.reservation)[-8:]
    assert f'title="{entry.reservation}">reservation <span class="id">{short}<' in page
    assert f"{entry.at:%M:%S}</time>" in page
