"""Two at once: a row counts once, one reads a file; without the guard it breaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection

from console.uplift.models import DailyDemand, HistoryFile, HistoryLine
from console.uplift.operations import imports
from console.uplift.tasks import run_import
from tests import make
from tests.make import NOW
from tests.racing import in_parallel
from tests.uplift.kit import row, sheet, start

pytestmark = pytest.mark.django_db(transaction=True)

SHARED = [row(str(n), sku=f"S{n % 7}") for n in range(300)]


def two_files() -> list[HistoryFile]:
    """Two histories that share 300 rows and have one each of their own."""
    person = make.user("merchandiser")
    return [start(sheet(*SHARED, row(f"own{n}")), by=person) for n in range(2)]


def test_two_files_read_at_once_count_what_they_share_once() -> None:
    jobs = two_files()
    told = in_parallel(2, lambda n: run_import(jobs[n].pk))
    assert told == [None, None]
    for job in jobs:
        job.refresh_from_db()
    assert [job.state for job in jobs] == ["done", "done"]
    assert sum(job.sales for job in jobs) == HistoryLine.objects.count() == 302
    assert sum(job.known for job in jobs) == 300
    assert sum(DailyDemand.objects.values_list("orders", flat=True)) == 302


def test_control_without_the_key_shared_rows_would_be_there_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Looked for before instead of refused by the database, most rows count twice."""
    monkeypatch.setattr(
        "console.uplift.operations.rows.PUT",
        """
        with put as (
            insert into uplift_historyline
                (key, file_id, sku, at, units, price, invoice, customer, country)
            select s.key, s.file_id, s.sku, s.at, s.units, s.price, s.invoice,
                s.customer, s.country
            from uplift_stage s, pg_sleep(0.5)
            where not exists (
                select from uplift_historyline l where l.key = s.key)
            returning units
        )
        select count(*) filter (where units > 0), 0 from put
        """,
    )
    jobs = two_files()
    with connection.cursor() as cursor:
        cursor.execute(
            "alter table uplift_historyline drop constraint uplift_historyline_pkey"
        )
    try:
        in_parallel(2, lambda n: run_import(jobs[n].pk))
        assert HistoryLine.objects.count() > 302
    finally:
        HistoryLine.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("alter table uplift_historyline add primary key (key)")


def test_of_two_workers_one_reads_the_file() -> None:
    job = start(sheet(*SHARED))
    claims = in_parallel(2, lambda _: imports.claim(job.pk, now=NOW))
    assert [bool(one) for one in claims].count(True) == 1


def upload(person: User) -> HistoryFile:
    """The same file, put in a place of its own by each of those who upload it."""
    file = SimpleUploadedFile("orders.csv", sheet(*SHARED))
    return imports.start(
        file, zone="Europe/London", day_first=False, actor=person, now=NOW
    )


def kept() -> list[Path]:
    """The files that lie in the folder of histories."""
    folder = Path(HistoryFile._meta.get_field("file").storage.location) / "history"
    return list(folder.glob("*")) if folder.exists() else []


def test_the_same_file_uploaded_twice_at_once_is_kept_once() -> None:
    person, before = make.user("merchandiser"), len(kept())
    told = in_parallel(4, lambda _: upload(person))
    assert len({job.pk for job in told if isinstance(job, HistoryFile)}) == 1
    assert len(kept()) == before + 1


def test_control_without_the_lock_uploads_collide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imports, "lock", lambda: None)
    person = make.user("merchandiser")
    for _ in range(5):
        HistoryFile.objects.all().delete()
        told = in_parallel(4, lambda _: upload(person))
        if any(isinstance(one, IntegrityError) for one in told):
            return
    pytest.fail("without the lock nothing collided, so the test above proves nothing")
