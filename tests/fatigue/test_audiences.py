"""The page of audiences: what is known, what is not, and two kinds of file."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from console.fatigue.contacts import masks, merging
from console.fatigue.models import ContactBook, ContactFile, Saturation
from console.fatigue.tasks import contacts
from tests import make

HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant(client: Client) -> Client:
    client.force_login(make.user("merchandiser"))
    return client


@pytest.fixture(autouse=True)
def data_dir(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(merging, "ring", lambda: None)


def page(client: Client) -> str:
    return client.get(reverse("fatigue:audiences")).content.decode()


def upload(client: Client, name: str, text: str) -> tuple[int, str]:
    file = SimpleUploadedFile("sheet.csv", text.encode())
    reply = client.post(reverse(f"fatigue:{name}"), {"file": file})
    return reply.status_code, reply.content.decode()


def test_what_is_unknown_says_so(merchant: Client) -> None:
    make.audience("Members")
    shown = page(merchant)
    assert "Unknown" in shown
    assert "\u00d7 1.00" in shown


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_and_three(
    merchant: Client, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        make.audience()
    page(merchant)
    with django_assert_num_queries(7):
        page(merchant)


def test_contacts_come_in_by_a_worker_with_their_progress(merchant: Client) -> None:
    people = make.audience("Members")
    day = timezone.now().date() - timedelta(days=1)
    text = f"customer,audience,channel,day\nc1,members,email,{day}\nc2,nobody,,\n"
    assert upload(merchant, "add_contacts", text)[0] == 302
    file = ContactFile.objects.get()
    assert (file.state, file.total, file.failed) == ("merging", 1, 1)
    shown = merchant.get(reverse("fatigue:contact_files"), headers=HTMX).text
    assert "Merged so far" in shown
    assert "There is no audience nobody." in shown
    contacts()
    assert (
        "hx-trigger"
        not in merchant.get(reverse("fatigue:contact_files"), headers=HTMX).text
    )
    assert masks.read(ContactBook.objects.get(pk=people.pk)) is not None
    assert upload(merchant, "add_contacts", text)[0] == 302
    assert ContactFile.objects.count() == 1


def test_rates_come_in_all_or_none_and_each_wrong_row_is_named(
    merchant: Client,
) -> None:
    make.audience("Members")
    head = "audience,day,unsubscribe,complaint,engagement\n"
    good = "".join(
        f"members,{timezone.now().date() - timedelta(days=n)},0.4,0.01,22\n"
        for n in range(3)
    )
    status, shown = upload(merchant, "add_rates", head + good + "x,2026-01-01,1,1,1\n")
    assert status == 422
    assert "Row 5: there is no audience x." in shown
    assert not Saturation.objects.exists()
    assert upload(merchant, "add_rates", head + good)[0] == 302
    assert Saturation.objects.count() == 3
    shown = page(merchant)
    assert "0.40%" in shown
    assert "<polyline" in shown


def test_a_file_that_is_no_sheet_is_refused(merchant: Client) -> None:
    for name in ("add_contacts", "add_rates"):
        status, shown = upload(merchant, name, "hello\nworld\n")
        assert status == 422
        assert "first line" in shown


def test_a_viewer_reads_and_brings_nothing_in(client: Client) -> None:
    client.force_login(make.user("viewer"))
    make.audience("Members")
    assert "Bring contacts in" not in page(client)
    assert upload(client, "add_rates", "")[0] == 403
