"""Large sheets, staged and judged by SQL, say exactly what small ones say."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.audit.models import Entry
from console.campaigns import operations as campaigns
from console.campaigns.models import Campaign, ImportJob, StagedRow
from console.campaigns.operations import bulk, import_work, imports
from console.campaigns.operations.imports import ImportNotReady
from console.campaigns.queries.imports import preview
from console.campaigns.rules import State
from console.campaigns.tasks import run_import, work
from console.sheets import working
from console.stock.models import Level, Sku
from tests.campaigns.sheetkit import applied, counts, sheet, start, tried
from tests.campaigns.test_shopify import SHOPIFY
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]

ALL = 5_000
BAD = 137


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sheet counts as a large one."""
    monkeypatch.setattr(import_work, "SMALL", 0)


def fates(job: ImportJob) -> dict[int, tuple[Any, ...]]:
    """What the pages tell of each row that does not stay the same."""
    told = job.rows.exclude(outcome="unchanged")
    return {
        row.number: (row.sku, row.outcome, row.raw, row.changes, row.errors, row.note)
        for row in told
    }


def lines(campaign: Campaign) -> list[tuple[Any, ...]]:
    names = ("sku__code", "regular_price", "sale_price", "units", "buffer", "version")
    return list(campaign.lines.order_by("position", "pk").values_list(*names))


def with_skus(count: int) -> None:
    Sku.objects.bulk_create(
        Sku(code=f"X{n:05}", name="X", regular_price=100) for n in range(count)
    )


def large_sheet(*, bad: int = 0, price: str = "70") -> bytes:
    cells = [f"X{n:05},{price},{5 if n >= bad else 'x'},0" for n in range(ALL)]
    return sheet(*cells)


def test_a_large_sheet_names_exactly_the_bad_rows_and_counts_the_others(
    campaign: Campaign,
) -> None:
    with_skus(ALL)
    job = tried(campaign, large_sheet(bad=BAD))
    assert (job.bulk, job.total, counts(job)) == (True, ALL, (ALL - BAD, 0, 0, 0, BAD))
    assert job.rows.filter(outcome="failed").count() == BAD
    imports.confirm(job.pk, mode="valid", actor=campaign.author)
    run_import(job.pk)
    assert campaign.lines.count() == 1 + ALL - BAD
    assert not StagedRow.objects.exists()
    told = Entry.objects.get(verb="campaign.import").after
    assert (told["created"], told["failed"]) == (ALL - BAD, BAD)


def test_the_second_upload_of_a_large_sheet_changes_nothing_and_says_why(
    campaign: Campaign,
) -> None:
    with_skus(ALL)
    first = applied(campaign, large_sheet())
    again = tried(campaign, large_sheet())
    assert (again.state, counts(again)) == ("done", (0, 0, ALL, 0, 0))
    assert not again.rows.exists()
    assert preview(again).same == first
    assert "The same sheet was imported on" in preview(again).known
    assert "nothing would change" in preview(again).known
    assert preview(first).known == ""
    assert not StagedRow.objects.exists()


def test_a_changed_line_is_a_new_version_and_not_confirmed(
    campaign: Campaign, large: None
) -> None:
    campaign.lines.update(price_confirmed=True)
    applied(campaign, sheet("C,60,5,0", "A,65,10,0", "B,70,5,1"))
    assert lines(campaign) == [
        ("A", 100, 65, 10, 0, 2),
        ("C", 100, 60, 5, 0, 1),
        ("B", 100, 70, 5, 1, 1),
    ]
    assert not campaign.lines.filter(price_confirmed=True).exists()
    assert not campaign.lines.exclude(position__in=[1, 2, 3]).exists()


def test_a_large_import_makes_an_approved_plan_a_draft(
    campaign: Campaign, large: None
) -> None:
    campaigns.submit(campaign.code, actor=campaign.author, now=NOW)
    applied(campaign, sheet("B,70,5,0"))
    assert Campaign.objects.get().state == State.DRAFT


def test_a_row_of_a_large_sheet_gone_bad_since_imports_nothing(
    campaign: Campaign, large: None
) -> None:
    job = tried(campaign, sheet("A,65,10,0", "B,70,5,0"))
    imports.confirm(job.pk, mode="all", actor=campaign.author)
    Sku.objects.filter(code="B").update(regular_price=60)
    run_import(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "Row 3 changed" in job.error
    assert campaign.lines.get().sale_price == 70


def test_a_large_shopify_export_says_and_makes_the_same(campaign: Campaign) -> None:
    small = tried(campaign, SHOPIFY)
    said = fates(small)
    imports.cancel(small.pk, actor=small.by, now=NOW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_work, "SMALL", 0)
        job = tried(campaign, SHOPIFY)
        assert fates(job) == said
        assert not Sku.objects.filter(code="PINE-S").exists()
        imports.confirm(job.pk, mode="valid", actor=campaign.author)
        run_import(job.pk)
    assert Level.objects.get(sku__code="PINE-S").on_hand == 12
    assert campaign.lines.get(sku__code="PINE-S").sale_price == 64


def test_a_killed_worker_is_taken_over_behind_the_last_batch(
    campaign: Campaign, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "BATCH", 2)
    with_skus(5)
    job = start(campaign, sheet(*(f"X{n:05},70,5,0" for n in range(5)), "X00001,9,1,0"))
    first = import_work.claim(job.pk, now=NOW)
    assert first
    rows = import_work.read(first)
    bulk.stage(first, rows[:2], total=6, now=NOW)
    assert first.percent == pytest.approx(100 / 3)
    # Killed here. Its lease runs out, and another worker takes over.
    later = NOW + timedelta(minutes=5)
    second = import_work.claim(job.pk, now=later)
    assert second
    work(second)
    job.refresh_from_db()
    assert (job.state, job.checked, job.total) == ("checked", 6, 6)
    assert counts(job) == (5, 0, 0, 0, 1)
    # The first was only slow: it finds that it lost the job, and writes nothing.
    with pytest.raises(ImportNotReady):
        bulk.stage(first, rows[2:4], total=6, now=later)
    with pytest.raises(ImportNotReady):
        bulk.judge(first, now=later)


def test_the_lease_and_the_page_go_by_the_rows_that_were_read(
    campaign: Campaign, large: None
) -> None:
    """Cells of several lines make a sheet look far longer than it is."""
    with_skus(3)
    body = sheet(*(f"X{n:05},70,5,0" for n in range(3)))
    job = import_work.claim(start(campaign, body).pk, now=NOW)
    assert job
    assert (job.length, preview(job).counted) == ("", False)
    bulk.stage(job, import_work.read(job)[:2], total=2_000_000, now=NOW)
    assert job.lease_until == NOW + working.LEASE
    assert job.length == "about 2,000,000 rows"
    given_up = imports.cancel(job.pk, actor=campaign.author, now=NOW)
    assert given_up.length == "2 rows"
    other = import_work.claim(start(campaign, body).pk, now=NOW)
    assert other
    bulk.stage(other, import_work.read(other)[:1], total=2_000_000, now=NOW)
    working.fail(other, "It broke off.", now=NOW)
    other.refresh_from_db()
    assert (other.length, preview(other).counted) == ("1 row", False)


def test_counts_say_something_once_rows_were_judged(
    campaign: Campaign, large: None
) -> None:
    with_skus(2)
    assert preview(tried(campaign, sheet("X00000,70,5,0"))).counted
    blank = preview(tried(campaign, sheet()))
    assert (blank.counted, blank.job.blank) == (False, True)


def test_the_lease_grows_with_the_rows_that_were_read(
    campaign: Campaign, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "AT_ONCE", 2)
    with_skus(3)
    body = sheet(*(f"X{n:05},70,5,0" for n in range(3)))
    job = import_work.claim(start(campaign, body).pk, now=NOW)
    assert job
    bulk.stage(job, import_work.read(job), total=3, now=NOW)
    assert job.lease_until == NOW + 2 * working.LEASE


def test_staged_rows_lost_in_a_crash_are_read_again(
    campaign: Campaign, large: None
) -> None:
    with_skus(3)
    body = sheet(*(f"X{n:05},70,5,0" for n in range(3)))
    job = import_work.claim(start(campaign, body).pk, now=NOW)
    assert job
    bulk.stage(job, import_work.read(job)[:2], total=3, now=NOW)
    StagedRow.objects.all().delete()  # as after a crash of the database
    work(job)
    job.refresh_from_db()
    assert (job.state, counts(job)) == ("checked", (3, 0, 0, 0, 0))
    StagedRow.objects.all().delete()
    imports.confirm(job.pk, mode="all", actor=campaign.author)
    run_import(job.pk)
    assert campaign.lines.count() == 4


def test_a_large_workbook_is_brought_in_like_a_large_csv(campaign: Campaign) -> None:
    with_skus(ALL)
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet()
    page.append(["sku", "sale_price", "units", "buffer"])
    for n in range(ALL):
        page.append([f"X{n:05}", 70.5, 5.0 if n else "x", None])
    out = io.BytesIO()
    book.save(out)
    job = tried(campaign, out.getvalue())
    assert (job.bulk, counts(job)) == (True, (ALL - 1, 0, 0, 0, 1))
    assert job.rows.get(outcome="failed").raw["units"] == "x"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_large_sheet_may_have_any_encoding_and_a_zero_byte(
    campaign: Campaign, large: None, encoding: str
) -> None:
    rows = ["B,70,5,0", *["é" * 9 + ",70,5,0"] * 500, "C,7\0" + "1,5,0"]
    text = sheet(*rows).decode()
    job = tried(campaign, text.encode(encoding))
    assert counts(job) == (2, 0, 0, 0, 500)
    told = job.rows.get(number=3).errors["sku"]
    assert (
        told == "There is no SKU ééééééééé. Correct it, or import it with its product."
    )


def test_the_database_refuses_counts_that_do_not_add_up(campaign: Campaign) -> None:
    job = tried(campaign, sheet("B,70,5,0"))
    with pytest.raises(IntegrityError, match="import_counts_every_row"):
        ImportJob.objects.filter(pk=job.pk).update(unchanged=1)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_preview_of_a_large_sheet_asks_as_often_for_one_row_as_for_three(
    campaign: Campaign,
    large: None,
    client: Client,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with_skus(3)
    job = tried(campaign, sheet(*(f"X{n:05},70,x,0" for n in range(rows))))
    client.force_login(campaign.author)
    there = reverse("campaigns:import_job", args=[campaign.code, job.pk])
    client.get(there)
    with django_assert_num_queries(10):
        assert b"is not a whole number" in client.get(there).content


def test_what_was_staged_is_forgotten_once_given_up(
    campaign: Campaign, large: None
) -> None:
    job = tried(campaign, sheet("B,70,5,0"))
    assert StagedRow.objects.count() == 1
    imports.cancel(job.pk, actor=job.by, now=NOW)
    assert not StagedRow.objects.exists()
