"""How a slow machine is told from a slow stack."""

from __future__ import annotations

from typing import Any

import pytest

from config.smoke.play import failures
from config.smoke.yardstick import REFERENCE_S, judged, slowness

GOOD: dict[str, Any] = {
    "state": "closed",
    "orders_accepted": 300,
    "oversold": 0,
    "relayed": 300,
    "steps": {"total": 20, "verified": 17, "reverted": 3, "failed": 0},
    "orders_on_screen": 300,
    "event_to_screen_ms_p95": 900.0,
    "machine_slowness": 1.0,
    "wall_s": 40.0,
}


def test_a_fast_machine_gets_no_stricter_limit() -> None:
    assert judged([REFERENCE_S / 4] * 3) == 1.0


def test_one_stumble_makes_no_slow_machine() -> None:
    assert judged([REFERENCE_S, REFERENCE_S, REFERENCE_S * 50]) == 1.0


def test_a_machine_three_times_slower_is_told_so() -> None:
    assert judged([REFERENCE_S * 3] * 3) == 3.0


def test_this_machine_has_a_slowness() -> None:
    assert slowness(pieces=3) >= 1.0


@pytest.mark.parametrize(
    ("p95", "slow", "holds"),
    [(999.0, 1.0, True), (1001.0, 1.0, False), (1499.0, 1.5, True), (1501, 1.5, False)],
)
def test_the_limit_of_the_screen_stretches_as_the_machine_does(
    p95: float, slow: float, holds: bool
) -> None:
    told = GOOD | {"event_to_screen_ms_p95": p95, "machine_slowness": slow}
    assert (failures(told) == []) is holds


def test_nothing_on_the_screen_does_not_hold() -> None:
    assert failures(GOOD | {"event_to_screen_ms_p95": None})


def test_no_machine_is_so_slow_that_seconds_pass() -> None:
    told = GOOD | {"machine_slowness": 8.0, "event_to_screen_ms_p95": 3_500.0}
    assert failures(told) == ["on the screen within 3.00 s at p95"]
