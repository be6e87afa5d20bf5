"""The ledger lies in one table a month, and each refuses what the whole refuses."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from importlib import import_module

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from console.shell.health import Awake
from console.stock import health, queries, tasks
from console.stock import operations as stock
from console.stock.models import Movement
from console.stock.operations import MadeMonth, make_months
from console.stock.rules import Reason, coming_months
from tests import make
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db

BY_MONTH = import_module("console.stock.migrations.0011_truth").BY_MONTH
FAR = datetime(2031, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)
EDGE = FAR + timedelta(microseconds=1)


def coming(at: datetime) -> list[date]:
    return coming_months(at, 4)


def sql(text: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(text, values or None)
        return cursor.fetchall() if cursor.description else []


def tables() -> set[str]:
    return {
        name
        for (name,) in sql(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'stock_movement'::regclass"
        )
    }


def where() -> list[tuple[str, int]]:
    found = sql(
        "SELECT tableoid::regclass::text, units FROM stock_movement ORDER BY id"
    )
    return [(name, units) for name, units in found]


def received(units: int, at: datetime) -> None:
    sku = make.sku()
    stock.receive(
        sku.pk,
        make.location("Main").pk,
        units=units,
        reason=Reason.RECEIPT,
        actor=None,
        now=at,
    )


def test_this_month_and_the_next_four_are_there_after_migrating() -> None:
    today = sql("SELECT now()")[0][0]
    wanted = {f"stock_movement_{one:%Y_%m}" for one in coming(today)}
    assert wanted | {"stock_movement_rest"} <= tables()


@pytest.mark.parametrize(
    "at,first,last",
    [
        (datetime(2026, 11, 30, 23, tzinfo=UTC), date(2026, 11, 1), date(2027, 3, 1)),
        (datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 1), date(2026, 5, 1)),
        (datetime(2026, 12, 31, tzinfo=UTC), date(2026, 12, 1), date(2027, 4, 1)),
        (
            datetime.fromisoformat("2027-01-01T00:30+01:00"),
            date(2026, 12, 1),
            date(2027, 4, 1),
        ),
    ],
)
def test_the_coming_months_are_those_of_utc(
    at: datetime, first: date, last: date
) -> None:
    months = coming(at)
    assert (months[0], months[-1], len(months)) == (first, last, 5)


def test_entries_on_both_sides_of_an_edge_add_up() -> None:
    make_months(now=FAR)
    received(3, FAR)
    received(4, EDGE)
    assert where() == [("stock_movement_2031_03", 3), ("stock_movement_2031_04", 4)]
    assert Movement.objects.aggregate(n=Sum("units"))["n"] == 7
    assert queries.violations() == []


def test_a_month_is_made_once() -> None:
    assert [one.month for one in make_months(now=FAR)] == coming(FAR)
    assert make_months(now=FAR) == []
    (late,) = make_months(now=EDGE)
    assert late == MadeMonth(date(2031, 8, 1), 0)


def test_entries_of_a_month_that_was_not_there_move_into_it() -> None:
    received(3, FAR)
    received(4, EDGE)
    assert {name for name, _ in where()} == {"stock_movement_rest"}
    before = list(Movement.objects.order_by("pk").values())
    made = make_months(now=FAR)
    assert [one.moved for one in made] == [1, 1, 0, 0, 0]
    assert list(Movement.objects.order_by("pk").values()) == before
    assert where() == [("stock_movement_2031_03", 3), ("stock_movement_2031_04", 4)]
    assert queries.violations() == []


@pytest.mark.parametrize(
    "change", ["UPDATE {} SET units = 9", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_no_table_of_the_ledger_lets_an_entry_go(change: str) -> None:
    received(2, FAR)
    make_months(now=FAR)
    received(3, FAR)
    received(5, datetime(1999, 1, 1, tzinfo=UTC))
    received(7, NOW)
    for name in sorted({name for name, _ in where()} | {"stock_movement"}):
        with (
            pytest.raises(IntegrityError, match="movement_is_final"),
            transaction.atomic(),
        ):
            sql(change.format(name))
    assert [units for _, units in where()] == [2, 3, 5, 7]


def test_every_table_refuses_to_be_emptied_even_without_a_row() -> None:
    make_months(now=FAR)
    for name in sorted(tables()):
        with (
            pytest.raises(IntegrityError, match="movement_is_final"),
            transaction.atomic(),
        ):
            sql(f"TRUNCATE {name}")


def test_the_newest_entries_of_an_allocation_are_read_by_index() -> None:
    make_months(now=FAR)
    one = make.allocation(quantity=10)
    sql("SET LOCAL enable_seqscan = off")
    found = Movement.objects.filter(allocation=one.pk, reservation=None)
    plan = found.order_by("-id")[:50].explain()
    assert "Seq Scan" not in plan and "Sort" not in plan.replace("Sort Key", "")
    assert plan.count("Index") >= len(tables())


@pytest.mark.django_db(transaction=True)
def test_several_that_make_months_at_once_make_each_once() -> None:
    before = tables()
    far = datetime(2041, 5, 5, tzinfo=UTC)
    try:
        got = in_parallel(4, lambda _: make_months(now=far))
        made = [one.month for each in got for one in each]
        assert sorted(made) == coming(far)
    finally:
        for name in tables() - before:
            sql(f"DROP TABLE {name}")


@pytest.mark.django_db(transaction=True)
def test_who_writes_this_month_does_not_wait_for_others_to_be_made() -> None:
    today, writes = sql("SELECT now()")[0][0], "INSERT INTO stock_movement"
    writes += " (at, sku_id, source, target, units, reason)"
    writes += " VALUES (now(), 1, 'outside', 'free', 1, '')"
    with (
        psycopg.connect(**connection.get_connection_params()) as writer,
        psycopg.connect(**connection.get_connection_params()) as maker,
    ):
        writer.execute("SET lock_timeout = '3s'")
        writer.execute(writes)
        maker.execute("SELECT stock_movement_month('2041-05-01')")
        writer.execute(writes)
        writer.commit()
        maker.rollback()
    assert [name for name, _ in where()] == [f"stock_movement_{today:%Y_%m}"] * 2


OLD = """
CREATE SCHEMA of_before;
SET LOCAL search_path = of_before, public;
CREATE TABLE stock_movement (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL, source varchar(10) NOT NULL, target varchar(10) NOT NULL,
    units integer NOT NULL, reservation uuid, reason varchar(200) NOT NULL,
    actor_id integer, allocation_id bigint, location_id bigint, sku_id bigint NOT NULL,
    CONSTRAINT movement_has_units CHECK (units >= 1),
    CONSTRAINT movement_goes_somewhere CHECK (NOT (source = target))
);
CREATE TRIGGER movement_is_final BEFORE UPDATE OR DELETE ON stock_movement
    FOR EACH ROW EXECUTE FUNCTION stock_movement_is_final();
CREATE INDEX movement_by_allocation ON stock_movement (allocation_id, id DESC)
    WHERE reservation IS NULL;
INSERT INTO stock_movement (at, source, target, units, reason, sku_id)
SELECT '2025-12-31 23:00+00'::timestamptz + n * interval '1 hour', 'outside', 'free',
       n + 1, '', 1
FROM generate_series(3, 0, -1) n;
"""


def test_an_upgraded_ledger_keeps_its_entries_and_their_ids() -> None:
    sql(OLD)
    before = sql("SELECT id, at, units FROM stock_movement ORDER BY id")
    sql(BY_MONTH)
    assert sql("SELECT id, at, units FROM stock_movement ORDER BY id") == before
    assert {"stock_movement_2025_12", "stock_movement_2026_01"} <= tables()
    assert where()[-1] == ("stock_movement_2025_12", 1)
    sql(
        "INSERT INTO stock_movement (at, source, target, units, reason, sku_id)"
        " VALUES ('2026-01-05', 'free', 'pool', 1, '', 1)"
    )
    assert sql("SELECT max(id) FROM stock_movement") == [(5,)]
    for change in ("DELETE FROM stock_movement", "TRUNCATE stock_movement_2025_12"):
        with (
            pytest.raises(IntegrityError, match="movement_is_final"),
            transaction.atomic(),
        ):
            sql(change)
    with pytest.raises(IntegrityError, match="has_units"), transaction.atomic():
        sql(
            "INSERT INTO stock_movement (at, source, target, units, reason, sku_id)"
            " VALUES ('2026-01-05', 'free', 'pool', 0, '', 1)"
        )


def test_the_bell_makes_the_months_and_the_doctor_sees_them() -> None:
    now = sql("SELECT now()")[0][0]
    (check,) = health.ledger_months(now)
    assert check.state == Awake.OK
    (check,) = health.ledger_months(FAR)
    assert check.state == Awake.LATE
    tasks.partitions()
    make_months(now=FAR)
    (check,) = health.ledger_months(FAR)
    assert check.state == Awake.OK


@pytest.mark.django_db(transaction=True)
def test_a_table_that_somebody_holds_for_long_is_made_at_the_next_bell() -> None:
    last = f"stock_movement_{coming(sql('SELECT now()')[0][0])[-1]:%Y_%m}"
    sql(f"DROP TABLE {last}")
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("LOCK TABLE stock_movement_rest IN ACCESS SHARE MODE")
        tasks.partitions()
        assert last not in tables()
        other.rollback()
    tasks.partitions()
    assert last in tables()
