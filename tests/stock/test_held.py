"""What a location holds back is in the ledger like every other unit."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection
from django.db.models import Sum

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Level, Movement
from console.stock.operations import LevelSize
from console.stock.rules import NotEnoughStock, Want
from tests import make
from tests.make import NOW
from tests.stock.sheetkit import sheet, written

pytestmark = pytest.mark.django_db

OPENING = import_module("console.stock.migrations.0011_truth").OPENING


def say(level: Level, on_hand: int, committed: int, buffer: int) -> Level:
    level.refresh_from_db()
    return stock.adjust(
        level.pk,
        size=LevelSize(on_hand, committed, buffer),
        version=level.version,
        reason="count",
        actor=None,
        now=NOW,
    )


def entries() -> list[tuple[str, str, int]]:
    found = Movement.objects.order_by("pk")
    return list(found.values_list("source", "target", "units"))


def test_a_changed_buffer_is_an_entry_there_and_back() -> None:
    level = make.level(units=10)
    say(level, 10, 0, 4)
    say(level, 10, 0, 1)
    assert entries()[1:] == [("free", "held", 4), ("held", "free", 3)]
    assert queries.violations() == []


def test_a_sheet_that_holds_back_is_written_down_too() -> None:
    level = make.level(units=10)
    sku, other = level.sku.code, make.sku().code
    written(sheet(f"{sku},Main,10,0,3", f"{other},Main,8,2,1"))
    assert entries()[1:] == [
        ("free", "held", 3),
        ("outside", "free", 8),
        ("free", "committed", 2),
        ("free", "held", 1),
    ]
    assert queries.violations() == []


def test_a_buffer_may_ask_for_more_than_is_there_and_the_books_still_balance() -> None:
    level = make.level(units=10)
    stock.lock("FS-1", wants=[Want(level.sku_id, 6)], actor=None, now=NOW)
    say(level, 10, 1, 9)
    level.refresh_from_db()
    assert level.free == 0
    assert sum_of("free") == -6
    assert queries.violations() == []
    with pytest.raises(NotEnoughStock):
        stock.lock("FS-2", wants=[Want(level.sku_id, 1)], actor=None, now=NOW)
    stock.return_units("FS-1", actor=None, now=NOW)
    level.refresh_from_db()
    assert (level.free, sum_of("free")) == (0, 0)
    assert queries.violations() == []


def sum_of(account: str) -> int:
    into = Movement.objects.filter(target=account).aggregate(n=Sum("units"))["n"] or 0
    out = Movement.objects.filter(source=account).aggregate(n=Sum("units"))["n"] or 0
    return into - out


def test_a_buffer_nobody_wrote_down_is_found() -> None:
    level = make.level(units=10)
    Level.objects.filter(pk=level.pk).update(buffer=2)
    found = {(x.balance, x.kept, x.entries) for x in queries.violations()}
    assert found == {("free", 8, 10), ("held", 2, 0)}


def test_buffers_of_before_get_an_opening_entry() -> None:
    kept = make.level(units=10)
    make.level(units=5)
    Level.objects.filter(pk=kept.pk).update(buffer=2)
    with connection.cursor() as cursor:
        cursor.execute(OPENING)
    assert entries()[2:] == [("free", "held", 2)]
    assert queries.violations() == []
