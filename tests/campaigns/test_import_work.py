"""The worker of an import: killed, taken over, given up; what people see of it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from console.campaigns.models import Campaign, ImportJob
from console.campaigns.operations import import_work, imports
from console.campaigns.operations.imports import ImportNotReady
from console.campaigns.tasks import run_import, take_up, work
from console.stock.models import Sku
from tests.campaigns.sheetkit import applied, counts, sheet, start, tried
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_broker")]


def test_the_same_file_under_way_is_the_same_job(campaign: Campaign) -> None:
    body = sheet("B,70,5,0")
    assert start(campaign, body).pk == start(campaign, body).pk
    assert start(campaign, body, percent_off="30").pk != start(campaign, body).pk


def test_a_killed_worker_is_taken_over_where_it_stopped(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_work, "CHUNK", 2)
    Sku.objects.bulk_create(
        Sku(code=f"X{n}", name="X", regular_price=100) for n in range(5)
    )
    job = start(campaign, sheet(*(f"X{n},70,5,0" for n in range(5)), "X1,70,5,0"))
    first = import_work.claim(job.pk, now=NOW)
    assert first
    rows = import_work.read(first)
    import_work.check(first, rows[:2], total=6, now=NOW)
    # Killed here. Its lease runs out, and another worker takes over.
    assert import_work.claim(job.pk, now=NOW) is None
    later = NOW + timedelta(minutes=5)
    assert import_work.waiting(now=later) == [job.pk]
    second = import_work.claim(job.pk, now=later)
    assert second
    work(second)
    job.refresh_from_db()
    assert (job.state, job.checked, job.total) == ("checked", 6, 6)
    assert counts(job) == (5, 0, 0, 0, 1)
    # The first was only slow: it finds that it lost the job, and writes nothing.
    with pytest.raises(ImportNotReady):
        import_work.check(first, rows[2:4], total=6, now=later)


def test_a_worker_killed_while_applying_starts_over(campaign: Campaign) -> None:
    job = tried(campaign, sheet("B,70,5,0"))
    imports.confirm(job.pk, mode="all", actor=campaign.author)
    assert import_work.claim(job.pk, now=NOW)
    assert import_work.waiting(now=NOW) == []
    take_up()
    later = NOW + timedelta(minutes=5)
    again = import_work.claim(job.pk, now=later)
    assert again
    work(again)
    work(again)
    assert campaign.lines.count() == 2


def test_given_up_it_changes_nothing(campaign: Campaign) -> None:
    job = tried(campaign, sheet("B,70,5,0"))
    imports.cancel(job.pk, actor=job.by, now=NOW)
    with pytest.raises(ImportNotReady):
        imports.confirm(job.pk, mode="all", actor=campaign.author)
    assert campaign.lines.count() == 1


def test_a_person_uploads_watches_and_confirms(
    client: Client, campaign: Campaign
) -> None:
    client.force_login(campaign.author)
    url = reverse("campaigns:import", args=[campaign.code])
    assert client.get(url).status_code == 200
    assert client.post(url, {"percent_off": "20"}).status_code == 422
    file = SimpleUploadedFile("lines.csv", sheet("B,70,5,0", "C,=x,5,0"))
    reply = client.post(url, {"file": file, "percent_off": "20"})
    job = ImportJob.objects.get()
    there = reverse("campaigns:import_job", args=[campaign.code, job.pk])
    assert reply.url == there
    assert "Trying" in client.get(there).content.decode()
    run_import(job.pk)
    page = client.get(there).content.decode()
    assert "Import the 1 valid row only" in page
    assert "is not a sale price" in page
    errors = reverse("campaigns:import_errors", args=[campaign.code, job.pk])
    bad = client.get(errors)
    rows = list(csv.DictReader(io.StringIO(bad.getvalue().decode("utf-8-sig"))))
    assert [(row["row"], row["sku"], row["sale_price"]) for row in rows] == [
        ("3", "C", "'=x")
    ]
    apply = reverse("campaigns:import_apply", args=[campaign.code, job.pk])
    assert client.post(apply, {"mode": "all"}).status_code == 409
    client.post(apply, {"mode": "valid"})
    run_import(job.pk)
    assert "Imported" in client.get(there).content.decode()
    assert campaign.lines.count() == 2


def test_bad_rows_leave_in_the_columns_of_their_sheet_and_come_back_corrected(
    client: Client, campaign: Campaign
) -> None:
    client.force_login(campaign.author)
    head = "units,Name,sale_price,sku"
    job = start(campaign, f"{head}\n5,Boots,70,B\n5,Coat,=x,C\nx,Doll,9,D\n".encode())
    run_import(job.pk)
    url = reverse("campaigns:import_errors", args=[campaign.code, job.pk])
    bad = client.get(url).getvalue().decode("utf-8-sig")
    assert bad.splitlines()[0] == f"row,problem,{head}"
    assert [line.split(",")[0] for line in bad.splitlines()[1:]] == ["3", "4"]
    bad = bad.replace("'=x", "60").replace("row,problem", "Row,Problem", 1)
    again = start(campaign, bad.encode())
    run_import(again.pk)
    assert [row.number for row in again.rows.filter(outcome="failed")] == [3]
    url = reverse("campaigns:import_errors", args=[campaign.code, again.pk])
    (told, row) = client.get(url).getvalue().decode("utf-8-sig").splitlines()
    assert told == f"row,problem,{head}"
    assert row.startswith("3,") and row.endswith(",x,Doll,9,D")
    Path(again.file.path).unlink()
    assert client.get(url).getvalue().startswith(b"\xef\xbb\xbfrow,problem,sku,")


def test_a_sheet_that_is_too_large_is_refused_while_it_arrives(
    client: Client, campaign: Campaign, settings: Any
) -> None:
    settings.UPLOAD_LIMIT_MB = 1
    client.force_login(campaign.author)
    url = reverse("campaigns:import", args=[campaign.code])
    file = SimpleUploadedFile("lines.csv", b"x" * 2_000_000)
    reply = client.post(url, {"file": file})
    assert reply.status_code == 413
    assert "larger than 1 MB" in reply.content.decode()
    assert not ImportJob.objects.exists()


def test_what_was_imported_is_taken_back_from_its_page(
    client: Client, campaign: Campaign
) -> None:
    """Offered while it is what was done last; another sheet takes its place."""
    client.force_login(campaign.author)
    first = applied(campaign, sheet("B,70,5,0"))
    there = reverse("campaigns:import_job", args=[campaign.code, first.pk])
    undo = reverse("campaigns:undo", args=[campaign.code, campaign.undo.pk])
    assert f'action="{undo}"' in client.get(there).text
    assert client.post(undo).status_code == 302
    assert list(campaign.lines.values_list("sku__code", flat=True)) == ["A"]
    assert "/undo/" not in client.get(there).text
