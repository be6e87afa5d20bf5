"""Files and workers meet: one file comes once, and no day of a contact is lost."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from console.fatigue.contacts import merging
from console.fatigue.models import Audience, Contact, ContactBook, ContactFile
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)

CUSTOMERS = 50


@pytest.fixture(autouse=True)
def data_dir(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(merging, "ring", lambda: None)


def receive(people: Audience, ago: int) -> ContactFile:
    """Everybody was told by e-mail so many days ago."""
    day = NOW.date() - timedelta(days=ago)
    lines = [f"c{n},{people.slug},email,{day}" for n in range(CUSTOMERS)]
    text = "\n".join(["customer,audience,channel,day", *lines])
    file = SimpleUploadedFile("c.csv", text.encode())
    return merging.receive(file, actor=None, now=NOW)


def test_the_same_file_from_two_people_comes_once() -> None:
    people = make.audience()
    got = in_parallel(4, lambda _: receive(people, 1).pk)
    assert len(set(got)) == 1
    assert ContactFile.objects.get().total == CUSTOMERS


def test_four_workers_lose_no_day_and_count_each_customer_once() -> None:
    people = make.audience()
    files = [receive(people, ago) for ago in range(4)]
    got = in_parallel(4, lambda n: merging.merge(files[n].pk, now=NOW))
    assert got == [False] * 4
    assert set(Contact.objects.values_list("email", flat=True)) == {0b1111}
    book = ContactBook.objects.get(pk=people.pk)
    assert (book.customers, book.generation) == (CUSTOMERS, 4)


def test_two_workers_never_take_one_file() -> None:
    receive(make.audience(), 1)
    got = in_parallel(4, lambda _: merging.claim(now=NOW))
    assert sum(isinstance(one, ContactFile) for one in got) == 1
    assert merging.claim(now=NOW + timedelta(hours=1)) is not None


def test_control_careless_workers_do_lose_a_day() -> None:
    """Both read before either writes, so the test above does race."""
    people = make.audience()
    merging.merge(receive(people, 0).pk, now=NOW)
    both_read = Barrier(2)

    def careless(number: int) -> None:
        row = Contact.objects.get(customer="c0")
        with suppress(BrokenBarrierError):
            both_read.wait(5)
        mask = row.email | 0b10 << number
        Contact.objects.filter(customer="c0").update(email=mask)

    in_parallel(2, careless)
    assert Contact.objects.get(customer="c0").email != 0b111
