"""Balances are rebuilt from the ledger by two people, and only as it still says."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction

from console.audit.models import Entry
from console.errors import Refusal
from console.people.rules import OutOfScope
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import (
    Allocation,
    Level,
    Rebuild,
    Reservation,
    Sold,
    Source,
)
from console.stock.operations import LevelSize
from console.stock.rules import Item, Want
from tests import make
from tests.campaigns.scopekit import limited
from tests.make import NOW
from tests.racing import in_parallel

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=3)
WHO = {"actor": None, "now": NOW}


def sql(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text)


def paid(code: str, units: int, key: str) -> UUID:
    held = stock.reserve("FS-1", lines=[Item(code, units)], buyer="b", key=key, now=NOW)
    stock.confirm(held.id, order=f"O-{key}", now=NOW)
    return held.id


@pytest.fixture
def sale() -> Allocation:
    """Two places, a buffer at each floor, 3 units paid, 2 held, 1 cancelled."""
    sku = make.sku("SHELL")
    near, far = make.location("Near", position=1), make.location("Far", position=2)
    make.level(sku, units=15, at=far)
    level = make.level(sku, units=10, at=near)
    size = LevelSize(on_hand=10, committed=1, buffer=1)
    stock.adjust(level.pk, size=size, version=level.version, reason="count", **WHO)
    (one,) = stock.lock("FS-1", wants=[Want(sku.pk, 13, 2)], **WHO)
    make.gate()
    paid("SHELL", 3, "a")
    cancelled = paid("SHELL", 1, "c")
    stock.cancel_sale(cancelled, **WHO)
    stock.reserve("FS-1", lines=[Item("SHELL", 2)], buyer="b", key="b", now=NOW)
    assert queries.violations() == [] and queries.drifts() == []
    return one


CORRUPTED = [
    "UPDATE stock_level SET on_hand = on_hand + 3",
    "UPDATE stock_level SET committed = committed + 2, on_hand = on_hand + 2",
    "UPDATE stock_level SET buffer = buffer + 7",
    "UPDATE stock_level SET allocated = 0",
    "UPDATE stock_allocation SET taken = taken + 3",
    "UPDATE stock_allocation SET taken = 0",
    "UPDATE stock_allocation SET buffer = 0",
    "UPDATE stock_allocation SET quantity = quantity + 5",
    "UPDATE stock_allocation SET quantity = 9, buffer = 1, taken = 1",
    "UPDATE stock_source SET units = units + 1",
    "DELETE FROM stock_source",
    "DELETE FROM stock_level",
    "UPDATE stock_sold SET units = units + 4",
    "DELETE FROM stock_sold",
    "UPDATE stock_reservationline SET held = false",
    "UPDATE stock_reservationline SET units = units + 1 WHERE held",
    "UPDATE stock_reservationline SET held = true",
]


@pytest.mark.parametrize("change", CORRUPTED)
def test_whatever_balance_was_changed_is_set_right(
    sale: Allocation, change: str
) -> None:
    sql(change)
    assert queries.violations() != []
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    assert queries.violations() != []
    stock.approve_rebuild(made.pk, actor=make.user("operator"), now=LATER)
    assert (queries.violations(), queries.drifts()) == ([], [])


def test_everything_at_once_is_set_right_too(sale: Allocation) -> None:
    for change in CORRUPTED[:4] + CORRUPTED[8:10] + CORRUPTED[12:]:
        sql(change)
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    stock.approve_rebuild(made.pk, actor=make.user("operator"), now=LATER)
    assert (queries.violations(), queries.drifts()) == ([], [])
    sale.refresh_from_db()
    assert (sale.quantity, sale.buffer, sale.taken) == (13, 2, 5)


AFTERWARDS = [
    "UPDATE stock_allocation SET taken = taken + 1",
    "UPDATE stock_allocation SET quantity = quantity + 5",
    "UPDATE stock_source SET units = units + 1",
    "UPDATE stock_sold SET units = 0",
    "UPDATE stock_level SET committed = 0",
]


@pytest.mark.parametrize("change", AFTERWARDS)
def test_a_sale_that_gave_its_stock_back_is_set_right(
    sale: Allocation, change: str
) -> None:
    stock.close_gate("FS-1", now=NOW)
    stock.return_units("FS-1", actor=None, now=LATER)
    assert queries.violations() == [] and queries.drifts() == []
    sold = paid_id()
    stock.ship(sold, actor=None, now=LATER)
    assert queries.violations() == [] and queries.drifts() == []
    sql(change)
    assert queries.violations() != []
    made = stock.propose_rebuild(actor=make.user("operator"), now=LATER)
    stock.approve_rebuild(made.pk, actor=make.user("operator"), now=LATER)
    assert (queries.violations(), queries.drifts()) == ([], [])


def paid_id() -> UUID:
    return Reservation.objects.get(order="O-a").pk


def test_the_plan_says_what_is_and_what_would_be(sale: Allocation) -> None:
    sql("UPDATE stock_allocation SET taken = 8")
    by = make.user("operator", name="mara")
    made = stock.propose_rebuild(actor=by, now=NOW)
    assert made.plan == [
        {
            "table": "allocation",
            "key": [str(sale.pk)],
            "sku": "SHELL",
            "where": "FS-1 SHELL",
            "field": "taken",
            "before": 8,
            "after": 5,
        }
    ]
    stock.approve_rebuild(made.pk, actor=make.user("operator"), now=LATER)
    said = Entry.objects.get(verb="stock.approve_rebuild")
    assert said.before == {"FS-1 SHELL, taken": 8}
    assert said.after == {"FS-1 SHELL, taken": 5}
    assert said.reason == "proposed by mara, 1 balance"
    assert Entry.objects.filter(verb="stock.propose_rebuild", actor_id=by.pk).exists()


def test_a_level_that_is_set_right_is_a_new_version_and_others_are_not(
    sale: Allocation,
) -> None:
    before = dict(Level.objects.values_list("location__name", "version"))
    sql("UPDATE stock_level SET on_hand = 12 WHERE on_hand = 10")
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    stock.approve_rebuild(made.pk, actor=make.user("operator"), now=LATER)
    after = dict(Level.objects.values_list("location__name", "version"))
    assert after == before | {"Near": before["Near"] + 1}


def test_other_skus_are_left_alone(sale: Allocation) -> None:
    other = make.allocation(quantity=4, of=make.sku("CAP"), campaign="FS-2")
    Allocation.objects.update(taken=1)
    made = stock.propose_rebuild(["CAP"], actor=make.user("operator"), now=NOW)
    stock.approve_rebuild(made.pk, actor=make.user("operator"), now=NOW)
    assert Allocation.objects.get(pk=other.pk).taken == 0
    assert Allocation.objects.get(pk=sale.pk).taken == 1


def code_of(pk: int, actor: User) -> str:
    with pytest.raises(Refusal) as refused, transaction.atomic():
        stock.approve_rebuild(pk, actor=actor, now=LATER)
    return refused.value.code


def test_who_proposed_it_does_not_approve_it(sale: Allocation) -> None:
    sql("UPDATE stock_allocation SET taken = 8")
    by = make.user("operator")
    made = stock.propose_rebuild(actor=by, now=NOW)
    assert code_of(made.pk, by) == "other_eyes"
    assert Allocation.objects.get().taken == 8
    with pytest.raises(IntegrityError, match="rebuild_has_four_eyes"):
        Rebuild.objects.update(approved_by=by, approved_at=NOW)


@pytest.mark.parametrize(
    "values,name",
    [
        ({"approved_at": NOW}, "rebuild_approved_at_once"),
        ({"plan": []}, "rebuild_has_a_plan"),
    ],
)
def test_the_database_refuses(sale: Allocation, values: dict, name: str) -> None:
    sql("UPDATE stock_allocation SET taken = 8")
    stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    with pytest.raises(IntegrityError, match=name):
        Rebuild.objects.update(**values)


def test_a_plan_the_ledger_has_left_behind_is_refused(sale: Allocation) -> None:
    sql("UPDATE stock_allocation SET taken = 6")
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    stock.reserve("FS-1", lines=[Item("SHELL", 1)], buyer="b", key="n", now=NOW)
    assert code_of(made.pk, make.user("operator")) == "stale_plan"
    assert Allocation.objects.get().taken == 7
    again = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    stock.approve_rebuild(again.pk, actor=make.user("operator"), now=NOW)
    assert queries.violations() == []


def test_a_plan_is_done_once(sale: Allocation) -> None:
    sql("UPDATE stock_allocation SET taken = 6")
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    stock.approve_rebuild(made.pk, actor=make.user("operator"), now=NOW)
    assert code_of(made.pk, make.user("operator")) == "already_rebuilt"


def test_where_all_is_right_nothing_is_proposed(sale: Allocation) -> None:
    with pytest.raises(stock.NothingToRebuild):
        stock.propose_rebuild(actor=make.user("operator"), now=NOW)


def test_who_is_limited_to_other_categories_rebuilds_nothing(sale: Allocation) -> None:
    sql("UPDATE stock_sku SET category = 'Boots'")
    sql("UPDATE stock_allocation SET taken = 6")
    tents = limited("operator", categories=["Tents"])
    with pytest.raises(OutOfScope):
        stock.propose_rebuild(actor=tents, now=NOW)
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    with pytest.raises(OutOfScope):
        stock.approve_rebuild(made.pk, actor=tents, now=NOW)


def run(*words: str) -> str:
    out = StringIO()
    call_command("stock_rebuild", *words, stdout=out)
    return out.getvalue()


def test_the_command_proposes_and_another_person_approves(sale: Allocation) -> None:
    make.user("operator", name="mara")
    make.user("admin", name="tomasz")
    make.user("viewer", name="vera")
    sql("UPDATE stock_allocation SET taken = 8")
    told = run("--by", "mara", "--sku", "SHELL")
    assert "FS-1 SHELL, taken: 8 -> 5" in told and "Nothing was changed" in told
    pk = str(Rebuild.objects.get().pk)
    for words, why in (
        (("--approve", pk, "--by", "mara"), "somebody else"),
        (("--approve", pk, "--by", "vera"), "lacks the role"),
        (("--approve", pk, "--by", "nobody"), "Nobody signs in"),
        (("--approve", "999999", "--by", "tomasz"), "no proposal"),
    ):
        with pytest.raises(CommandError, match=why):
            run(*words)
    assert "Done." in run("--approve", pk, "--by", "tomasz")
    assert queries.violations() == []
    with pytest.raises(CommandError, match="is what the ledger says"):
        run("--by", "mara")


def test_a_ledger_that_says_what_cannot_be_changes_nothing(sale: Allocation) -> None:
    make.user("operator", name="mara")
    make.user("operator", name="tomasz")
    sql(
        "INSERT INTO stock_movement (at, sku_id, allocation_id, source, target, units,"
        " reason) SELECT now(), sku_id, id, 'pool', 'reserved', 90, ''"
        " FROM stock_allocation"
    )
    run("--by", "mara")
    pk = str(Rebuild.objects.get().pk)
    with (
        pytest.raises(CommandError, match="allocation_never_oversold"),
        transaction.atomic(),
    ):
        run("--approve", pk, "--by", "tomasz")
    assert Rebuild.objects.get().approved_at is None


@pytest.mark.django_db(transaction=True)
def test_of_two_approvals_at_once_one_is_done() -> None:
    make.allocation(quantity=9)
    Allocation.objects.update(taken=2)
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    people = [make.user("operator") for _ in range(4)]
    got = in_parallel(
        4, lambda n: stock.approve_rebuild(made.pk, actor=people[n], now=NOW)
    )
    assert sum(isinstance(x, Rebuild) for x in got) == 1
    assert sum(isinstance(x, stock.AlreadyRebuilt) for x in got) == 3
    assert queries.violations() == []


@pytest.mark.django_db(transaction=True)
def test_what_is_paid_while_it_is_rebuilt_stays_counted() -> None:
    one = make.allocation(quantity=9)
    make.gate()
    holds = [
        stock.reserve(
            "FS-1", lines=[Item(one.sku.code, 1)], buyer="b", key=f"k{n}", now=NOW
        ).id
        for n in range(6)
    ]
    Source.objects.update(units=8)
    Sold.objects.create(allocation=one, slot=3, units=2)
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    other = make.user("operator")

    def act(number: int) -> bool:
        if number == 0:
            stock.approve_rebuild(made.pk, actor=other, now=NOW)
        else:
            stock.confirm(holds[number - 1], order=f"O-{number}", now=NOW)
        return True

    in_parallel(7, act)
    if queries.violations():
        again = stock.propose_rebuild(actor=other, now=NOW)
        stock.approve_rebuild(again.pk, actor=make.user("operator"), now=NOW)
    assert queries.violations() == []
    (count,) = queries.counters("FS-1", now=NOW)
    assert (count.sold, count.left) == (6, 3)
