"""What is told of a policy before it is saved, or removed, is what applying it does."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import BufferPolicy, Level, Sku
from console.stock.operations import PolicyTerms
from console.stock.queries import PolicyEffect
from console.stock.rules import Want
from console.stock.rules.buffers import BufferScope, Policy
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
WHO = {"actor": None, "now": NOW}
TARGETS = {"sku": "MUG", "category": "Mugs", "location": "Far", "master": ""}
AMOUNT = st.one_of(
    st.tuples(st.integers(0, 60), st.none()),
    st.tuples(st.none(), st.decimals(0, 100, places=2)),
)
TERMS = st.tuples(AMOUNT, st.sampled_from([0, 0, 3, 9]))
SHELVES = st.lists(
    st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 12)),
    min_size=4,
    max_size=4,
)
"""On hand, committed (as far as it is there) and buffer, of two SKUs at two places."""


def terms_of(told: tuple[tuple[int | None, Decimal | None], int]) -> PolicyTerms:
    (units, percent), low_at = told
    return PolicyTerms(units, percent, low_at)


def hold(level: str, terms: PolicyTerms) -> BufferPolicy:
    return stock.add_policy(BufferScope(level), TARGETS[level], terms, **WHO)


def asked(level: str, terms: PolicyTerms) -> Policy:
    numbers = (terms.units, terms.percent, terms.low_at)
    return Policy(0, BufferScope(level), TARGETS[level], *numbers)


def apply_all() -> None:
    while stock.apply_due(now=NOW):
        pass


def free_of(level: str) -> dict[int, int]:
    """What can be promised of each SKU that a policy of this level concerns."""
    ids = queries.policy_skus(BufferScope(level), TARGETS[level]).values("pk")
    found = Level.objects.filter(sku__in=ids).values_list("sku").order_by("sku")
    return dict(found.annotate(Sum("free")))


def holds_true(told: PolicyEffect, level: str, act: Callable[[], object]) -> None:
    """What was told before is what the levels say after."""
    before = free_of(level)
    act()
    after = free_of(level)
    now, then = sum(before.values()), sum(after.values())
    assert (told.free_now, told.free_then) == (now, then)
    assert told.emptied == sum(bool(n) and not after[pk] for pk, n in before.items())


def stocked(shelves: list[tuple[int, int, int]]) -> None:
    places = [make.location("Near", position=1), make.location("Far", position=2)]
    for code, own in (("MUG", shelves[:2]), ("CUP", shelves[2:])):
        sku = make.sku(code, category="Mugs" if code == "MUG" else "Cups")
        for place, (on_hand, committed, buffer) in zip(places, own, strict=True):
            level = make.level(sku, units=on_hand, at=place)
            promised = min(on_hand, committed)
            Level.objects.filter(pk=level.pk).update(committed=promised, buffer=buffer)
    apply_all()


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    SHELVES,
    st.dictionaries(st.sampled_from(list(TARGETS)), TERMS, max_size=3),
    st.sampled_from(list(TARGETS)),
    TERMS,
    TERMS,
)
def test_what_is_told_before_is_what_adding_changing_and_removing_do(
    shelves: list[tuple[int, int, int]],
    others: dict[str, tuple[tuple[int | None, Decimal | None], int]],
    level: str,
    first: tuple[tuple[int | None, Decimal | None], int],
    second: tuple[tuple[int | None, Decimal | None], int],
) -> None:
    with transaction.atomic():
        stocked(shelves)
        for other, said in others.items():
            if other != level:
                hold(other, terms_of(said))
        told = queries.policy_effect(asked(level, terms_of(first)))
        assert told.units == told.free_now - told.free_then
        holds_true(told, level, lambda: hold(level, terms_of(first)))
        one = BufferPolicy.objects.get(level=level)
        told = queries.policy_effect(asked(level, terms_of(second)), instead_of=one.pk)
        holds_true(
            told,
            level,
            lambda: stock.change_policy(one.pk, terms_of(second), version=1, **WHO),
        )
        one.refresh_from_db()
        told = queries.removal_effect(queries.rule_of(one))
        assert told.units == told.free_then - told.free_now
        holds_true(told, level, lambda: stock.remove_policy(one.pk, version=2, **WHO))
        transaction.set_rollback(True)


@pytest.fixture
def promised() -> Sku:
    """Of 100 units 30 are committed and 50 locked for a sale: 20 can be promised."""
    sku = make.sku("MUG", category="Mugs")
    level = make.level(sku, units=100)
    size = stock.LevelSize(100, 30, 0)
    now = level.version
    stock.adjust(level.pk, size=size, version=now, reason="count", **WHO)
    stock.lock("FS-1", wants=[Want(sku.pk, 50)], **WHO)
    return sku


@pytest.mark.parametrize(
    "units,kept,then", [(0, 0, 20), (7, 7, 13), (20, 20, 0), (21, 20, 0), (500, 20, 0)]
)
def test_units_that_are_promised_are_told_as_neither_held_back_nor_freed(
    promised: Sku, units: int, kept: int, then: int
) -> None:
    terms = PolicyTerms(units)
    told = queries.policy_effect(asked("sku", terms))
    assert (told.units, told.skus) == (kept, int(bool(kept)))
    assert (told.free_now, told.free_then) == (20, then)
    one = hold("sku", terms)
    assert queries.held_in_all() == (kept, int(bool(kept)))
    told = queries.removal_effect(queries.rule_of(one))
    assert (told.units, told.free_now, told.free_then) == (kept, then, 20)


def test_the_dialogs_say_what_can_be_promised_before_and_after(
    operator: Client, promised: Sku
) -> None:
    words = {"level": "sku", "target": "MUG", "units": 500, "low_at": 0}
    page = operator.get(reverse("stock:add_policy"), words, **HTMX).text
    assert "20 units of 1 SKU<" in page
    assert "<del>20</del>" in page and "<ins>0</ins>" in page
    one = hold("sku", PolicyTerms(500))
    page = operator.get(reverse("stock:remove_policy", args=[one.pk]), **HTMX).text
    assert "20 units of 1 SKU<" in page
    assert "<del>0</del>" in page and "<ins>20</ins>" in page


def test_the_removal_of_a_channels_policy_frees_nothing_on_shelves(
    operator: Client, promised: Sku
) -> None:
    make.connection("shop")
    terms = PolicyTerms(5)
    one = stock.add_policy(BufferScope.CHANNEL, "shop", terms, **WHO)
    page = operator.get(reverse("stock:remove_policy", args=[one.pk]), **HTMX).text
    assert "Only this channel is told of more" in page and "Held back" not in page
