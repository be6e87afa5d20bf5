"""Who may be told: the masks, the SQL and a count by hand agree; files come in once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from console.fatigue.contacts import eligible, masks, merging
from console.fatigue.contacts.reading import WrongContacts, day_number
from console.fatigue.models import Audience, Contact, ContactBook, ContactFile
from console.fatigue.rules import Channel
from console.fatigue.rules.contacts import Ask, first_day
from tests import make
from tests.examples import examples
from tests.make import NOW

pytestmark = pytest.mark.django_db

TODAY = day_number(NOW.date())
Contacts = list[tuple[int, str, int]]
"""Customer, channel, days ago."""


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: object) -> Iterator[Path]:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "ring", lambda: None)


def sheet(people: Audience, told: Contacts, known: int = 0) -> SimpleUploadedFile:
    lines = [f"c{n},{people.slug},," for n in range(known)]
    lines += [
        f"c{n},{people.slug},{channel},{NOW.date() - timedelta(days=ago)}"
        for n, channel, ago in told
    ]
    text = "\n".join(["customer,audience,channel,day", *lines])
    return SimpleUploadedFile("contacts.csv", text.encode())


def brought(people: Audience, told: Contacts, known: int = 0) -> ContactFile:
    file = merging.receive(sheet(people, told, known), actor=None, now=NOW)
    while merging.merge(file.pk, now=NOW):
        pass
    return file


def by_hand(told: Contacts, sent: Contacts, customers: int, one: Ask) -> int:
    """The plain count: each customer's days, each cap."""
    may = 0
    for customer in range(customers):
        days = {(c, TODAY - ago) for n, c, ago in told if n == customer}
        days |= {(c, TODAY - ago) for _, c, ago in sent}
        inside = [d for _, d in days if one.day - one.days < d <= one.day]
        near = [
            d for c, d in days if c == one.channel and one.day - one.gap < d <= one.day
        ]
        may += not (one.most and len(inside) >= one.most) and not (one.gap and near)
    return may


KNOWN = 6
told_to = st.lists(
    st.tuples(
        st.integers(0, KNOWN - 1),
        st.sampled_from(["email", "push"]),
        st.integers(0, 62),
    ),
    max_size=40,
)
asked = st.builds(
    Ask,
    day=st.integers(TODAY - 2, TODAY + 70),
    channel=st.sampled_from(list(Channel)),
    most=st.integers(0, 4),
    days=st.integers(1, 60),
    gap=st.integers(0, 9),
)


@examples(60)
@given(
    first=told_to, second=told_to, sent=told_to.map(lambda some: some[:3]), one=asked
)
def test_masks_and_sql_count_what_a_count_by_hand_does(
    first: Contacts, second: Contacts, sent: Contacts, one: Ask
) -> None:
    people = make.audience()
    brought(people, first, KNOWN)
    brought(people, second)
    merging.note_sends(
        people.pk, "FS-1", [(TODAY - a, Channel(c), Decimal(1)) for _, c, a in sent]
    )
    masks.rebuild(people.pk)
    known = eligible.history(people.slug)
    assert known
    wanted = by_hand(first + second, sent, KNOWN, one)
    assert eligible.by_sql(known, one) == wanted
    found = masks.read(known.book)
    assert found
    assert eligible._fast(known, found, one) == wanted


@examples(30)
@given(told=told_to, one=asked, need=st.integers(0, KNOWN))
def test_the_first_day_is_the_first(told: Contacts, one: Ask, need: int) -> None:
    def counted(at: Ask) -> int:
        return by_hand(told, [], KNOWN, at)

    last = max((TODAY - ago for _, _, ago in told), default=0)
    found = first_day(counted, one, need=need, quiet_from=last)
    assert found is not None
    days = range(one.day, found + 1)
    enough = [day for day in days if counted(replace(one, day=day)) >= need]
    assert enough == [found]


def asks(**what: int) -> Ask:
    return Ask(**({"day": TODAY, "channel": Channel.EMAIL, "most": 1, "days": 7}
                  | what))  # type: ignore[arg-type] # fmt: skip


def test_an_unknown_history_is_neither_all_nor_none() -> None:
    assert eligible.history(make.audience().slug) is None


def test_the_same_file_comes_once() -> None:
    people = make.audience()
    first = brought(people, [(0, "email", 1)])
    assert brought(people, [(0, "email", 1)]).pk == first.pk
    assert ContactFile.objects.count() == 1
    assert ContactBook.objects.get(pk=people.pk).generation == 1


def test_a_slice_merged_twice_is_merged_once() -> None:
    people = make.audience()
    told = [(0, "email", 3), (0, "email", 1), (0, "sms", 1), (1, "push", 70)]
    file = merging.receive(sheet(people, told, 3), actor=None, now=NOW)
    rows = list(file.rows.all())
    merging.merge(file.pk, now=NOW)
    before = list(Contact.objects.order_by("customer").values())
    for row in rows:
        row._state.adding = True
        row.save(force_insert=True)
    ContactFile.objects.filter(pk=file.pk).update(state="merging", merged=0)
    merging.merge(file.pk, now=NOW)
    assert list(Contact.objects.order_by("customer").values()) == before
    assert ContactBook.objects.get(pk=people.pk).customers == 3
    assert before[0]["email"] == 0b101


def test_rows_come_in_slices_and_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "SLICE", 2)
    people = make.audience()
    file = merging.receive(sheet(people, [], 5), actor=None, now=NOW)
    assert merging.merge(file.pk, now=NOW)
    file.refresh_from_db()
    assert (file.merged, file.total, file.state) == (2, 5, "merging")
    while merging.merge(file.pk, now=NOW):
        pass
    file.refresh_from_db()
    assert (file.merged, file.state) == (5, "done")
    assert not file.rows.exists()
    assert ContactBook.objects.get(pk=people.pk).customers == 5


def test_wrong_rows_are_named_and_left_out() -> None:
    make.audience("Members")
    lines = [
        "customer,audience,channel,day",
        "c1,members,email,2026-01-01",
        ",members,email,2026-01-01",
        "c2,nobody,email,2026-01-01",
        "c3,Members,fax,2026-01-01",
        "c4,members,email,1/1/2026",
        "c5,members,email,2199-01-01",
        "c6,members,,",
    ]
    file = SimpleUploadedFile("c.csv", "\n".join(lines).encode())
    kept = merging.receive(file, actor=None, now=NOW)
    assert (kept.total, kept.failed) == (2, 5)
    assert [number for number, _ in kept.errors] == [3, 4, 5, 6, 7]


def test_a_file_without_a_column_is_refused_whole() -> None:
    file = SimpleUploadedFile("c.csv", b"customer,channel\nc1,email\n")
    with pytest.raises(WrongContacts, match="no column audience"):
        merging.receive(file, actor=None, now=NOW)
    assert not ContactFile.objects.exists()


def test_masks_that_are_absent_short_strange_or_old_are_not_used() -> None:
    people = make.audience()
    brought(people, [(0, "email", 1)], 3)
    book = ContactBook.objects.get(pk=people.pk)
    assert masks.read(book) is None
    assert masks.stale() == [people.pk]
    assert masks.rebuild(people.pk)
    whole = masks.place(people.pk).read_bytes()
    assert masks.read(book) is not None
    for broken in (whole[:-1], whole[:10], b"", b"x" * len(whole)):
        masks.place(people.pk).write_bytes(broken)
        assert masks.read(book) is None
        known = eligible.history(people.slug)
        assert known
        told = eligible.eligible(known, asks())
        assert told
        assert (told.count, told.known) == (2, 3)
    masks.rebuild(people.pk)
    brought(people, [(1, "email", 0)])
    assert masks.read(ContactBook.objects.get(pk=people.pk)) is None
    assert [p.name for p in masks.place(people.pk).parent.iterdir()] == [
        f"{people.pk}.masks"
    ]


def test_a_writer_that_dies_leaves_the_old_masks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    people = make.audience()
    brought(people, [(0, "email", 1)], 3)
    masks.rebuild(people.pk)
    whole = masks.place(people.pk).read_bytes()

    def dies(_handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", dies)
    with pytest.raises(OSError, match="no space"):
        masks.rebuild(people.pk)
    assert masks.place(people.pk).read_bytes() == whole


def test_a_large_audience_without_masks_is_not_counted_while_a_page_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(eligible, "SMALL", 2)
    people = make.audience()
    brought(people, [(0, "email", 1)], 3)
    known = eligible.history(people.slug)
    assert known
    assert eligible.eligible(known, asks()) is None
    assert eligible.eligible(known, asks(), slow=True) is not None


def test_caps_that_look_back_farther_than_the_masks_are_unknown() -> None:
    people = make.audience()
    brought(people, [(0, "email", 1)], 3)
    known = eligible.history(people.slug)
    assert known
    assert eligible.eligible(known, asks(days=64)) is None or known.last < TODAY
    assert eligible.eligible(known, asks(days=90, day=known.last)) is None


def test_the_first_day_on_which_enough_may_be_told() -> None:
    people = make.audience()
    brought(people, [(0, "email", 1), (1, "email", 4)], 4)
    known = eligible.history(people.slug)
    assert known
    assert eligible.first(known, asks(), share=0.5) == TODAY
    assert eligible.first(known, asks(), share=0.75) == TODAY + 3
    assert eligible.first(known, asks(), share=1) == TODAY + 6


def test_days_are_counted_from_1970() -> None:
    assert day_number(date(1970, 1, 2)) == 1
