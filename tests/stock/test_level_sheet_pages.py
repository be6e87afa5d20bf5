"""Sheets of levels as people see them: the dialog, the page, and files out."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from console.people.models import Scope
from console.stock.models import Level, LevelImport, StagedLevel
from console.stock.tasks import run_import, take_up_imports
from tests import make
from tests.stock.sheetkit import counts, exported, sheet, tried, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]
HTMX = {"HTTP_HX_REQUEST": "true"}
GOODS = "sku,location,on_hand,perishable,on_market_since"


def test_the_sheet_of_levels_comes_back_as_it_went_out(operator: Client) -> None:
    make.level(make.sku(perishable=True, on_market_since=date(2026, 11, 20)))
    make.level()
    for form in ("csv", "xlsx"):
        job = tried(exported(operator, form), name=f"l.{form}")
        assert (job.state, counts(job)) == ("done", (0, 0, 2, 0))


def test_who_is_limited_counts_nothing_else() -> None:
    person = make.user("operator")
    Scope.objects.create(user=person, categories=["Tents"], markets=[])
    level = make.level(make.sku(category="Boots"), units=10)
    job = tried(sheet(f"{level.sku.code},Main,12,,"), by=person)
    assert job.state == "failed"
    assert "limited to Tents, and this concerns Boots" in job.error


def test_from_the_dialog_to_the_levels_and_the_bad_rows_out(operator: Client) -> None:
    level, other = make.level(units=10), make.level(units=10)
    page = operator.get(reverse("stock:import"), **HTMX).content.decode()
    assert "Nothing is written yet" in page
    rows = sheet(f"{level.sku.code},Main,12,,", f"{other.sku.code},Main,=x,,")
    words = {"file": SimpleUploadedFile("l.csv", rows)}
    reply = operator.post(reverse("stock:import"), words)
    job = LevelImport.objects.get()
    there = reverse("stock:import_job", args=[job.pk])
    assert reply["Location"] == there
    assert "Trying" in operator.get(there).content.decode()
    take_up_imports()
    run_import(job.pk)
    page = operator.get(there).content.decode()
    assert "Write the valid rows only" in page and "is not a whole number" in page
    out = (
        operator.get(reverse("stock:import_errors", args=[job.pk])).getvalue().decode()
    )
    assert out.splitlines()[0].endswith(
        "row,problem,sku,location,on_hand,committed,buffer"
    )
    assert "'=x" in out and out.count("\n") == 2
    apply = reverse("stock:import_apply", args=[job.pk])
    assert operator.post(apply, {"mode": "all"}).status_code == 409
    assert operator.post(apply, {"mode": "valid"})["Location"] == there
    run_import(job.pk)
    assert "1 level written" in operator.get(there).content.decode()
    corrected = out.replace("'=x", "11").encode()
    assert counts(written(corrected)) == (0, 1, 0, 0)


def test_a_sheet_without_rows_says_so(operator: Client) -> None:
    job = tried(sheet())
    there = reverse("stock:import_job", args=[job.pk])
    page = operator.get(there).content.decode()
    assert "The sheet has no row below its headings" in page
    assert "Nothing to change" in page


def test_what_is_given_up_changes_nothing(operator: Client) -> None:
    level = make.level(units=10)
    job = tried(sheet(f"{level.sku.code},Main,12,,"))
    cancel = reverse("stock:import_cancel", args=[job.pk])
    assert operator.post(cancel).status_code == 302
    assert operator.post(cancel).status_code == 409
    assert not StagedLevel.objects.exists()
    assert Level.objects.get().on_hand == 10


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_a_sheet_asks_as_often_for_one_row_as_for_three(
    operator: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    job = tried(sheet(*(f"X{n},Main,1,," for n in range(rows))))
    there = reverse("stock:import_job", args=[job.pk])
    operator.get(there)
    with django_assert_num_queries(7):
        operator.get(there)


def test_the_export_is_sent_while_it_is_read(viewer: Client) -> None:
    make.level()
    reply = viewer.get(reverse("stock:export", args=["csv"]))
    assert reply.streaming
    with CaptureQueriesContext(connection) as asked:
        assert reply.getvalue().count(b"\n") == 2
    assert any("stock_level" in one["sql"] for one in asked), "only now"
