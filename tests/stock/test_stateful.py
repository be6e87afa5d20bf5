"""Whatever people, buyers and the clock do in whatever order, the books are right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from console.errors import Refusal
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Level, Shortfall
from console.stock.operations import Altered, LevelSize, Parcel
from console.stock.rules import Item, Want
from tests import make
from tests.examples import examples
from tests.make import NOW
from tests.stock.books import TTL_S, Books, Hold, Shelf

pytestmark = pytest.mark.django_db

CODES = ["A", "B", "C"]
CAMPAIGNS = ["FS-1", "FS-2"]
code, campaign = st.sampled_from(CODES), st.sampled_from(CAMPAIGNS)
few, units, which = st.integers(0, 4), st.integers(1, 9), st.integers(0, 60)
place = st.sampled_from([0, 1])
basket = st.dictionaries(code, st.integers(1, 3), min_size=1, max_size=2)
wants = st.dictionaries(code, st.tuples(units, few), min_size=1)
turns = st.sampled_from(["pause", "resume", "resume", "close"])
settled = st.sampled_from(["ship", "ship", "cancel_sale", "take_back"])


def _acts(name: str, *values: Any, weight: int = 1) -> list[Any]:
    return [st.tuples(st.just(name), *values) for _ in range(weight)]


ACTS = st.one_of(
    *_acts("lock", campaign, wants),
    *_acts("resize", which, st.integers(0, 25), few, weight=2),
    *_acts("drop", which),
    *_acts("add", campaign, code, units, st.integers(0, 1)),
    *_acts("receive", code, place, st.integers(-9, 9)),
    *_acts("count", code, place, st.integers(0, 40), few, st.integers(0, 30)),
    *_acts("reserve", campaign, basket, st.integers(1, 2), weight=6),
    *_acts("confirm", which, weight=4),
    *_acts("release", which),
    *_acts("wait", st.integers(1, 90), weight=2),
    *_acts("sweep"),
    *_acts("turn", campaign, turns),
    *_acts("give_back", campaign),
    *_acts("end", campaign),
    *_acts("settle", settled, which, code, st.integers(1, 4), st.booleans(), weight=3),
)
"""One rule of all acts and not a rule an act: a machine of many rules leaves most of
them out of a run, and then nobody buys, or nobody pays."""


class Stock(RuleBasedStateMachine):
    """The room beside its books: both are asked for the same, and must agree."""

    @initialize()
    def begin(self) -> None:
        self.all_of_it = transaction.atomic()
        self.all_of_it.__enter__()
        self.books = Books(CODES, CAMPAIGNS)
        self.ids: list[UUID] = []
        self.acts = 0
        self.places = [make.location(f"P{n}", position=n) for n in (0, 1)]
        self.skus = {one: make.sku(one) for one in CODES}
        for one in self.skus.values():
            for at in self.places:
                make.level(one, units=20, at=at)
        for one in CAMPAIGNS:
            make.gate(one, hold_ttl_s=TTL_S)
        self.lock("FS-1", {"A": (9, 1), "B": (25, 0), "C": (6, 1)})
        self.lock("FS-2", {"A": (8, 0), "C": (12, 2)})

    def teardown(self) -> None:
        if hasattr(self, "all_of_it"):
            transaction.set_rollback(True)
            self.all_of_it.__exit__(None, None, None)

    @property
    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.books.t)

    def both(
        self, allowed: bool, act: Callable[..., Any], *args: Any, **more: Any
    ) -> Any:
        """Do it for real; refused exactly when the books refuse."""
        self.acts += 1
        try:
            with transaction.atomic():
                told = act(*args, **more, now=self.now)
        except Refusal as refused:
            assert not allowed, refused
            return None
        assert allowed, (act.__name__, args, more)
        return told

    def hold(self, number: int) -> list[tuple[Hold, UUID]]:
        """One of the latest reservations; none while there is none."""
        latest = list(zip(self.books.holds, self.ids, strict=True))[-12:]
        return [latest[number % len(latest)]] if latest else []

    def level(self, sku: str, at: int) -> Level:
        return Level.objects.get(sku=self.skus[sku], location=self.places[at])

    def lot(self, of: str, sku: str) -> Allocation:
        return Allocation.objects.get(campaign=of, sku=self.skus[sku])

    @rule(act=ACTS)
    def act(self, act: tuple[Any, ...]) -> None:
        name, *values = act
        getattr(self, name)(*values)

    def lock(self, of: str, wants: dict[str, tuple[int, int]]) -> None:
        asked = [Want(self.skus[sku].pk, *size) for sku, size in wants.items()]
        allowed = self.books.lock(of, wants)
        self.both(allowed, stock.lock, of, wants=asked, actor=None)

    def resize(self, number: int, quantity: int, buffer: int) -> None:
        of, sku = list(self.books.lots)[number % len(self.books.lots)]
        one, size = self.lot(of, sku), {"quantity": quantity, "buffer": buffer}
        allowed = self.books.resize(of, sku, **size)
        seen = {"version": one.version, "actor": None}
        self.both(allowed, stock.resize, one.pk, **size, **seen)

    def drop(self, number: int) -> None:
        of, sku = list(self.books.lots)[number % len(self.books.lots)]
        allowed = self.books.drop(of, sku)
        gone = Altered(dropped=[self.skus[sku].pk])
        self.both(allowed, stock.alter, of, gone, actor=None)

    def add(self, of: str, sku: str, more: int, buffer: int) -> None:
        allowed = self.books.add(of, sku, more, buffer)
        new = Altered(wants=[Want(self.skus[sku].pk, more, buffer)])
        self.both(allowed, stock.alter, of, new, actor=None)

    def receive(self, sku: str, at: int, more: int) -> None:
        old = self.books.shelves[sku, at]
        new = Shelf(old.on_hand + more, old.committed, old.allocated, old.buffer)
        where = self.skus[sku].pk, self.places[at].pk
        allowed = self.books.become((sku, at), new)
        why = {"reason": "count", "actor": None}
        self.both(allowed, stock.receive, *where, units=more, **why)

    def count(self, sku: str, at: int, there: int, promised: int, buffer: int) -> None:
        old, level = self.books.shelves[sku, at], self.level(sku, at)
        size = LevelSize(there, old.committed + promised, buffer)
        new = Shelf(there, size.committed, old.allocated, buffer)
        allowed = self.books.become((sku, at), new)
        seen = {"version": level.version, "reason": "count", "actor": None}
        self.both(allowed, stock.adjust, level.pk, size=size, **seen)

    def reserve(self, of: str, basket: dict[str, int], parts: int) -> None:
        lines = [Item(sku, n) for sku, n in basket.items()] * parts
        allowed = self.books.reserve(of, {sku: n * parts for sku, n in basket.items()})
        asked = {"lines": lines, "buyer": "b", "key": f"k{self.acts}"}
        told = self.both(allowed, stock.reserve, of, **asked)
        if told:
            self.ids.append(told.id)

    def confirm(self, number: int) -> None:
        for one, id_ in self.hold(number):
            allowed = self.books.confirm(one)
            told = self.both(allowed, stock.confirm, id_, order=f"O-{id_}")
            assert told.shortfall == sum(one.short.values())

    def release(self, number: int) -> None:
        for one, id_ in self.hold(number):
            self.both(self.books.release(one), stock.release, id_)

    def wait(self, seconds: int) -> None:
        self.books.t += seconds

    def sweep(self) -> None:
        self.both(True, stock.sweep)

    def turn(self, of: str, act: str) -> None:
        allowed = self.books.gates[of] != "closed" or act == "close"
        states = {"pause": "paused", "resume": "open", "close": "closed"}
        if allowed:
            self.books.gates[of] = states[act]
        self.both(allowed, getattr(stock, f"{act}_gate"), of)

    def give_back(self, of: str) -> None:
        self.both(self.books.give_back(of), stock.return_units, of, actor=None)

    def end(self, of: str) -> None:
        """The usual way there: closed, all holds over, given back."""
        self.turn(of, "close")
        self.wait(TTL_S)
        self.give_back(of)

    def settle(self, act: str, number: int, sku: str, n: int, damaged: bool) -> None:
        """Once for real, and once more under the same name, which does nothing."""
        more = {"damaged": damaged} if act == "take_back" else {}
        asked = {"line": f"p{self.acts}", "actor": None} | more
        do, parcels = getattr(stock, act), [Parcel(sku, n)]
        for one, id_ in self.hold(number):
            allowed = getattr(self.books, act)(one, sku, n, **more)
            told = self.both(allowed, do, id_, parcels, **asked)
            if told:
                again = self.both(True, do, id_, parcels, **asked)
                assert (told.replayed, again.replayed) == (False, True)

    # What is always true

    @invariant()
    def the_ledger_is_the_balances(self) -> None:
        assert queries.violations() == []
        assert [queries.oversold(one) for one in CAMPAIGNS] == [0, 0]

    @invariant()
    def the_shelves_are_as_in_the_books(self) -> None:
        rows = Level.objects.values_list(
            *("sku__code", "location__position"),
            *("on_hand", "committed", "allocated", "buffer", "free"),
        )
        there = {(row[0], row[1]): row[2:] for row in rows}
        assert there == {
            key: (x.on_hand, x.committed, x.allocated, x.buffer, x.free)
            for key, x in self.books.shelves.items()
        }

    @invariant()
    def the_sales_are_as_in_the_books(self) -> None:
        for of in CAMPAIGNS:
            for one in queries.counters(of, now=self.now):
                lot = self.books.lots[of, one.sku_code]
                assert (one.quantity, one.buffer) == (lot.quantity, lot.buffer)
                assert one.sold == self.books.sold(of, one.sku_code)
                assert one.reserved == self.books.reserved(of, one.sku_code)
                if not lot.returned:
                    assert one.left == self.books.left(of, one.sku_code)
        short = sum(one.units for one in Shortfall.objects.all())
        assert short == self.books.short()


@pytest.mark.hypothesis
@pytest.mark.timeout(5_400)
def test_any_history_of_any_acts_keeps_the_books() -> None:
    run_state_machine_as_test(
        Stock,
        settings=settings(examples(500, short=10), stateful_step_count=60),
    )
