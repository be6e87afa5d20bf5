"""Release rules: what a sale holds back is let go when it is time, and once."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from console.audit.models import Entry
from console.people.rules import OutOfScope
from console.stock import clock, queries, tasks
from console.stock import operations as stock
from console.stock.models import Allocation, BufferRule, Movement, Sku
from console.stock.operations import RuleTerms
from console.stock.operations.ledger import Why
from console.stock.operations.releasing import lower
from console.stock.rules import BadQuantity
from console.stock.rules.waves import AlreadyReleased, ReleaseWhen, Tranche, last_part
from tests import make
from tests.campaigns.scopekit import limited
from tests.make import NOW
from tests.racing import in_parallel
from tests.stock.lagkit import showed

pytestmark = pytest.mark.django_db
WHO = {"actor": None, "now": NOW}


def rule(when: str, value: object = None, **terms: object) -> BufferRule:
    number = None if value is None else Decimal(str(value))
    said = RuleTerms(ReleaseWhen(when), number, **terms)  # type: ignore[arg-type]
    return stock.add_rule("FS-1", said, **WHO)


def a_gate(*, ago_s: float = 60, lasts_s: float = 3600) -> None:
    opened = clock.now() - timedelta(seconds=ago_s)
    ends = opened + timedelta(seconds=lasts_s)
    stock.open_gate("FS-1", ends_at=ends, now=opened)


def buffer() -> int:
    return Allocation.objects.get().buffer


def test_the_last_part_of_a_sale_lets_its_buffer_go_once() -> None:
    make.allocation(quantity=100, buffer=20)
    one = rule("last_percent", 25, units=5)
    a_gate(ago_s=74, lasts_s=100)
    tasks.buffers()
    assert buffer() == 20
    stock.tell_end("FS-1", clock.now() + timedelta(seconds=20))
    tasks.buffers()
    tasks.buffers()
    assert buffer() == 15
    one.refresh_from_db()
    assert (one.done_units, one.done_at is not None) == (5, True)
    entry = Movement.objects.get(source="buffer", target="pool")
    assert (entry.units, entry.reason) == (5, f"buffer rule {one.pk}")
    assert queries.violations() == []


def test_a_rule_lets_go_within_two_seconds_of_its_time() -> None:
    make.allocation(quantity=100, buffer=20)
    rule("last_percent", 50)
    a_gate(ago_s=10, lasts_s=21.4)
    due = queries.release_plan("FS-1").rules[0].at
    assert due is not None
    while buffer():
        tasks.buffers()
        assert clock.now() - due < timedelta(seconds=2)
        time.sleep(0.5)
    assert BufferRule.objects.get().done_at >= due


def test_an_unknown_end_or_lag_lets_nothing_go() -> None:
    make.allocation(quantity=100, buffer=20)
    rule("last_percent", 100)
    rule("lag_below", 3600)
    make.gate()
    tasks.buffers()
    assert buffer() == 20


def test_stores_that_hear_fast_let_the_buffer_go() -> None:
    make.allocation(quantity=100, buffer=20)
    rule("lag_below", "2.5")
    make.gate()
    for lag, left in (("2.5", 20), ("2.4", 0)):
        showed(lag, at=clock.now())
        tasks.buffers()
        assert buffer() == left


def test_what_waits_for_waves_stays_where_a_rule_lets_all_go() -> None:
    make.allocation(quantity=100, buffer=20)
    stock.plan_waves("FS-1", [Tranche(Decimal(50), after_s=600)], seen=[], **WHO)
    assert buffer() == 60
    one = rule("manual")
    assert stock.run_rule(one.pk, **WHO) == 20
    assert buffer() == 40
    with pytest.raises(AlreadyReleased):
        stock.run_rule(one.pk, **WHO)
    with pytest.raises(AlreadyReleased):
        stock.drop_rule(one.pk, **WHO)
    assert queries.violations() == []


def test_a_rule_of_one_sku_leaves_the_others() -> None:
    one = make.allocation(quantity=10, buffer=4)
    other = make.sku()
    make.level(other, units=10)
    altered = stock.Altered(wants=[make.Want(other.pk, 10, 4)])
    stock.alter("FS-1", altered, **WHO)
    made = rule("manual", allocation_id=one.pk, units=3)
    stock.run_rule(made.pk, **WHO)
    buffers = Allocation.objects.order_by("pk").values_list("buffer", flat=True)
    assert list(buffers) == [1, 4]
    stock.drop_rule(rule("manual").pk, **WHO)
    verbs = Entry.objects.filter(object_id="FS-1").order_by("position")
    assert list(verbs.values_list("verb", flat=True))[-4:] == [
        "stock.add_rule",
        "stock.release_buffer",
        "stock.add_rule",
        "stock.drop_rule",
    ]


@pytest.mark.parametrize(
    "when,value,units,field",
    [
        ("manual", 5, None, "value"),
        ("lag_below", None, None, "value"),
        ("lag_below", 0, None, "value"),
        ("last_percent", 101, None, "value"),
        ("last_percent", 10, 0, "units"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    when: str, value: object, units: int | None, field: str
) -> None:
    make.allocation()
    with pytest.raises(BadQuantity) as refused:
        rule(when, value, units=units)
    assert refused.value.field == field


def test_a_sale_without_units_takes_no_rule() -> None:
    with pytest.raises(stock.NothingLocked):
        rule("manual")


def test_who_is_limited_to_other_categories_makes_and_runs_no_rule() -> None:
    make.allocation()
    made = rule("manual")
    make.campaign(code="FS-1")
    Sku.objects.update(category="Mugs")
    words = {"actor": limited("operator", categories=["Tents"]), "now": NOW}
    with pytest.raises(OutOfScope):
        stock.add_rule("FS-1", RuleTerms(ReleaseWhen.MANUAL), **words)
    with pytest.raises(OutOfScope):
        stock.run_rule(made.pk, **words)
    with pytest.raises(OutOfScope):
        stock.drop_rule(made.pk, **words)


def test_the_last_part_begins_where_the_clock_says() -> None:
    end = NOW + timedelta(hours=2)
    assert last_part(NOW, end, Decimal(25)) == NOW + timedelta(minutes=90)
    assert last_part(NOW, end, Decimal(100)) == NOW
    assert last_part(end, NOW, Decimal(50)) == NOW


@pytest.mark.django_db(transaction=True)
def test_sixteen_bells_at_once_let_a_buffer_go_once() -> None:
    make.allocation(quantity=100, buffer=80)
    rule("last_percent", 100, units=5)
    a_gate()
    in_parallel(16, lambda _: tasks.buffers())
    assert buffer() == 75
    assert Entry.objects.filter(verb="stock.release_buffer").count() == 1
    assert queries.violations() == []


@pytest.mark.django_db(transaction=True)
def test_control_bells_that_claim_nothing_let_a_buffer_go_again_and_again() -> None:
    """Each sees a rule that is due, and none that another has it."""
    make.allocation(quantity=100, buffer=80)
    rule("last_percent", 100, units=5)
    a_gate()

    def careless(_: int) -> None:
        for pk in queries.rules_due(now=clock.now()):
            time.sleep(0.1)
            one = BufferRule.objects.select_related("allocation").get(pk=pk)
            ids = list(Allocation.objects.values_list("pk", flat=True))
            let_go(ids, one.units)

    @transaction.atomic
    def let_go(ids: list[int], units: int) -> None:
        lower(ids, lambda found: {x.pk: units for x in found}, Why(None, NOW))

    in_parallel(16, careless)
    assert buffer() < 75
