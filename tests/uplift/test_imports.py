"""A history comes in whole: every row is accounted for, nothing counts twice."""

from __future__ import annotations

import gzip
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from console.campaigns.sheets import WrongColumns
from console.shell.spreadsheets import UnreadableSheet
from console.uplift import reading, tasks
from console.uplift.models import (
    DailyDemand,
    HistoryFile,
    HistoryLine,
    HourlyDemand,
    LeftOutRow,
    Study,
)
from console.uplift.operations import imports
from tests import make
from tests.examples import examples
from tests.make import NOW
from tests.uplift.kit import HEAD, imported, row, sheet, start

pytestmark = pytest.mark.django_db


def counts(job: HistoryFile) -> tuple[int, int, int, int, int]:
    return job.seen, job.sales, job.returns, job.known, job.left


def test_every_row_is_a_sale_a_return_known_or_left_out() -> None:
    job = imported(
        sheet(
            row(),
            row(sku="B", units=1),
            row(invoice="C2", units=-2),
            row(invoice="3", price=0),
            row(invoice="4", at="yesterday"),
            row(invoice="5", sku=""),
            "",
        )
    )
    assert (job.state, counts(job)) == ("done", (6, 2, 1, 0, 3))
    assert job.reasons == {"free": 1, "date": 1, "code": 1}
    told = LeftOutRow.objects.order_by("number").values_list("number", "reason")
    assert list(told) == [(5, "free"), (6, "date"), (7, "code")]
    assert Study.objects.get().wanted_at


def test_no_customer_is_kept_and_the_file_is_deleted(
    django_capture_on_commit_callbacks: object,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        job = start(sheet(row(), row(customer="17851"), row("2", price=0)))
        path = Path(job.file.path)
        assert path.exists()
        tasks.run_import(job.pk)
    assert not path.exists()
    customers = set(HistoryLine.objects.values_list("customer", flat=True))
    assert len(customers) == 2
    assert not customers & {17850, 17851, None}
    assert "17850" not in str(LeftOutRow.objects.get().cells)


def test_the_same_file_again_is_the_same_job() -> None:
    job = imported(sheet(row()))
    assert start(sheet(row())).pk == job.pk
    assert HistoryFile.objects.count() == 1


def test_overlapping_files_do_not_count_twice() -> None:
    twice = row(sku="B")
    imported(sheet(row(), twice, twice))
    job = imported(sheet(twice, twice, row("2")))
    assert counts(job) == (3, 1, 0, 2, 0)
    assert HistoryLine.objects.count() == 4


def test_the_same_rows_written_in_another_way_are_known() -> None:
    imported(sheet(row(), row("2")))
    head = HEAD.replace(",", ";")
    other = "1;A;LANTERN;2;3/2/2026 10:00;5,0;17850;UK"
    job = imported("\r\n".join([head, other]).encode("cp1252"))
    assert counts(job) == (1, 0, 0, 1, 0)


def test_demand_is_added_up_by_day_and_hour_of_the_shop() -> None:
    imported(
        sheet(
            row("1", at="2026-07-01 23:30:00", units=3, price=5),
            row("2", at="2026-07-01 23:59:00", units=1, price=4),
            row("3", at="2026-07-01 10:00:00", units=1, price=6),
            row("C4", at="2026-07-01 11:00:00", units=-2, price=6),
            row("5", at="2026-07-02 00:00:00"),
        )
    )
    days = {d.at: d for d in DailyDemand.objects.all()}
    first = days[date(2026, 7, 1)]
    assert (first.orders, first.units, first.returned) == (3, 5, 2)
    assert first.revenue == Decimal(25)
    # One unit is the usual order of this SKU; the price of three does not count.
    assert first.price == Decimal(4)
    late = HourlyDemand.objects.get(at=datetime(2026, 7, 1, 23))  # noqa: DTZ001
    assert (late.orders, late.units) == (2, 4)
    assert len(days) == 2


def test_a_second_file_is_added_to_the_days_it_touches() -> None:
    imported(sheet(row("1"), row("2", at="2026-03-09 10:00:00")))
    imported(sheet(row("3"), row("4", at="2026-03-02 00:10:00")))
    orders = dict(DailyDemand.objects.values_list("at", "orders"))
    assert orders == {date(2026, 3, 2): 3, date(2026, 3, 9): 1}


def test_what_a_file_brought_can_be_taken_out() -> None:
    imported(sheet(row("1")))
    job = imported(sheet(row("2"), row("3", price=0)))
    imports.remove(job.pk, actor=make.user("admin"), now=NOW)
    assert DailyDemand.objects.get().orders == HistoryLine.objects.count() == 1
    assert not LeftOutRow.objects.exists()


def test_a_file_that_is_being_read_cannot_be_taken_out() -> None:
    job = start(sheet(row()))
    with pytest.raises(imports.HistoryAtWork):
        imports.remove(job.pk, actor=make.user("admin"), now=NOW)


def test_a_killed_worker_is_taken_over_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 2)
    same = row("7")
    job = start(sheet(row(), same, same, same, row("8"), row("9", price=0)))
    first = imports.claim(job.pk, now=NOW)
    assert first
    with reading.history(first.file.path, zone="Europe/London", day_first=False) as h:
        rows = list(h.rows())
    imports.put(first, rows[:2], position=9, now=NOW)
    # Killed here. Its lease runs out, and another worker takes over.
    assert imports.claim(job.pk, now=NOW) is None
    later = NOW + timedelta(minutes=5)
    assert imports.waiting(now=later) == [job.pk]
    second = imports.claim(job.pk, now=later)
    assert second
    tasks.work(second)
    job.refresh_from_db()
    assert (job.state, counts(job)) == ("done", (6, 5, 0, 0, 1))
    # The first was only slow: it finds that it lost the file, and writes nothing.
    with pytest.raises(imports.HistoryLost):
        imports.put(first, rows[2:4], position=9, now=later)
    assert HistoryLine.objects.count() == 5


def test_a_packed_file_is_read_as_it_is() -> None:
    assert counts(imported(gzip.compress(sheet(row(), row("2")))))[:2] == (2, 2)


def test_a_packed_file_that_breaks_off_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "CHUNK", 50)
    rows = [row(str(n), sku=f"S{n * 7919 % 1000}") for n in range(5000)]
    job = imported(gzip.compress(sheet(*rows))[:-2000])
    assert (job.state, counts(job)) == ("failed", (0, 0, 0, 0, 0))
    assert "damaged or breaks off" in job.error
    assert not HistoryLine.objects.exists()
    assert not DailyDemand.objects.exists()
    assert start(sheet(row())).state == "reading"


def test_a_bomb_is_given_up_before_it_unpacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_UNPACKED", 100_000)
    bomb = gzip.compress(sheet(*[row()] * 10_000))
    assert len(bomb) < 5_000
    job = imported(bomb)
    assert job.state == "failed"
    assert "unpacks to more than" in job.error


@pytest.mark.parametrize(
    "body,sentence",
    [
        (b"", "The column InvoiceNo is missing: the first row says nothing"),
        (b"sku,units\nA,2", "The column InvoiceNo is missing: the first row says sku"),
        (sheet(head=HEAD.replace("UnitPrice", "Total")), "The column UnitPrice is mis"),
        (sheet(head=HEAD + ",Invoice"), "The column InvoiceNo is there twice"),
        (b"PK\x03\x04 workbook", "This is a workbook or a ZIP archive. Save it as CSV"),
        (b"\xff\xfeI\x00n\x00", "encoded as UTF-16. Save it as CSV UTF-8"),
        (b"\x89PNG\x00\x00", "Line 1 is no text"),
        (b"x" * 100_000, "Line 1 is no text"),
        (b"\x1f\x8b broken", "damaged or breaks off"),
    ],
)
def test_a_file_that_is_no_history_is_refused_at_once(
    body: bytes, sentence: str
) -> None:
    with pytest.raises((UnreadableSheet, WrongColumns), match=sentence[:60]) as refused:
        start(body)
    assert refused.value.field == "file"
    assert not HistoryFile.objects.exists()


@pytest.mark.parametrize(
    "rows,sentence",
    [
        ([], "The file has no rows below its first."),
        ([row(at="31.12.2026 10:00")], "Row 2: InvoiceDate is no date with a time"),
        (
            [row(price="a"), row(price="b")],
            "Row 2: UnitPrice is no price (it says “a”)",
        ),
        (['1,A,"never closed'], "None of the 1 rows read can be used"),
        ([row(), '1,A,"' + "x,\n" * 40_000], "Line 21,848 is no CSV"),
    ],
)
def test_a_file_without_a_row_to_use_says_why(rows: list[str], sentence: str) -> None:
    job = imported(sheet(*rows))
    assert job.state == "failed"
    assert sentence in job.error
    assert not HistoryLine.objects.exists()


def test_the_database_refuses_a_row_that_is_not_accounted_for() -> None:
    job = imported(sheet(row()))
    with (
        pytest.raises(IntegrityError, match="history_every_row_is_accounted_for"),
        transaction.atomic(),
    ):
        HistoryFile.objects.filter(pk=job.pk).update(seen=7)


def test_the_database_refuses_a_row_without_units_or_price() -> None:
    imported(sheet(row()))
    for change in ("units = 0", "price = 0", "sku = ''"):
        with (
            pytest.raises(DatabaseError, match="history_line_has"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"update uplift_historyline set {change}")


ROWS = st.lists(
    st.builds(
        row,
        invoice=st.sampled_from(["1", "2", "C3"]),
        sku=st.sampled_from(["A", "B", ""]),
        units=st.integers(-2, 3),
        price=st.sampled_from(["0", "5.00", "x"]),
    ),
    min_size=1,
    max_size=30,
)


@examples(20)
@given(rows=ROWS, cut=st.integers(0, 30))
def test_however_it_is_cut_a_history_comes_to_the_same(
    rows: list[str], cut: int
) -> None:
    """Oracle: rows sorted by invoice, whole, against two overlapping parts of it."""
    whole = sorted(rows)
    with transaction.atomic():
        imported(sheet(*whole, row("9")))
        expected = set(HistoryLine.objects.values_list("key", flat=True))
        transaction.set_rollback(True)
    with transaction.atomic():
        edge = _invoice_ends(whole, cut)
        imported(sheet(*whole[:edge], row("9")))
        imported(sheet(*whole, row("9"), row("8")))
        found = set(
            HistoryLine.objects.exclude(invoice="8").values_list("key", flat=True)
        )
        transaction.set_rollback(True)
    assert found == expected


def _invoice_ends(rows: list[str], cut: int) -> int:
    """The next place at or after the cut where one invoice ends."""
    while (
        0 < cut < len(rows) and rows[cut].split(",")[0] == rows[cut - 1].split(",")[0]
    ):
        cut += 1
    return min(cut, len(rows))
