"""The pace that proposed waves keep, simulated (FORMULAS §9)."""

from __future__ import annotations

import random
from decimal import Decimal

from console.stock.rules.waves import Tranche, parts, tranches

UNITS, TTL_S, PER_S, ABANDON = 1000, 600, 20, 0.3


def simulated(waves: list[Tranche], *, queue: bool) -> tuple[int, int, int]:
    """FORMULAS §9: units sold, and when all were held and the first came back.

    20 arrivals a second for 600 s, of whom 30 percent never pay. queue: who finds
    nothing waits in line, as before a wave; else they are gone for good.
    """
    chance = random.Random(22)
    shares = parts(UNITS, [one.share for one in waves])
    starts = dict(zip((one.after_s for one in waves), shares, strict=True))
    back: dict[int, int] = {}
    left = line = sold = 0
    all_held = first_back = -1
    unheld = UNITS
    for second in range(12 * TTL_S):
        left += starts.get(second, 0) + back.get(second, 0)
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


def test_an_open_gate_sells_out_long_before_units_come_back() -> None:
    sold, all_held, first_back = simulated([Tranche(Decimal(100), 0)], queue=False)
    assert (all_held, first_back) == (49, 600)
    assert sold == 702


def test_proposed_waves_sell_all_and_leave_no_gap() -> None:
    waves = tranches(UNITS, ttl_s=TTL_S)
    sold, all_held, first_back = simulated(waves, queue=True)
    assert sold == UNITS
    assert first_back - all_held <= 10
