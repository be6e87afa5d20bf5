"""The chain finds any change, and never forks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import (
    DatabaseError,
    IntegrityError,
    OperationalError,
    connection,
    transaction,
)

from config.env import ROOT
from console.audit import operations, queries
from console.audit.models import Entry
from tests import make
from tests.racing import in_parallel

NOW = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)


def _write(count: int) -> None:
    for number in range(count):
        after = {"units": number, "price": "219.00", "share": 0.1}
        operations.record(
            None, "stock.resize", f"allocation-{number}", now=NOW, after=after
        )


@contextmanager
def _no_triggers() -> Iterator[None]:
    """What a superuser of the database could do."""
    _sql("set constraints all immediate; set local session_replication_role = replica")
    yield
    _sql("set local session_replication_role = origin")


def _sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


@pytest.mark.django_db
def test_an_untouched_chain_is_whole() -> None:
    assert queries.verify_chain() is None
    _write(3)
    assert queries.verify_chain() is None
    assert Entry.objects.get(position=1).previous == "0" * 64


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entry set reason = 'x'",
        "delete from audit_entry",
        "truncate audit_entry",
    ],
)
def test_the_database_refuses_to_change_the_trail(statement: str) -> None:
    _write(1)
    _sql("set constraints all immediate")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        _sql(statement)
    assert Entry.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "tamper,position",
    [
        ("update audit_entry set reason = 'harmless' where position = 3", 3),
        ("update audit_entry set after = '{\"units\": 9}' where position = 1", 1),
        ("update audit_entry set at = at + interval '1 us' where position = 5", 5),
        ("update audit_entry set actor_name = 'Lena' where position = 2", 2),
        ("delete from audit_entry where position = 2", 2),
        ("delete from audit_entry where position = 5", 5),
        ("delete from audit_entry", 1),
        (
            "update audit_entry set position = case position when 2 then 103 else 102"
            " end where position in (2, 3); update audit_entry set position ="
            " position - 100 where position > 100",
            2,
        ),
        (
            "insert into audit_entry (position, at, actor_name, verb, object_type,"
            " object_id, object_label, reason, previous, hash) values"
            " (6, now(), '', 'a.b', '', 'x', 'x', '', 'p', 'h')",
            6,
        ),
    ],
)
def test_tampering_is_found_at_its_row(tamper: str, position: int) -> None:
    _write(5)
    with _no_triggers():
        _sql(tamper)
    broken = queries.verify_chain()
    assert broken is not None
    assert broken.position == position


@pytest.mark.django_db
def test_a_rewritten_row_with_a_fitting_hash_breaks_the_next_one() -> None:
    _write(3)
    entry = Entry.objects.get(position=2)
    entry.reason = "rewritten"
    with _no_triggers():
        Entry.objects.filter(pk=entry.pk).update(
            reason="rewritten", hash=entry.linked()
        )
    broken = queries.verify_chain()
    assert broken is not None
    assert broken.position == 3


@pytest.mark.django_db
def test_awkward_values_come_back_as_they_were_hashed() -> None:
    after = {"f": 1e20, "tiny": 0.1, "nul": "a\0b", "at": NOW, "deep": [{"ü": [1.0]}]}
    operations.record(make.user("admin"), "x.y", "o\0bj", now=NOW, after=after)
    assert queries.verify_chain() is None


@pytest.mark.django_db
def test_an_operation_links_its_entries_last_and_in_their_order() -> None:
    with operations.operation():
        _write(2)
        with operations.operation():
            operations.record(None, "inner", "x", now=NOW)
        assert not Entry.objects.exists()
    verbs = Entry.objects.order_by("position").values_list("verb", flat=True)
    assert list(verbs) == ["stock.resize", "stock.resize", "inner"]
    assert queries.verify_chain() is None


@pytest.mark.django_db
def test_an_inner_operation_that_was_refused_leaves_no_entry() -> None:
    with operations.operation():
        _write(1)
        with pytest.raises(RuntimeError), operations.operation():
            operations.record(None, "inner", "x", now=NOW)
            raise RuntimeError
    assert Entry.objects.get().verb == "stock.resize"


@pytest.mark.django_db(transaction=True)
def test_what_is_recorded_after_the_commit_is_an_operation_of_its_own() -> None:
    with operations.operation():
        _write(1)
        transaction.on_commit(
            lambda: operations.record(None, "after", "x", now=NOW) and None
        )
    assert Entry.objects.filter(verb="after").count() == 1
    assert queries.verify_chain() is None


@pytest.mark.django_db(transaction=True)
def test_who_records_early_and_locks_late_stands_in_nobodys_way() -> None:
    done = _crossing(operations.operation, operations.record)
    assert [one for one in done if isinstance(one, Exception)] == []
    assert Entry.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_control_linked_at_once_they_wait_for_each_other() -> None:
    """One holds the chain and wants the row, the other the row and wants the chain."""

    def at_once(*words: Any, now: datetime) -> None:
        operations._link([operations._entry(*words, now=now, reason="")])

    done = _crossing(transaction.atomic, at_once)
    assert [type(one) for one in done if one] == [OperationalError]


def _crossing(operation: Any, record: Any) -> list[Any]:
    """Two operations: one records, then locks a row; the other the other way round."""
    person, both_hold = make.user("admin"), Barrier(2)

    def lock() -> None:
        User.objects.select_for_update().get(pk=person.pk)

    def note() -> None:
        record(None, "a.b", "x", now=NOW)

    def act(number: int) -> None:
        first, second = (note, lock) if number else (lock, note)
        with operation():
            first()
            both_hold.wait(10)
            second()

    return in_parallel(2, act)


@pytest.mark.django_db
def test_a_refused_operation_leaves_no_entry() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        _write(1)
        raise RuntimeError
    _write(1)
    assert Entry.objects.get().position == 1
    assert queries.verify_chain() is None


@pytest.mark.django_db(transaction=True)
def test_sixteen_writers_keep_one_chain() -> None:
    done = in_parallel(16, lambda n: operations.record(None, "a.b", str(n), now=NOW).pk)
    assert all(isinstance(pk, int) for pk in done)
    assert queries.verify_chain() is None
    assert Entry.objects.count() == 16


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_writers_collide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the lock two writers want the same place; the constraint refuses one."""
    monkeypatch.setattr(operations, "_take_chain_lock", lambda: None)
    done = in_parallel(16, _careless)
    assert any(isinstance(one, IntegrityError) for one in done)


def _careless(number: int) -> int:
    return operations.record(None, "a.b", str(number), now=NOW).position


def test_a_module_that_records_opens_operations() -> None:
    """Inside a bare transaction an inner operation would link too early."""
    recording = [
        path
        for path in (ROOT / "console").rglob("*.py")
        if re.search(r"^\s+record\(", text := path.read_text(), re.MULTILINE)
        and "@transaction.atomic" in text
    ]
    assert recording == []
