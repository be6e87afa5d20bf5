"""The pace that proposed waves keep, simulated beside an open gate."""

from __future__ import annotations

import random
from collections.abc import Mapping
from math import ceil

import pytest

from console.stock.rules.pace import steady
from console.stock.rules.waves import parts, tranches

UNITS, TTL_S, PER_S, ABANDON = 1000, 600, 20, 0.3
Seen = tuple[int, int, int]
"""Units sold, and the seconds when all were held and when the first came back."""


def simulated(let_go: Mapping[int, int], *, queue: bool) -> Seen:
    """A sale of 20 arrivals a second for 600 s, of whom 30 percent never pay.

    let_go: units by second. queue: who finds nothing waits in line; else they are gone
    for good.
    """
    chance = random.Random(22)
    back: dict[int, int] = {}
    left = line = sold = 0
    all_held = first_back = -1
    unheld = UNITS
    for second in range(12 * TTL_S):
        left += let_go.get(second, 0) + back.get(second, 0)
        if back.get(second) and first_back < 0:
            first_back = second
        line = (line if queue else 0) + (PER_S if second < TTL_S else 0)
        taken = min(left, line)
        left, line, unheld = left - taken, line - taken, unheld - taken
        if unheld <= 0 and all_held < 0:
            all_held = second
        for _ in range(taken):
            if chance.random() < ABANDON:
                back[second + TTL_S] = back.get(second + TTL_S, 0) + 1
            else:
                sold += 1
    return sold, all_held, first_back


def at_once() -> dict[int, int]:
    """An open gate."""
    return {0: UNITS}


def in_waves() -> dict[int, int]:
    """The waves that are proposed."""
    waves = tranches(UNITS, ttl_s=TTL_S)
    shares = parts(UNITS, [one.share for one in waves])
    return dict(zip((one.after_s or 0 for one in waves), shares, strict=True))


def one_by_one() -> dict[int, int]:
    """The pace rule to the second, of which waves are the steps."""
    rate = steady(UNITS, ttl_s=TTL_S)
    ends = [ceil(round(second * rate, 6)) for second in range(TTL_S + 1)]
    return {second: ends[second + 1] - ends[second] for second in range(TTL_S)}


def test_the_pace_rule_holds_the_last_unit_as_the_first_comes_back() -> None:
    assert simulated(one_by_one(), queue=True) == (1_000, 599, 600)


def test_with_a_queue_waves_leave_no_gap_and_an_open_gate_does() -> None:
    """Both sell all: it is those who wait that buy what comes back."""
    assert simulated(at_once(), queue=True) == (1_000, 49, 600)
    assert simulated(in_waves(), queue=True) == (1_000, 600, 600)


@pytest.mark.parametrize(
    ("let_go", "seen"),
    [(at_once(), (702, 49, 600)), (in_waves(), (635, -1, 600))],
    ids=["open", "waves"],
)
def test_without_a_queue_waves_sell_less_than_an_open_gate(
    let_go: Mapping[int, int], seen: Seen
) -> None:
    """Who comes between two waves is gone, and the last units are never held."""
    assert simulated(let_go, queue=False) == seen
