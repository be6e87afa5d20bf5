"""Writing the price history, and what the database refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from console.audit.models import Entry
from console.prices import operations, queries
from console.prices.models import PricePoint
from console.prices.operations import Note
from console.prices.rules import BadPrice, Reason
from tests import make

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


def test_note_writes_only_what_changes() -> None:
    assert operations.note("A", Decimal(100), from_at=NOW)
    assert operations.note("A", Decimal(100), from_at=NOW + DAY) is None
    assert operations.note("A", Decimal(90), from_at=NOW + 2 * DAY)
    assert [p.amount for p in queries.history("A")] == [100, 90]


def test_note_all_reads_and_writes_in_time_order() -> None:
    written = operations.note_all(
        [
            Note("A", Decimal(100), NOW + 2 * DAY),
            Note("A", Decimal(100), NOW),
            Note("A", Decimal(80), NOW + DAY, Reason.SALE, campaign="FS-1"),
        ]
    )
    assert [point.amount for point in written] == [100, 80, 100]


@pytest.mark.parametrize("amount", [Decimal(0), Decimal("-1"), Decimal("1.005")])
def test_note_refuses_what_is_no_price(amount: Decimal) -> None:
    with pytest.raises(BadPrice):
        operations.note("A", amount, from_at=NOW)
    assert not PricePoint.objects.exists()


def test_backfill_says_who_and_why() -> None:
    person = make.user("merchandiser")
    past = Note("A", Decimal(90), NOW - 40 * DAY, Reason.BACKFILL, remark="Old shop")
    operations.backfill(past, actor=person, now=NOW)
    entry = Entry.objects.get(verb="prices.backfill")
    assert (entry.actor_id, entry.reason) == (person.pk, "Old shop")


@pytest.mark.parametrize(
    "at,remark,field",
    [(NOW + DAY, "x", "from_at"), (NOW - DAY, "", "remark"), (NOW, "x", "amount")],
)
def test_backfill_is_of_the_past_and_new(at: datetime, remark: str, field: str) -> None:
    operations.note("A", Decimal(90), from_at=NOW - 2 * DAY)
    one = Note("A", Decimal(90), at, Reason.BACKFILL, remark=remark)
    with pytest.raises(BadPrice) as refused:
        operations.backfill(one, actor=make.user("merchandiser"), now=NOW)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "statement",
    [
        "update prices_pricepoint set amount = 1",
        "delete from prices_pricepoint",
    ],
)
def test_the_database_refuses_to_change_history(statement: str) -> None:
    operations.note("A", Decimal(90), from_at=NOW)
    with pytest.raises(ProgrammingError, match="append-only"):
        _run(statement)
    assert PricePoint.objects.get().amount == 90


def test_the_database_refuses_to_empty_history() -> None:
    operations.note("A", Decimal(90), from_at=NOW)
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        _run("truncate prices_pricepoint", inner=False)
    assert PricePoint.objects.exists()


@pytest.mark.parametrize(
    "wrong,name",
    [
        ({"amount": 0}, "price_is_positive"),
        ({"net": 101}, "price_net_is_below_gross"),
        ({"currency": "eur"}, "price_currency_is_a_code"),
        ({"reason": "whim"}, "price_reason_is_known"),
    ],
)
def test_the_database_refuses_impossible_prices(
    wrong: dict[str, object], name: str
) -> None:
    values = {"sku": "A", "amount": 100, "currency": "EUR", "reason": "regular"}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        PricePoint.objects.create(from_at=NOW, **(values | wrong))


def _run(statement: str, *, inner: bool = True) -> None:
    if inner:
        with transaction.atomic():
            return _run(statement, inner=False)
    with connection.cursor() as cursor:
        cursor.execute(statement)
    return None
