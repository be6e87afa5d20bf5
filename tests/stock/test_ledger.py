"""Whatever happens in whatever order, the balances are the sum of the entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from console.errors import Refusal
from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Allocation, Level, ReservationLine, Shortfall
from console.stock.rules import Item, Want
from tests import make
from tests.examples import examples
from tests.make import NOW

pytestmark = pytest.mark.django_db

TTL_S = 60
ACTS = st.one_of(
    st.tuples(st.just("reserve"), st.integers(1, 4), st.integers(1, 3)),
    st.tuples(st.just("confirm"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("release"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("wait"), st.integers(1, 90), st.just(0)),
    st.tuples(st.just("sweep"), st.just(0), st.just(0)),
    st.tuples(st.just("resize"), st.integers(0, 14), st.integers(0, 4)),
    st.tuples(st.just("receive"), st.integers(-6, 6), st.just(0)),
    st.tuples(st.just("close"), st.just(0), st.just(0)),
    st.tuples(st.just("give_back"), st.just(0), st.just(0)),
)


@dataclass
class Hold:
    """What the model knows of a reservation."""

    units: int
    expires: int
    sold: int = 0
    short: int = 0
    state: str = "held"

    def counts(self, t: int) -> bool:
        return self.state == "held" and self.expires > t


@dataclass
class Model:
    """The same stock in plain Python."""

    on_hand: int = 20
    quantity: int = 10
    buffer: int = 1
    t: int = 0
    state: str = "open"
    returned: bool = False
    holds: list[Hold] = field(default_factory=list)

    @property
    def sold(self) -> int:
        return sum(hold.sold for hold in self.holds)

    @property
    def reserved(self) -> int:
        return sum(hold.units for hold in self.holds if hold.counts(self.t))

    @property
    def left(self) -> int:
        return self.quantity - self.buffer - self.sold - self.reserved

    @property
    def free(self) -> int:
        gone = self.sold if self.returned else self.quantity
        return self.on_hand - gone

    def reserve(self, units: int) -> bool:
        if self.state != "open" or self.returned or units > self.left:
            return False
        self.holds.append(Hold(units, self.t + TTL_S))
        return True

    def confirm(self, hold: Hold, still_counted: bool) -> None:
        if hold.state == "confirmed":
            return
        there = 0 if self.returned else self.left
        if hold.counts(self.t) or still_counted:
            hold.sold = hold.units
        else:
            hold.sold = max(0, min(hold.units, there))
        hold.short = hold.units - hold.sold
        hold.state = "confirmed"


class World:
    """The real thing beside its model, one act at a time."""

    def __init__(self) -> None:
        self.model = Model()
        sku = make.sku()
        make.level(sku, units=20)
        wants = [Want(sku.pk, 10, 1)]
        (self.one,) = stock.lock("FS-1", wants=wants, actor=None, now=NOW)
        make.gate(hold_ttl_s=TTL_S)
        self.code = sku.code
        self.ids: list = []

    @property
    def now(self):
        return NOW + timedelta(seconds=self.model.t)

    def act(self, name: str, a: int, b: int) -> None:
        try:
            with transaction.atomic():
                getattr(self, name)(a, b)
        except Refusal:
            pass

    def reserve(self, units: int, parts: int) -> None:
        lines = [Item(self.code, units)] * parts
        key = f"k{len(self.ids)}-{self.model.t}-{len(self.model.holds)}"
        try:
            held = stock.reserve("FS-1", lines=lines, buyer="b", key=key, now=self.now)
        except Refusal:
            assert not self.model.reserve(units * parts)
            raise
        assert self.model.reserve(units * parts)
        self.ids.append(held.id)

    def confirm(self, which: int, _: int) -> None:
        if which >= len(self.ids):
            return
        before = self._held(which)
        told = stock.confirm(self.ids[which], order=f"O-{which}", now=self.now)
        hold = self.model.holds[which]
        self.model.confirm(hold, before)
        assert told.shortfall == hold.short

    def _held(self, which: int) -> bool:
        lines = ReservationLine.objects.filter(reservation=self.ids[which])
        return lines.get().held

    def release(self, which: int, _: int) -> None:
        if which >= len(self.ids):
            return
        stock.release(self.ids[which], now=self.now)
        hold = self.model.holds[which]
        hold.state = "released" if hold.state == "held" else hold.state

    def wait(self, seconds: int, _: int) -> None:
        self.model.t += seconds

    def sweep(self, _: int, __: int) -> None:
        stock.sweep(now=self.now)

    def resize(self, quantity: int, buffer: int) -> None:
        version = Allocation.objects.get(pk=self.one.pk).version
        stock.resize(
            self.one.pk,
            quantity=quantity,
            buffer=buffer,
            version=version,
            actor=None,
            now=self.now,
        )
        self.model.quantity, self.model.buffer = quantity, buffer

    def receive(self, units: int, _: int) -> None:
        place = Level.objects.get().location_id
        stock.receive(
            self.one.sku_id,
            place,
            units=units,
            reason="count",
            actor=None,
            now=self.now,
        )
        self.model.on_hand += units

    def close(self, _: int, __: int) -> None:
        stock.close_gate("FS-1", now=self.now)
        self.model.state = "closed"

    def give_back(self, _: int, __: int) -> None:
        stock.return_units("FS-1", actor=None, now=self.now)
        self.model.returned = True

    def check(self) -> None:
        assert queries.violations() == []
        (count,) = queries.counters("FS-1", now=self.now)
        model = self.model
        assert (count.sold, count.reserved) == (model.sold, model.reserved)
        assert count.left == model.left
        assert queries.ats([self.one.sku_id]) == {self.one.sku_id: model.free}
        assert queries.oversold("FS-1") == 0
        short = sum(x.units for x in Shortfall.objects.all())
        assert short == sum(hold.short for hold in model.holds)


@examples(60, [HealthCheck.function_scoped_fixture])
@given(st.lists(ACTS, max_size=25))
def test_any_history_keeps_the_books(acts: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        world = World()
        for act in acts:
            world.act(*act)
            world.check()
        transaction.set_rollback(True)
