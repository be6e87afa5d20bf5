"""The pages of prices: the list, the evidence, a price of the past."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from console.prices import operations, queries
from console.prices.operations import Note
from console.prices.rules import Reason
from tests import make

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HTMX = {"HX-Request": "true"}


def _as(client: Client, *roles: str) -> Client:
    client.force_login(make.user(*roles))
    return client


def _note(sku: str, amount: str, days_ago: float, **more: Any) -> None:
    at = timezone.now() - days_ago * DAY
    operations.note_all([Note(sku, Decimal(amount), at, **more)])


def _history(sku: str = "SKN3 M/BLK") -> str:
    return reverse("prices:history", args=[sku])


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_as_little_for_many_as_for_one(
    client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        _note(f"SKU-{number}", "100", 40)
        _note(f"SKU-{number}", "79", 3)
    _as(client, "viewer")
    with django_assert_num_queries(7):
        page = client.get(reverse("prices:home"))
    assert page.text.count('data-label="30-day low"') == rows
    assert "€79.00" in page.text


def test_the_list_is_found_by_part_of_a_code_or_a_campaign(client: Client) -> None:
    _note("SKN3-M", "100", 40)
    _note("LAMP", "50", 40, reason=Reason.SALE, campaign="FS-0041")
    _as(client, "viewer")
    found = client.get(reverse("prices:home"), {"q": "kn3"}).text
    assert "SKN3-M" in found
    assert "LAMP" not in found
    assert "LAMP" in client.get(reverse("prices:home"), {"q": "fs-0041"}).text
    assert "No SKU matches" in client.get(reverse("prices:home"), {"q": "zz"}).text


def test_the_list_is_paged(client: Client) -> None:
    since = timezone.now() - DAY
    notes = [Note(f"S-{n:03}", Decimal(9), since) for n in range(70)]
    operations.note_all(notes)
    page = _as(client, "viewer").get(reverse("prices:home"), {"page": 2}).text
    assert "S-069" in page
    assert "S-001" not in page
    assert "51 to 70 of 70" in page


def test_the_empty_list_teaches(client: Client) -> None:
    page = _as(client, "viewer").get(reverse("prices:home"))
    assert "No price is known yet" in page.text


def test_the_evidence_names_the_low_and_the_claim(client: Client) -> None:
    _note("SKN3 M/BLK", "100", 60)
    _note("SKN3 M/BLK", "79", 20, reason=Reason.SALE, campaign="FS-0031")
    _note("SKN3 M/BLK", "100", 18, reason=Reason.REVERT, campaign="FS-0031")
    page = _as(client, "viewer").get(_history(), {"sale": "69"}).text
    assert "−12%" in page
    assert "30-day low" in page
    assert "<del>€79.00</del>" in page
    assert "€63.20" in page
    assert "FS-0031" in page


def test_a_price_that_may_not_be_announced_has_no_strike_through(
    client: Client,
) -> None:
    _note("SKN3 M/BLK", "1.29", 60)
    page = _as(client, "viewer").get(_history(), {"sale": "1.29"}).text
    assert "no reduction" in page
    assert "<del>" not in page


def test_the_evidence_is_of_the_asked_instant(client: Client) -> None:
    _note("SKN3 M/BLK", "100", 60)
    _note("SKN3 M/BLK", "79", 20)
    long_ago = timezone.localtime() - 70 * DAY
    page = _as(client, "viewer").get(_history(), {"at": f"{long_ago:%Y-%m-%dT%H:%M}"})
    assert "No price is known before this instant." in page.text


def test_a_young_history_says_so(client: Client) -> None:
    _note("SKN3 M/BLK", "100", 5)
    page = _as(client, "viewer").get(_history()).text
    assert "younger than 30 days" in page


def test_each_currency_has_its_own_history(client: Client) -> None:
    _note("SKN3 M/BLK", "100", 60)
    _note("SKN3 M/BLK", "12000", 60, currency="JPY")
    page = _as(client, "viewer").get(_history(), {"currency": "JPY", "channel": "web"})
    assert "¥12,000" in page.text
    assert "¥9,600" in page.text


def test_an_unknown_sku_is_not_found(client: Client) -> None:
    assert _as(client, "viewer").get(_history("NONE")).status_code == 404


def test_a_price_of_the_past_is_added_with_its_source(client: Client) -> None:
    _note("SKN3 M/BLK", "100", 5)
    _as(client, "merchandiser")
    there = reverse("prices:backfill", args=["SKN3 M/BLK"])
    assert "dlg-backfill" in client.get(there, headers=HTMX).text
    past = timezone.localtime() - 90 * DAY
    entered = {
        "amount": "120",
        "from_at": f"{past:%Y-%m-%dT%H:%M}",
        "remark": "Old shop",
        "channel": "web",
        "currency": "EUR",
    }
    reply = client.post(there, entered, headers=HTMX)
    assert reply["HX-Redirect"] == _history()
    first = queries.history("SKN3 M/BLK")[0]
    assert (first.amount, first.reason, first.note) == (120, "backfill", "Old shop")
    low = queries.prior(["SKN3 M/BLK"], timezone.now())["SKN3 M/BLK"]
    assert low.complete


def test_a_price_of_the_future_is_refused_in_the_form(client: Client) -> None:
    _note("A", "100", 5)
    _as(client, "merchandiser")
    entered = {
        "amount": "90",
        "from_at": "2099-01-01T00:00",
        "remark": "x",
        "channel": "web",
        "currency": "EUR",
    }
    there = reverse("prices:backfill", args=["A"])
    reply = client.post(there, entered, headers=HTMX)
    assert reply.status_code == 422
    assert len(queries.history("A")) == 1


def test_a_viewer_may_not_add_prices(client: Client) -> None:
    _note("A", "100", 5)
    _as(client, "viewer")
    there = reverse("prices:backfill", args=["A"])
    assert client.get(there).status_code == 403
    assert there not in client.get(_history("A")).text
