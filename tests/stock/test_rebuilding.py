"""Balances are rebuilt from the ledger by two people, and only as it still says."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

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
)
from console.stock.operations import LevelSize, PolicyTerms
from console.stock.rules import Item
from console.stock.rules.buffers import BufferScope
from tests import make
from tests.campaigns.scopekit import limited
from tests.make import NOW
from tests.stock.rebuildkit import a_sale, late_order, sql

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=3)


@pytest.fixture
def sale() -> Allocation:
    return a_sale()


CORRUPTED = [
    "UPDATE stock_level SET on_hand = on_hand + 3",
    "UPDATE stock_level SET committed = committed + 2, on_hand = on_hand + 2",
    "UPDATE stock_level SET buffer = buffer + 7",
    "UPDATE stock_level SET policy_buffer = policy_buffer + 4",
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
    "UPDATE stock_reservationline SET sold = 0",
    "UPDATE stock_reservationline SET sold = 1 WHERE sold = 0 AND NOT held",
    "UPDATE stock_reservationline SET sold = sold - 1, short = 1 WHERE sold = 3",
    "UPDATE stock_reservation SET state = 'released' WHERE state = 'confirmed'",
    "UPDATE stock_reservation SET state = 'held' WHERE state = 'confirmed'",
    "UPDATE stock_reservation SET state = 'confirmed', \"order\" = 'O-b'"
    " WHERE state = 'held'",
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
    for change in CORRUPTED[:5] + CORRUPTED[9:11] + CORRUPTED[13:]:
        sql(change)
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    stock.approve_rebuild(made.pk, actor=make.user("operator"), now=LATER)
    assert (queries.violations(), queries.drifts()) == ([], [])
    sale.refresh_from_db()
    assert (sale.quantity, sale.buffer, sale.taken) == (13, 2, 5)


SWAPPED = (
    "UPDATE stock_reservationline l SET sold = 3 - l.sold, units = 3"
    " FROM stock_reservation r"
    " WHERE r.id = l.reservation_id AND r.\"order\" IN ('O-a', 'O-c')"
)


def test_units_that_go_from_one_buyer_to_another_are_seen(sale: Allocation) -> None:
    """The sum over all buyers stays what it is."""
    sql(SWAPPED)
    (found,) = queries.violations()
    assert (found.balance, found.kept, found.entries) == ("lines", 1, 3)
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    stock.approve_rebuild(made.pk, actor=make.user("operator"), now=LATER)
    sold = Reservation.objects.order_by("order").values_list("order", "lines__sold")
    assert list(sold) == [("", 0), ("O-a", 3), ("O-c", 0)]


SHORT = [
    "UPDATE stock_reservationline SET short = 0",
    "UPDATE stock_reservationline SET sold = 2, short = 0 WHERE short = 1",
    "UPDATE stock_reservation SET state = 'expired' WHERE \"order\" = 'O-late'",
]


@pytest.mark.parametrize("change", SHORT)
def test_what_is_short_is_set_right_too(change: str) -> None:
    late_order()
    assert (queries.violations(), queries.drifts()) == ([], [])
    sql(change)
    assert [one.balance for one in queries.violations()] == ["lines"]
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    stock.approve_rebuild(made.pk, actor=make.user("operator"), now=LATER)
    assert (queries.violations(), queries.drifts()) == ([], [])


AFTERWARDS = [
    "UPDATE stock_allocation SET taken = taken + 1",
    "UPDATE stock_allocation SET quantity = quantity + 5",
    "UPDATE stock_source SET units = units + 1",
    "UPDATE stock_sold SET units = 0",
    "UPDATE stock_level SET committed = 0",
    "UPDATE stock_reservationline SET sold = 0",
    "UPDATE stock_reservation SET state = 'expired' WHERE state = 'confirmed'",
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


def test_what_policies_hold_back_is_set_right_beside_a_buffer_set_by_hand() -> None:
    level = make.level(make.sku("MUG"), units=30)
    size = LevelSize(30, 0, 2)
    words = {"actor": None, "now": NOW}
    stock.adjust(level.pk, size=size, version=level.version, reason="count", **words)
    stock.add_policy(BufferScope.SKU, "MUG", PolicyTerms(10), **words)
    sql("UPDATE stock_level SET policy_buffer = 0; DELETE FROM stock_bufferdue")
    (found,) = queries.drifts()
    assert (found.field, found.before, found.after) == ("policy_buffer", 0, 10)
    made = stock.propose_rebuild(actor=make.user("operator"), now=NOW)
    stock.approve_rebuild(made.pk, actor=make.user("operator"), now=LATER)
    assert (queries.violations(), queries.drifts(), queries.policies_due()) == (
        [],
        [],
        1,
    )
    stock.apply_due(now=LATER)
    level.refresh_from_db()
    assert (level.buffer, level.policy_buffer, level.free) == (2, 10, 18)


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
    stock.resume_gate("FS-1", now=NOW)
    stock.reserve("FS-1", lines=[Item("SHELL", 1)], buyer="b", key="n", now=NOW)
    assert code_of(made.pk, make.user("operator")) == "sale_is_running"
    stock.pause_gate("FS-1", now=NOW)
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
