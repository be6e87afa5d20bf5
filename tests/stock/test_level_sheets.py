"""Sheets of levels: what each row does, and what is told of bad ones."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta

import openpyxl
import pytest
from django.db import IntegrityError
from django.test import Client
from pytest_django import Settings

from console.audit.models import Entry
from console.shell import spreadsheets
from console.stock import clock, queries
from console.stock.models import Level, LevelImport, Movement, Sku, StagedLevel
from console.stock.operations import import_work, imports
from console.stock.operations.imports import ImportNotReady, RowsFailed
from console.stock.operations.ledger import StockBusy
from console.stock.tasks import run_import, work
from tests import make
from tests.stock.sheetkit import (
    counts,
    exported,
    sentences,
    sheet,
    start,
    tried,
    written,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
HTMX = {"HTTP_HX_REQUEST": "true"}
GOODS = "sku,location,on_hand,perishable,on_market_since"


def test_a_sheet_of_large_counts_only_is_proposed_whole(settings: Settings) -> None:
    settings.ADJUST_ALONE_UNITS = 50
    level = make.level(make.sku("SHELL"), units=100)
    body = sheet("SHELL,Main,900,0,0")
    job = written(body)
    assert (job.state, counts(job), job.pending) == ("done", (0, 0, 0, 0), 1)
    told = Entry.objects.filter(verb="stock.propose_count").get()
    assert told.after == {"file": "levels.csv", "counts": 1}
    small = written(sheet("SHELL,Main,101,0,0"))
    assert (small.state, counts(small)) == ("done", (0, 1, 0, 0))
    level.refresh_from_db()
    assert level.on_hand == 101
    again = tried(body)
    assert "waits for a second person" in sentences(again)[2]


def test_counts_come_in_from_a_sheet_after_a_look(operator: Client) -> None:
    level, sku = make.level(units=10), make.sku("=NEW")
    rows = (f"{level.sku.code},Main,12,3,", f"{sku.code},Main,5,,", ",,,,")
    job = tried(sheet(*rows))
    assert (job.state, counts(job), job.more, job.less) == (
        "checked",
        (1, 1, 0, 0),
        7,
        0,
    )
    assert Level.objects.get().on_hand == 10, "a look changes nothing"
    job = written(sheet(*rows))
    assert (job.state, counts(job)) == ("done", (1, 1, 0, 0))
    assert {(x.on_hand, x.committed) for x in Level.objects.all()} == {(12, 3), (5, 0)}
    assert queries.violations() == []
    assert not StagedLevel.objects.exists()
    assert Entry.objects.get(verb="stock.import").after["created"] == 1
    out = exported(operator)
    assert b"'=NEW" in out
    assert counts(written(out)) == (0, 0, 2, 0)


def test_the_ledger_has_an_entry_for_each_way_units_went() -> None:
    level = make.level(units=10)
    written(sheet(f"{level.sku.code},Main,7,2,1"))
    told = Movement.objects.order_by("-id").values_list("source", "target", "units")[:3]
    assert set(told) == {
        ("free", "outside", 3),
        ("free", "committed", 2),
        ("free", "held", 1),
    }
    level.refresh_from_db()
    assert (level.version, level.free) == (3, 4)
    assert level.counted_at is not None


def test_bad_rows_are_named_one_by_one() -> None:
    one = make.allocation(quantity=10)
    code = one.sku.code
    job = tried(
        sheet(
            f"{code},Main,9,,",
            f"{code},Main,-1,,",
            f"{code},Main,many,,",
            "nothing,Main,1,,",
            f"{code},nowhere,1,,",
            ",Main,1,,",
            f"{code},Main,20,,",
        )
    )
    assert (job.state, counts(job)) == ("checked", (0, 0, 0, 7))
    assert sentences(job) == {
        2: "10 units are promised (0 committed, 10 locked for sales): "
        "on hand cannot be 9.",
        3: "on_hand must be 0 to 999,999,999 units.",
        4: "“many” is not a whole number of units.",
        5: "There is no SKU nothing.",
        6: "There is no location nowhere.",
        7: "The sku is blank.",
        8: "This SKU and location came before.",
    }
    with pytest.raises(ImportNotReady, match="Nothing in this sheet"):
        imports.confirm(job.pk, mode="valid", actor=None)
    assert Level.objects.get().on_hand == 10


def test_all_or_only_the_valid_rows_as_a_person_says() -> None:
    level, other = make.level(units=10), make.level(units=10)
    job = tried(sheet(f"{level.sku.code},Main,12,,", f"{other.sku.code},Main,x,,"))
    with pytest.raises(RowsFailed, match="1 row has errors"):
        imports.confirm(job.pk, mode="all", actor=None)
    imports.confirm(job.pk, mode="valid", actor=job.by)
    run_import(job.pk)
    job.refresh_from_db()
    assert (job.state, counts(job)) == ("done", (0, 1, 0, 1))
    assert sorted(Level.objects.values_list("on_hand", flat=True)) == [10, 12]
    assert queries.violations() == []


def test_a_sheet_of_an_older_count_overwrites_no_newer_one(operator: Client) -> None:
    level, other = make.level(units=10), make.level(units=10)
    older = exported(operator)
    count = sheet(f"{level.sku.code},Main,12,,", f"{other.sku.code},Main,11,,")
    assert written(count).state == "done"
    job = tried(older)
    assert counts(job) == (0, 0, 0, 2)
    assert "on hand is now 12" in sentences(job)[2]
    agreed = exported(operator).replace(b",10,", b",11,")
    Level.objects.update(version=99)
    assert counts(tried(agreed)) == (0, 0, 2, 0), (
        "who asks for what is there is not late"
    )


def test_a_row_gone_bad_since_is_left_out_or_ends_it_all() -> None:
    level, other = make.level(units=10), make.level(units=10)
    rows = sheet(f"{level.sku.code},Main,12,,", f"{other.sku.code},Main,4,,")
    for mode, state, on_hand in (("all", "failed", 10), ("valid", "done", 12)):
        Level.objects.filter(pk=other.pk).update(committed=0)
        job = tried(rows)
        imports.confirm(job.pk, mode=mode, actor=job.by)
        Level.objects.filter(pk=other.pk).update(on_hand=10, allocated=5)
        run_import(job.pk)
        job.refresh_from_db()
        assert job.state == state
        assert Level.objects.get(pk=level.pk).on_hand == on_hand
        assert Level.objects.get(pk=other.pk).on_hand == 10
        Level.objects.filter(pk=other.pk).update(allocated=0)
    assert (counts(job), job.bad.get().number) == ((0, 1, 0, 1), 3)


def test_the_second_upload_of_a_sheet_changes_nothing() -> None:
    level = make.level(units=10)
    body = sheet(f"{level.sku.code},Main,12,,")
    assert written(body).state == "done"
    again = tried(body)
    assert (again.state, counts(again)) == ("done", (0, 0, 1, 0))
    assert Level.objects.get().version == 3


def test_the_same_file_under_way_is_the_same_job_tried_anew() -> None:
    level = make.level(units=10)
    body = sheet(f"{level.sku.code},Main,12,,")
    first = tried(body)
    Level.objects.update(on_hand=12)
    again = start(body)
    assert (again.pk, again.state) == (first.pk, "checking")
    run_import(again.pk)
    again.refresh_from_db()
    assert (again.state, counts(again)) == ("done", (0, 0, 1, 0))


def test_one_sheet_gives_way_while_somebody_moves_the_same_stock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    level = make.level(units=10)
    job = tried(sheet(f"{level.sku.code},Main,12,,"))
    imports.confirm(job.pk, mode="all", actor=job.by)
    real = import_work.apply

    def busy(*_args: object, **_said: object) -> None:
        raise StockBusy("Somebody is changing the same stock.")

    monkeypatch.setattr(import_work, "apply", busy)
    run_import(job.pk)
    job.refresh_from_db()
    assert job.state == "applying" and job.lease_until is not None
    assert job.pk not in import_work.waiting(now=clock.now())
    later = clock.now() + timedelta(seconds=6)
    assert import_work.waiting(now=later) == [job.pk]
    monkeypatch.setattr(import_work, "apply", real)
    claimed = import_work.claim(job.pk, now=later)
    assert claimed
    work(claimed)
    assert Level.objects.get().on_hand == 12


@pytest.mark.parametrize("body,name,told", [
    (b"colour,size\n1,2\n", "l.csv", "Columns are missing: sku, location, on_hand."),
    (b"PK\x03\x04not a zip", "l.xlsx", "The workbook cannot be read."),
    (b"\x00\x01", "l.csv", "This is no sheet."),
    (b"\xd0\xcf\x11\xe0", "l.xls", "This is an old Excel file."),
])  # fmt: skip
def test_a_file_that_is_no_sheet_is_told(body: bytes, name: str, told: str) -> None:
    job = tried(body, name=name)
    assert job.state == "failed" and told in job.error


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spreadsheets, "MOST_UNPACKED", 1_000_000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    assert len(bomb.getvalue()) < 10_000
    job = tried(bomb.getvalue(), name="l.xlsx")
    assert (job.state, "too large once unpacked" in job.error) == ("failed", True)


def test_a_workbook_comes_in_like_a_csv() -> None:
    level = make.level(units=10)
    book = openpyxl.Workbook()
    book.active.append(["SKU", "Location", "On hand", "on_market_since"])
    book.active.append([level.sku.code, "Main", 12.0, date(2026, 11, 20)])
    out = io.BytesIO()
    book.save(out)
    job = written(out.getvalue(), name="l.xlsx")
    assert (job.state, counts(job), job.described) == ("done", (0, 1, 0, 0), 1)
    assert Level.objects.get().on_hand == 12
    assert Sku.objects.get().on_market_since == date(2026, 11, 20)


def test_a_sheet_says_which_goods_are_perishable_and_new() -> None:
    level = make.level(units=10)
    code = level.sku.code
    job = tried(sheet(f"{code},Main,10,Yes,2026-11-20", head=GOODS))
    assert (job.state, job.described, job.changing) == ("checked", 1, 0)
    assert not Sku.objects.filter(perishable=True).exists()
    imports.confirm(job.pk, mode="all", actor=job.by)
    run_import(job.pk)
    told = Sku.objects.get()
    assert (told.perishable, told.on_market_since) == (True, date(2026, 11, 20))
    entry = Entry.objects.get(verb="stock.describe")
    assert entry.before == {code: {"perishable": False, "on_market_since": None}}
    written(sheet(f"{code},Main,10,,", head=GOODS))
    assert Sku.objects.get().perishable
    written(sheet(f"{code},Main,10,no,unknown", head=GOODS))
    told.refresh_from_db()
    assert (told.perishable, told.on_market_since) == (False, None)


def test_a_sku_that_is_described_in_two_ways_is_refused() -> None:
    level = make.level(units=10)
    make.location("Second")
    code = level.sku.code
    rows = (f"{code},Main,10,yes,", f"{code},Second,10,no,")
    job = tried(sheet(*rows, head=GOODS))
    assert sentences(job) == {3: f"{code} is described in another way above."}


@pytest.mark.parametrize("cells,told", [
    ("maybe,", "“maybe” is neither yes nor no"),
    (",tomorrow", "“tomorrow” is no day like 2026-11-27"),
])  # fmt: skip
def test_what_is_no_description_is_told(cells: str, told: str) -> None:
    level = make.level(units=10)
    job = tried(sheet(f"{level.sku.code},Main,9,{cells}", head=GOODS))
    assert told in sentences(job)[2]


def test_the_database_refuses_counts_that_do_not_add_up() -> None:
    level = make.level(units=10)
    job = tried(sheet(f"{level.sku.code},Main,12,,"))
    with pytest.raises(IntegrityError, match="level_import_counts_every_row"):
        LevelImport.objects.filter(pk=job.pk).update(unchanged=1)
