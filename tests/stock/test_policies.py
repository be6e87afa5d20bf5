"""Buffer policies on the shelves: held back, written down, given free again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.audit.models import Entry
from console.people.rules import OutOfScope
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import BufferDue, BufferPolicy, Level, Movement, Sku
from console.stock.operations import LevelSize, PolicyTerms, policies
from console.stock.rules import BadQuantity, StaleEdit, Want
from console.stock.rules.buffers import BufferScope, Policy, Shelf, held_back
from tests import make
from tests.campaigns.scopekit import limited
from tests.make import NOW

pytestmark = pytest.mark.django_db
WHO = {"actor": None, "now": NOW}


def hold(level: str, target: str = "", units: int | None = None, **terms: object):
    """A policy, with what it holds back."""
    said = PolicyTerms(units, **terms)  # type: ignore[arg-type]
    return stock.add_policy(BufferScope(level), target, said, **WHO)


def apply_all() -> None:
    while stock.apply_due(now=NOW):
        pass


def held() -> list[int]:
    levels = Level.objects.order_by("sku__code", "location__position")
    return list(levels.values_list("policy_buffer", flat=True))


def test_every_policy_of_a_sku_holds_back_one_after_the_other() -> None:
    sku = make.sku("MUG", category="Mugs")
    make.level(sku, units=1000)
    hold("master", units=27)
    hold("category", "Mugs", percent=Decimal("3.5"))
    hold("location", "Main", 10)
    hold("sku", "MUG", 5)
    assert held() == [27 + 35 + 10 + 5]
    assert queries.ats([sku.pk]) == {sku.pk: 923}
    assert queries.violations() == []


def test_units_of_a_sku_are_held_back_once_at_the_farthest_place() -> None:
    sku = make.sku("MUG")
    make.level(sku, units=10, at=make.location("Near", position=1))
    make.level(sku, units=4, at=make.location("Far", position=2))
    hold("sku", "MUG", 6)
    assert held() == [2, 4]
    hold("location", "Near", 3)
    assert held() == [2 + 3, 4]


def test_an_entry_names_the_policy_and_taking_it_away_is_one_too() -> None:
    make.level(make.sku("MUG"), units=10)
    one = hold("sku", "MUG", 4)
    stock.change_policy(one.pk, PolicyTerms(1), version=1, **WHO)
    stock.remove_policy(one.pk, version=2, **WHO)
    told = Movement.objects.order_by("pk").values_list("source", "target", "units")
    assert list(told)[1:] == [
        ("free", "held", 4),
        ("held", "free", 3),
        ("held", "free", 1),
    ]
    reasons = list(Movement.objects.order_by("pk").values_list("reason", flat=True))
    named = f"buffer policy {one.pk}"
    assert reasons[1:] == [named, named, "no buffer policy any more"]
    assert (held(), queries.violations()) == ([0], [])
    verbs = ["stock.add_policy", "stock.change_policy", "stock.remove_policy"]
    kept = Entry.objects.filter(verb__endswith="policy").order_by("position")
    assert list(kept.values_list("verb", flat=True)) == verbs


def test_a_count_a_parcel_and_another_category_apply_policies_again() -> None:
    sku = make.sku("MUG", category="Mugs")
    level = make.level(sku, units=10)
    hold("category", "Mugs", percent=Decimal(50))
    size = LevelSize(21, 0, 0)
    stock.adjust(level.pk, size=size, version=level.version, reason="count", **WHO)
    apply_all()
    assert held() == [11]
    make.level(sku, units=9)
    apply_all()
    assert held() == [15]
    Sku.objects.update(category="Cups")
    apply_all()
    assert (held(), BufferDue.objects.count()) == ([0], 0)
    assert queries.violations() == []


def test_a_buffer_set_by_hand_adds_to_what_policies_hold_back() -> None:
    level = make.level(make.sku("MUG"), units=10)
    hold("sku", "MUG", 4)
    size = LevelSize(10, 0, 3)
    stock.adjust(level.pk, size=size, version=level.version, reason="count", **WHO)
    apply_all()
    level.refresh_from_db()
    assert (level.buffer, level.policy_buffer, level.free) == (3, 4, 3)
    assert queries.violations() == []


def test_the_last_units_are_protected_once_whoever_guards_them() -> None:
    sku = make.sku("MUG", category="Mugs")
    make.level(sku, units=10)
    hold("master", units=0, low_at=2)
    hold("category", "Mugs", 0, low_at=3)
    assert held() == [3]
    stock.lock("FS-1", wants=[Want(sku.pk, 7)], **WHO)
    assert queries.ats([sku.pk]) == {sku.pk: 0}


def test_a_channel_is_told_of_less_and_nothing_is_held_back_for_it() -> None:
    sku = make.sku("MUG")
    make.level(sku, units=99)
    make.connection("shop")
    hold("channel", "shop", percent=Decimal(10), low_at=2)
    assert held() == [0]
    with connection.cursor() as cursor:
        cursor.execute(queries.CHANNEL_BUFFERS)
        assert cursor.fetchall() == [("shop", sku.pk, 12)]


def test_what_concerns_many_is_left_to_the_bell_and_seen_to_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        make.level(units=10)
    apply_all()
    monkeypatch.setattr(policies, "AT_ONCE", 2)
    hold("master", units=1)
    assert (queries.policies_due(), held()) == (3, [0, 0, 0])
    stock.apply_due(now=NOW, most=2)
    assert (queries.policies_due(), sum(held())) == (1, 2)
    apply_all()
    assert held() == [1, 1, 1]


def test_what_a_policy_would_do_is_told_before() -> None:
    for units in (1, 5, 100):
        make.level(make.sku(category="Mugs"), units=units)
    said = Policy(0, BufferScope.CATEGORY, "Mugs", units=5)
    told = queries.policy_effect(said)
    assert (told.units, told.skus, told.emptied) == (1 + 5 + 5, 3, 2)
    one = hold("category", "Mugs", 5)
    less = queries.policy_effect(
        Policy(0, BufferScope.CATEGORY, "Mugs", 1), instead_of=one.pk
    )
    assert (less.units, less.emptied) == (3, 0)
    assert (less.free_now, less.free_then) == (95, 103)


@pytest.mark.parametrize(
    "units,percent,low_at,field",
    [
        (None, None, 0, "units"),
        (1, Decimal(1), 0, "units"),
        (-1, None, 0, "units"),
        (None, Decimal(101), 0, "percent"),
        (1, None, -1, "low_at"),
    ],
)
def test_what_cannot_be_held_back_is_refused(
    units: int | None, percent: Decimal | None, low_at: int, field: str
) -> None:
    terms = PolicyTerms(units, percent, low_at)
    with pytest.raises(BadQuantity) as refused:
        stock.add_policy(BufferScope.MASTER, "", terms, **WHO)
    assert refused.value.field == field


def test_a_stale_edit_a_twin_and_an_unknown_target_are_refused() -> None:
    make.level(make.sku("MUG"), units=10)
    one = hold("sku", "MUG", 4)
    stock.change_policy(one.pk, PolicyTerms(5), version=1, **WHO)
    with pytest.raises(StaleEdit) as stale:
        stock.change_policy(one.pk, PolicyTerms(6), version=1, **WHO)
    assert stale.value.detail["units"] == 5
    with pytest.raises(StaleEdit):
        hold("sku", "MUG", 1)
    for level in ("sku", "category", "location", "channel"):
        with pytest.raises(policies.UnknownTarget):
            hold(level, "nobody", 1)
    stock.remove_policy(one.pk, version=2, **WHO)
    with pytest.raises(StaleEdit):
        stock.remove_policy(one.pk, version=3, **WHO)
    assert hold("sku", "MUG", 1).pk != one.pk


def test_who_is_limited_to_a_category_holds_back_of_it_alone() -> None:
    make.level(make.sku("MUG", category="Mugs"))
    make.level(make.sku("TENT", category="Tents"))
    mara = limited("merchandiser", categories=["Tents"])
    words = {"actor": mara, "now": NOW}
    stock.add_policy(BufferScope.SKU, "TENT", PolicyTerms(1), **words)
    stock.add_policy(BufferScope.CATEGORY, "Tents", PolicyTerms(1), **words)
    for level, target in (("sku", "MUG"), ("category", "Mugs"), ("master", "")):
        with pytest.raises(OutOfScope):
            stock.add_policy(BufferScope(level), target, PolicyTerms(1), **words)
    assert BufferPolicy.objects.count() == 2


AMOUNT = st.one_of(
    st.tuples(st.integers(0, 60), st.none()),
    st.tuples(st.none(), st.decimals(0, 100, places=2)),
)
SCOPES = st.sampled_from(list(BufferScope))


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 60)), min_size=1, max_size=4),
    st.lists(st.tuples(SCOPES, AMOUNT, st.integers(0, 9)), max_size=6),
)
def test_policies_never_hold_back_more_than_is_there(
    told: list[tuple[int, int]],
    asked: list[tuple[BufferScope, tuple[int | None, Decimal | None], int]],
) -> None:
    shelves = [Shelf(str(n), *one) for n, one in enumerate(told)]
    said = [
        Policy(n, scope, "0", *amount, low_at=low)
        for n, (scope, amount, low) in enumerate(asked)
    ]
    by = held_back(shelves, said)
    for place, shelf in enumerate(shelves):
        total = sum(units[place] for units in by.values())
        assert 0 <= total <= max(0, shelf.on_hand - shelf.own)
    order = [next(x.scope for x in said if x.pk == pk) for pk in by]
    assert order == sorted(order, key=list(BufferScope).index)


LEVELS = ["sku", "master", "location"]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("count"), st.integers(0, 1), st.integers(6, 40)),
        st.tuples(
            st.just("hold"), st.sampled_from(["sku", "master", "location"]), AMOUNT
        ),
        st.tuples(st.just("lift"), st.integers(0, 2), st.none()),
        st.tuples(st.just("bell"), st.none(), st.none()),
    ),
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(STEPS)
def test_whatever_is_counted_and_held_back_the_ledger_balances(
    steps: list[tuple[str, object, object]],
) -> None:
    BufferPolicy.objects.all().delete()
    BufferDue.objects.all().delete()
    sku = make.sku()
    levels = [make.level(sku, units=10, at=make.location(x)) for x in ("Main", "East")]
    stock.lock(f"H{sku.pk}", wants=[Want(sku.pk, 4)], **WHO)
    for kind, first, second in steps:
        _act(sku, levels, kind, first, second)
        assert queries.violations() == []
    apply_all()
    for level in Level.objects.filter(sku=sku):
        assert 0 <= level.policy_buffer <= level.on_hand
    found = queries.Policies().of(sku.code, sku.category)
    order = Level.objects.filter(sku=sku).order_by("location__position", "location_id")
    wanted = queries.on_shelves(list(order), found).units
    assert [x.policy_buffer for x in order] == wanted


def _act(sku: Sku, levels: list[Level], kind: str, first, second) -> None:
    if kind == "count":
        level = Level.objects.get(pk=levels[first].pk)
        size = LevelSize(second, 0, 0)
        words = {"version": level.version, "reason": "count"}
        stock.adjust(level.pk, size=size, **words, **WHO)
    elif kind == "hold":
        target = {"sku": sku.code, "location": "East", "master": ""}[first]
        if not BufferPolicy.objects.filter(level=first, removed_at=None).exists():
            hold(first, target, second[0], percent=second[1])
    elif kind == "lift":
        for one in BufferPolicy.objects.filter(removed_at=None)[first : first + 1]:
            stock.remove_policy(one.pk, version=one.version, **WHO)
    else:
        stock.apply_due(now=NOW, most=1)
