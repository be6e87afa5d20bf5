"""What many histories say last: the regular price, and who sells below it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from console.prices import operations, queries
from console.prices.operations import Note
from console.prices.queries import Standing
from console.prices.rules import Reason
from tests.make import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_a_sale_stands_beside_the_regular_price_before_it() -> None:
    operations.note_all([
        Note("A", Decimal(90), NOW - 9 * DAY),
        Note("A", Decimal(100), NOW - 5 * DAY, net=Decimal(84)),
        Note("A", Decimal(70), NOW - DAY, Reason.SALE, campaign="FS-1"),
    ])  # fmt: skip
    assert queries.standing(["A"]) == {
        ("A", "web", "EUR"): Standing(
            Decimal(100), Decimal(84), NOW - 5 * DAY, NOW - DAY, "FS-1"
        )
    }


def test_a_sale_that_ended_stands_no_more() -> None:
    operations.note_all([
        Note("A", Decimal(70), NOW - 2 * DAY, Reason.SALE, campaign="FS-1"),
        Note("A", Decimal(100), NOW - DAY, Reason.REVERT, campaign="FS-1"),
    ])  # fmt: skip
    (one,) = queries.standing(["A"]).values()
    assert one == Standing(Decimal(100), None, NOW - DAY)


def test_a_sale_behind_the_clock_of_who_asks_stands_too() -> None:
    operations.note_all([
        Note("A", Decimal(100), NOW - DAY),
        Note("A", Decimal(60), NOW + DAY, Reason.SALE, campaign="FS-2"),
    ])  # fmt: skip
    (one,) = queries.standing(["A"]).values()
    assert (one.sale_from, one.campaign) == (NOW + DAY, "FS-2")


def test_each_channel_and_currency_stands_by_itself() -> None:
    operations.note_all([
        Note("A", Decimal(100), NOW),
        Note("A", Decimal(95), NOW, channel="app"),
        Note("A", Decimal(16_000), NOW, currency="JPY"),
        Note("B", Decimal(70), NOW, Reason.SALE),
    ])  # fmt: skip
    found = queries.standing(["A", "B", "C"])
    assert {key: one.amount for key, one in found.items()} == {
        ("A", "web", "EUR"): 100,
        ("A", "app", "EUR"): 95,
        ("A", "web", "JPY"): 16_000,
        ("B", "web", "EUR"): None,
    }
