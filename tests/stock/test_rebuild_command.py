"""The command proposes and approves; of many at once one is done."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Rebuild, Sold, Source
from console.stock.rules import Item
from tests import make
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.rebuildkit import a_sale, sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def sale() -> Allocation:
    return a_sale()


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
    stock.pause_gate("FS-1", now=NOW)
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
