"""Units that are neither for sale nor sold are found, and made sellable again."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from threading import Barrier

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum

from console.audit.models import Entry
from console.people.rules import OutOfScope
from console.shell.health import Awake
from console.stock import clock, health, queries, tasks
from console.stock import operations as stock
from console.stock.models import (
    Allocation,
    Movement,
    Reservation,
    ReservationLine,
    UndersellRun,
)
from console.stock.operations import Held
from console.stock.rules import HoldState, Item
from console.stock.rules.stuck import Stuck
from tests import make
from tests.campaigns.scopekit import limited
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.rebuildkit import sql

pytestmark = pytest.mark.django_db
LATE = NOW + timedelta(minutes=12)
WHO = {"actor": None, "now": NOW}


def hold(code: str, units: int, key: str) -> Held:
    lines = [Item(code, units)]
    return stock.reserve("FS-1", lines=lines, buyer=key, key=key, now=NOW)


def a_sale(quantity: int = 10) -> Allocation:
    one = make.allocation(quantity=quantity, of=make.sku("SHELL"))
    make.gate()
    return one


def left() -> int:
    (count,) = queries.counters("FS-1", now=NOW)
    return count.left


def kinds(found: list[Stuck]) -> list[tuple[str, int]]:
    return [(str(one.kind), one.units) for one in found]


def reclaimed(**terms: object) -> list[Stuck]:
    """What a dry run lists; the real run does exactly that."""
    terms = WHO | terms
    dry = stock.reclaim(dry=True, **terms)
    assert stock.reclaim(dry=False, **terms) == dry
    return dry


def test_ninety_phantom_decrements_on_ten_units_and_all_ten_are_sellable_again() -> (
    None
):
    a_sale(10)
    for _ in range(90):
        sql("UPDATE stock_allocation SET taken = taken + 1 WHERE sellable > 0")
    assert left() == 0
    assert kinds(reclaimed()) == [("orphan", 10)]
    assert left() == 10
    hold("SHELL", 10, "all")
    assert queries.violations() == [] and queries.stuck(now=NOW) == []
    told = Entry.objects.get(verb="stock.reclaim")
    assert told.before == {"SHELL": 10}
    assert told.after == {"units": 10, "SHELL orphan": 10}


def test_a_dry_run_changes_nothing() -> None:
    a_sale(10)
    Allocation.objects.update(taken=4)
    assert kinds(stock.reclaim(dry=True, **WHO)) == [("orphan", 4)]
    assert left() == 6
    assert not Entry.objects.filter(verb="stock.reclaim").exists()


def test_the_line_of_an_ended_hold_gives_its_units_back_with_an_entry() -> None:
    a_sale()
    held = hold("SHELL", 3, "a")
    Reservation.objects.update(state=HoldState.RELEASED)
    assert kinds(queries.stuck(now=NOW)) == [("ended_hold", 3)]
    assert kinds(reclaimed()) == [("ended_hold", 3)]
    assert left() == 10
    entry = Movement.objects.order_by("-pk")[0]
    assert (entry.source, entry.target, entry.units) == ("reserved", "pool", 3)
    assert (entry.reservation, entry.reason) == (held.id, "reclaimed")
    assert queries.violations() == []


def test_a_hold_that_expired_and_was_not_swept_is_told_after_a_minute() -> None:
    a_sale()
    hold("SHELL", 3, "a")
    soon = NOW + timedelta(seconds=601)
    assert queries.stuck(now=soon) == []
    late = NOW + timedelta(seconds=661)
    assert kinds(queries.stuck(now=late)) == [("unswept", 3)]
    assert kinds(reclaimed(now=late)) == [("unswept", 3)]
    assert Movement.objects.filter(reason="expired").count() == 1
    assert queries.violations() == []


def test_a_closed_sale_that_was_not_given_back_is_given_back() -> None:
    one = a_sale()
    stock.close_gate("FS-1", now=NOW)
    assert queries.stuck(now=NOW + timedelta(minutes=24)) == []
    late = NOW + timedelta(minutes=26)
    assert kinds(reclaimed(now=late)) == [("not_returned", 10)]
    one.refresh_from_db()
    assert one.returned_at == late
    assert queries.violations() == []


def test_where_buyers_still_hold_a_closed_sale_waits() -> None:
    a_sale()
    hold("SHELL", 1, "a")
    stock.close_gate("FS-1", now=NOW)
    Reservation.objects.update(expires_at=NOW + timedelta(hours=1))
    ReservationLine.objects.update(expires_at=NOW + timedelta(hours=1))
    found = reclaimed(now=NOW + timedelta(minutes=26))
    assert [one.why for one in found] == ["buyers still hold some"]
    assert Allocation.objects.get().returned_at is None


def test_what_the_ledger_says_otherwise_is_left_to_a_rebuild() -> None:
    a_sale()
    hold("SHELL", 3, "a")
    ReservationLine.objects.update(held=False)
    found = reclaimed()
    assert kinds(found) == [("orphan", 3)]
    assert "propose a rebuild" in found[0].why
    assert Allocation.objects.get().taken == 3


def test_live_holds_and_sold_units_are_never_taken() -> None:
    a_sale()
    hold("SHELL", 3, "a")
    stock.confirm(hold("SHELL", 2, "b").id, order="O-1", now=NOW)
    Allocation.objects.update(taken=F("taken") + 4)
    assert kinds(reclaimed()) == [("orphan", 4)]
    assert Allocation.objects.get().taken == 5
    assert queries.violations() == []


def test_other_sales_are_left_alone() -> None:
    a_sale()
    make.allocation(quantity=4, of=make.sku("CAP"), campaign="FS-2")
    Allocation.objects.update(taken=1)
    assert kinds(stock.reclaim("FS-2", dry=False, **WHO)) == [("orphan", 1)]
    assert Allocation.objects.get(campaign="FS-1").taken == 1


def test_who_is_limited_to_other_categories_reclaims_nothing() -> None:
    a_sale()
    sql("UPDATE stock_sku SET category = 'Boots'")
    Allocation.objects.update(taken=1)
    tents = limited("operator", categories=["Tents"])
    with pytest.raises(OutOfScope):
        stock.reclaim(dry=False, actor=tents, now=NOW)
    assert Allocation.objects.get().taken == 1


def test_nor_do_they_give_a_closed_sale_back() -> None:
    a_sale()
    sql("UPDATE stock_sku SET category = 'Boots'")
    stock.close_gate("FS-1", now=NOW)
    late = NOW + timedelta(hours=1)
    tents = limited("operator", categories=["Tents"])
    assert kinds(stock.reclaim(dry=True, actor=tents, now=late)) == [
        ("not_returned", 10)
    ]
    with pytest.raises(OutOfScope):
        stock.reclaim(dry=False, actor=tents, now=late)
    assert Allocation.objects.get().returned_at is None


@pytest.mark.django_db(transaction=True)
def test_reclaiming_while_others_buy_takes_no_unit_from_a_live_buyer() -> None:
    a_sale(60)
    Allocation.objects.update(taken=20)

    def act(number: int) -> object:
        if number == 0:
            return stock.reclaim(dry=False, **WHO)
        return [hold("SHELL", 1, f"{number}-{n}") for n in range(10)]

    got = in_parallel(5, act)
    assert kinds(got[0]) == [("orphan", 20)]
    assert all(isinstance(one, list) for one in got), got
    held = ReservationLine.objects.filter(held=True).aggregate(n=Sum("units"))["n"]
    assert (held, Allocation.objects.get().taken) == (40, 40)
    assert queries.violations() == []


@pytest.mark.django_db(transaction=True)
def test_control_careless_reclaim_sells_a_live_buyers_unit_again() -> None:
    """Who counts first and writes later, without the lock, forgets who came between."""
    a_sale(10)
    Allocation.objects.update(taken=4)
    counted, bought = Barrier(2), Barrier(2)

    def careless() -> None:
        held = ReservationLine.objects.filter(held=True).count()
        counted.wait(10)
        bought.wait(10)
        Allocation.objects.update(taken=held)

    def buyer() -> None:
        counted.wait(10)
        hold("SHELL", 1, "a")
        bought.wait(10)

    assert in_parallel(2, lambda n: (careless, buyer)[n]()) == [None, None]
    assert Allocation.objects.get().sellable == 10
    assert queries.violations() != []


def said() -> tuple[Awake, str]:
    (check,) = health.undersell(NOW)
    return check.state, check.note


def test_the_bell_looks_and_the_doctor_tells() -> None:
    a_sale()
    assert said()[0] == Awake.UNKNOWN
    Allocation.objects.update(taken=2)
    tasks.undersell()
    run = queries.last_undersell()
    assert run is not None and run.units == 2
    assert run.findings[0]["sku"] == "SHELL"
    assert said()[0] == Awake.LATE and "2 units" in said()[1]
    stock.reclaim(dry=False, **WHO)
    stock.look_for_stuck(now=clock.now() + timedelta(days=2))
    assert UndersellRun.objects.count() == 1
    assert said() == (Awake.OK, "None: every unit is for sale, held or sold")


@pytest.mark.parametrize(
    "values,name",
    [
        ("ms = -1", "undersell_run_is_not_negative"),
        ("units = 1", "undersell_run_names_what_is_stuck"),
    ],
)
def test_the_database_refuses(values: str, name: str) -> None:
    stock.look_for_stuck(now=NOW)
    with (
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE stock_undersellrun SET {values}")


def run(*words: str) -> str:
    out = StringIO()
    call_command("stock_reclaim", *words, stdout=out)
    return out.getvalue()


def test_the_command_looks_and_reclaims_when_told_to() -> None:
    a_sale()
    make.user("operator", name="mara")
    make.user("viewer", name="vera")
    Allocation.objects.update(taken=2)
    told = run()
    assert "FS-1 SHELL: 2 units" in told and "Nothing was changed" in told
    with pytest.raises(CommandError, match="--by"):
        run("--apply")
    with pytest.raises(CommandError, match="lacks the role"):
        run("--apply", "--by", "vera")
    assert "Reclaimed 2 units" in run("--apply", "--by", "mara")
    assert left() == 10
    assert "No unit is stuck" in run("--campaign", "FS-1")
