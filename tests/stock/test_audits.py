"""The balances are held against the ledger all the time, and what differs is told."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from console.shell.health import Awake, Check
from console.stock import clock, health, queries, tasks
from console.stock import operations as stock
from console.stock.models import Allocation, AuditRun
from console.stock.operations.audits import AUDIT_LOCK
from console.stock.rules import Item, audit_due, audit_late
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
SECOND = timedelta(seconds=1)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def look(seconds: float) -> AuditRun | None:
    return stock.audit(now=at(seconds))


def said(seconds: float) -> Check:
    (check,) = health.ledger_audit(at(seconds))
    return check


@pytest.mark.parametrize(
    "ms,next_s,late_s", [(0, 9, 30), (100, 9.1, 30.1), (1000, 60, 181)]
)
def test_the_next_look_waits_sixty_times_as_long_as_the_last_took(
    ms: int, next_s: float, late_s: float
) -> None:
    assert audit_due(NOW, ms) == at(next_s)
    assert audit_late(NOW, ms) == at(late_s)


def test_a_look_says_how_many_entries_add_up() -> None:
    make.allocation(quantity=9)
    run = look(0)
    assert run is not None
    assert (run.entries, run.wrong, run.violations) == (2, 0, [])
    assert queries.last_audit() == run


def test_it_is_too_early_to_look_again_before_ten_seconds() -> None:
    assert look(0) is not None
    assert look(5) is None
    assert look(10.5) is not None
    assert AuditRun.objects.count() == 2


def test_a_look_that_took_long_is_not_repeated_soon() -> None:
    AuditRun.objects.create(at=at(0), ms=2000, entries=0, wrong=0)
    assert look(100) is None
    assert look(122) is not None


def test_what_differs_is_kept_and_the_doctor_is_red() -> None:
    one = make.allocation(quantity=9)
    Allocation.objects.filter(pk=one.pk).update(taken=2)
    look(0)
    run = queries.last_audit()
    assert run is not None and run.wrong == 2
    code = one.sku.code
    assert run.violations[0] == {
        "where": f"FS-1 {code}",
        "balance": "pool",
        "kept": 7,
        "entries": 9,
    }
    check = said(3)
    assert (check.state, check.at) == (Awake.DOWN, at(0))
    assert check.note == (f"2 balances wrong: FS-1 {code}, pool is 7, entries say 9")


def test_the_doctor_does_not_know_before_anybody_looked() -> None:
    assert said(0).state == Awake.UNKNOWN


def test_the_doctor_tells_a_fresh_look_from_an_old_one() -> None:
    AuditRun.objects.create(at=at(0), ms=10, entries=7, wrong=0)
    assert (said(30).state, said(30).note) == (Awake.OK, "7 entries add up")
    assert said(31).state == Awake.LATE
    assert said(31).at == at(0)


def test_old_looks_go_and_of_one_finding_the_first_and_the_last_stay() -> None:
    one = make.allocation(quantity=9)
    look(-90_000)
    look(-20)
    Allocation.objects.filter(pk=one.pk).update(taken=2)
    for seconds in (0, 60, 120, 180):
        look(seconds)
    kept = AuditRun.objects.order_by("at").values_list("at", "wrong")
    assert list(kept) == [(at(-20), 0), (at(0), 2), (at(180), 2)]


@pytest.mark.parametrize(
    "values,name",
    [
        ("ms = -1", "audit_run_is_not_negative"),
        ("entries = -1", "audit_run_is_not_negative"),
        ("wrong = 1", "audit_run_names_what_is_wrong"),
        ("violations = '[1]'", "audit_run_names_what_is_wrong"),
    ],
)
def test_the_database_refuses(values: str, name: str) -> None:
    look(0)
    with (
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE stock_auditrun SET {values}")


def line(client: Client) -> str:
    reply = client.get(reverse("stock:books", args=["FS-1"]), headers=HTMX)
    return " ".join(re.sub(r"<[^>]+>", " ", reply.content.decode()).split())


def test_the_stock_tab_says_in_one_line_whether_the_ledger_adds_up(
    client: Client, still_clock: None
) -> None:
    client.force_login(make.user("viewer"))
    one = make.allocation(quantity=9)
    page = client.get(reverse("stock:panel", args=["FS-1"]))
    assert "Ledger never audited" in page.content.decode()
    look(-20)
    assert line(client).startswith(
        "Ledger adds up 2 entries of all sales, audited 20 s"
    )
    AuditRun.objects.update(at=at(-90))
    assert line(client).startswith("Ledger audit is late 2 entries")
    Allocation.objects.filter(pk=one.pk).update(taken=2)
    look(0)
    told = line(client)
    assert told.startswith("2 balances differ from the ledger First: FS-1")
    assert "pool is 7, entries say 9" in told
    AuditRun.objects.filter(wrong=2).update(wrong=1)
    assert line(client).startswith("1 balance differs from the ledger")


def test_a_finding_of_a_running_sale_is_kept_as_two_looks() -> None:
    """What the balance and the entries say moves; by how much they differ does not."""
    one = make.allocation(quantity=9)
    make.gate()
    Allocation.objects.filter(pk=one.pk).update(taken=2)
    for second in range(4):
        terms = {"buyer": "b", "key": f"k-{second}", "now": at(0)}
        stock.reserve("FS-1", lines=[Item(one.sku.code, 1)], **terms)
        assert look(20 * second)
    assert AuditRun.objects.exclude(wrong=0).count() == 2


def test_the_bell_looks() -> None:
    tasks.audit()
    run = queries.last_audit()
    assert run is not None
    assert abs(run.at - clock.now()) < 60 * SECOND


@pytest.mark.django_db(transaction=True)
def test_while_one_looks_the_other_does_not() -> None:
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({AUDIT_LOCK}, 0)")
        assert look(0) is None
        other.rollback()
    assert look(0) is not None


@pytest.mark.django_db(transaction=True)
def test_whoever_looks_while_others_buy_finds_nothing_wrong() -> None:
    one = make.allocation(quantity=60)
    make.gate()
    buying, seen = [True] * 3, []

    def act(number: int) -> bool:
        if number < 3:
            try:
                _buy(one.sku.code, number)
            finally:
                buying[number] = False
        while number >= 3 and any(buying):
            seen.append(queries.violations())
        return True

    assert in_parallel(4, act) == [True] * 4
    assert len(seen) > 2
    assert [x for x in seen if x] == []


def _buy(code: str, number: int) -> None:
    lines = [Item(code, 1)]
    for n in range(20):
        key = f"{number}-{n}"
        held = stock.reserve("FS-1", lines=lines, buyer=key, key=key, now=NOW)
        if n % 4 == 0:
            stock.release(held.id, now=NOW)
            continue
        stock.confirm(held.id, order=key, now=NOW)
        if n % 4 == 1:
            stock.cancel_sale(held.id, actor=None, now=NOW)
