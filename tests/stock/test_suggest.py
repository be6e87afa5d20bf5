"""The buffer that is suggested, and units in limbo: measured, or not known."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from console.stock import operations as stock
from console.stock import queries
from console.stock.models import Level
from console.stock.operations import LevelSize
from console.stock.rules import Item, Reason
from tests import make
from tests.make import NOW
from tests.stock.lagkit import showed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def say(level: Level, on_hand: int, committed: int, reason: str) -> None:
    level.refresh_from_db()
    stock.adjust(
        level.pk,
        size=LevelSize(on_hand, committed, 0),
        version=level.version,
        reason=reason,
        actor=None,
        now=NOW,
    )


def test_what_nobody_measured_is_unknown_and_never_zero() -> None:
    level = make.level(units=100)
    told = queries.suggestion([level.sku_id], now=NOW)
    assert (told.per_minute, told.lag_s, told.accuracy) == (None, None, None)
    assert (told.against_lag, told.against_counts, told.units) == (None, None, None)


def test_ten_a_minute_and_a_minute_of_lag_ask_for_eighteen() -> None:
    showed("12", at=NOW + HOUR, shop="fast")
    showed("60", at=NOW + HOUR, shop="slow")
    level = make.level(units=20_000)
    say(level, 20_000, 14_400, "orders")
    say(level, 20_000, 14_000, "orders")
    told = queries.suggestion([level.sku_id], now=NOW + HOUR)
    assert (told.per_minute, told.lag_s) == (Decimal(10), Decimal(60))
    assert (told.against_lag, told.units) == (18, 18)
    late = queries.suggestion([level.sku_id], now=NOW + 25 * HOUR)
    assert late.per_minute is None


def test_counts_that_were_wrong_ask_for_what_may_be_missing() -> None:
    level = make.level(units=1005)
    for on_hand in (1000, 995, 1000):
        say(level, on_hand, 0, "count: shelf 3")
    told = queries.suggestion([level.sku_id], now=NOW + HOUR)
    assert (told.accuracy, told.against_counts) == (Decimal("0.995"), 5)
    assert (told.counts, told.units) == (3, 5)


def counted_first(units: int = 1400) -> Level:
    """A level of which nothing was known before it was counted."""
    words = {"units": units, "reason": Reason.COUNT, "actor": None, "now": NOW}
    return stock.receive(make.sku().pk, make.location("Main").pk, **words)


def test_the_first_count_of_a_level_is_no_evidence_of_miscounts() -> None:
    level = counted_first()
    told = queries.suggestion([level.sku_id], now=NOW + HOUR)
    assert (told.counts, told.accuracy, told.units) == (0, None, None)
    for on_hand in (1393, 1386, 1400):
        say(level, on_hand, 0, "count")
    told = queries.suggestion([level.sku_id], now=NOW + HOUR)
    assert told.accuracy == 1 - Decimal(7 + 7 + 14) / 4200


def test_fewer_than_three_counts_do_not_say_how_exact_they_are() -> None:
    level = make.level(units=1000)
    say(level, 990, 0, "count")
    say(level, 1000, 0, "count")
    told = queries.suggestion([level.sku_id], now=NOW + HOUR)
    assert (told.counts, told.accuracy, told.against_counts) == (2, None, None)


def test_a_count_that_agrees_is_evidence_too() -> None:
    level = make.level(units=1000)
    say(level, 990, 0, "count")
    say(level, 1000, 0, "count")
    Level.objects.update(last_count_at=NOW + HOUR)
    told = queries.suggestion([level.sku_id], now=NOW + HOUR)
    assert (told.counts, told.accuracy) == (3, 1 - Decimal(20) / 3000)


def test_a_sale_is_suggested_no_more_than_it_can_hold_back() -> None:
    level = make.level(units=1000)
    for on_hand in (500, 1000, 500):
        say(level, on_hand, 0, "count")
    told = queries.suggestion([level.sku_id], now=NOW + HOUR, most=280)
    assert (told.asked, told.units, told.cut) == (500, 280, True)


def bought(paid: int, left: int, *, at_s: float) -> None:
    code = Level.objects.get().sku.code
    for number in range(paid + left):
        at = NOW + timedelta(seconds=at_s)
        lines = [Item(code, 2)]
        held = stock.reserve("FS-1", lines=lines, buyer="b", key=uuid4().hex, now=at)
        if number < paid:
            stock.confirm(held.id, order=f"O-{uuid4().hex[:9]}", now=at)


def test_units_in_limbo_are_told_once_enough_holds_have_ended() -> None:
    make.allocation(quantity=1000)
    make.gate(hold_ttl_s=600)
    bought(14, 5, at_s=1)
    later = NOW + timedelta(seconds=700)
    assert queries.in_limbo("FS-1", now=later) is None
    bought(0, 1, at_s=1)
    assert queries.in_limbo("FS-1", now=later) == 0
    bought(30, 0, at_s=690)
    told = queries.in_limbo("FS-1", now=later)
    assert told == pytest.approx(60 / 5 * 6 / 20 * 10)
    stock.close_gate("FS-1", now=later)
    assert queries.in_limbo("FS-1", now=later) is None
