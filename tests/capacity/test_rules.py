"""Golden vectors of the formulas, and the edges around them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.capacity import rules
from console.capacity.rules import Bucket, Demand

T0 = datetime(2026, 11, 27, 19, tzinfo=UTC)


def test_peak_requests() -> None:
    assert rules.peak_rps(200_000, 0.15, 12) == 6_000
    assert Demand(200_000).peak_rps == 6_000


def test_demand_from_a_peak_of_orders() -> None:
    demand = Demand.from_orders(900, conversion=0.03)
    assert demand.visitors == 200_000
    assert demand.orders_per_s == 15


def test_little() -> None:
    assert rules.in_flight(5_000, 0.080) == 400


def test_instances_at_rho_only() -> None:
    assert rules.instances(5_000, 625, headroom=1, spare=0) == 12


def test_instances_with_our_defaults() -> None:
    assert rules.instances(5_000, 625) == 20


def test_instances_are_not_rounded_up_by_float_noise() -> None:
    # 0.7 * 1.5 as floats is 1.0499999999999998; exactly ten machines are needed.
    assert rules.instances(7, 1, rho=0.7, headroom=1, spare=0) == 10


@given(st.floats(0, 1e6), st.floats(0.1, 1e4))
def test_instances_carry_the_peak_and_not_one_is_idle(rps: float, each: float) -> None:
    needed = rules.instances(rps, each, spare=0)
    wanted, usable = rps * 1.5, each * 0.7
    assert needed * usable >= wanted * (1 - 1e-9)
    assert (needed - 1) * usable < wanted * (1 + 1e-9) or needed == 0


def test_connections() -> None:
    assert rules.connections(20, 4, 5) == 400


def test_too_many_connections_block_and_name_the_service() -> None:
    rules.check_connections("Checkout", 400, limit=500, reserve=100)
    with pytest.raises(rules.TooManyConnections, match="Checkout could open 400"):
        rules.check_connections("Checkout", 400, limit=320, reserve=20)


def test_a_floor_above_the_maximum_is_refused() -> None:
    rules.check_maximum("Web", 20, 20)
    with pytest.raises(rules.FloorAboveMaximum, match="21 instances and may have 20"):
        rules.check_maximum("Web", 21, 20)


def test_waiting_room() -> None:
    room = rules.waiting_room(4_000, 5)
    assert (room.active, room.per_minute) == (3_000, 600)
    assert room.minutes_for(30_000) == 50


@pytest.mark.parametrize(
    "plan,seconds", [("free", 2_100), ("pro", 35), ("business", 15), ("enterprise", 0)]
)
def test_purge_time_by_account(plan: str, seconds: float) -> None:
    assert rules.purge_s(20_000, rules.CLOUDFLARE_PURGE[plan]) == seconds


def test_purge_time_by_url() -> None:
    by_url = rules.purge_s(20_000, Bucket(1_500), per_call=1)
    assert round(by_url, 1) == 13.3


def test_price_push_time() -> None:
    assert rules.calls(20_000, 1_000) == 20
    assert rules.calls(20_000, 400) == 50
    assert Bucket(500 / 300).seconds_for(20_000) / 60 == pytest.approx(200)


def test_latest_safe_start() -> None:
    start = rules.latest_safe_start(
        T0, lead_s=600, successors_s=900, margin=timedelta(minutes=5)
    )
    assert T0 - start == timedelta(minutes=30)


@pytest.mark.parametrize(
    "units,hours,special", [(1_001, 2, True), (1_000, 2, False), (5_000, 3, False)]
)
def test_special_prep(units: int, hours: float, special: bool) -> None:
    assert rules.needs_special_prep(units, 100, hours=hours) is special


def test_arrivals_peak_at_the_opening_and_trickle_outside() -> None:
    at = [
        rules.arrivals_per_s(20, after_s=s, length_s=7200) for s in (-1, 0, 600, 7201)
    ]
    assert at[1] == 20
    assert at[0] < 1 < at[2] < at[1]
    assert at[3] < 1


@pytest.mark.parametrize(
    "measured,planned", [([], 60), ([300, 300], 60), ([10] * 20, 60), ([90] * 3, 90)]
)
def test_lead_time_is_the_longer_of_assumed_and_seen(
    measured: list[float], planned: float
) -> None:
    assert rules.lead_s(60, measured) == planned


def test_lead_time_leaves_out_the_slowest_in_twenty() -> None:
    assert rules.lead_s(60, [100.0] * 19 + [900.0]) == 100


def test_cool_off_is_a_quarter_of_the_sale_at_most_half_an_hour() -> None:
    assert rules.cool_off(timedelta(minutes=20)) == timedelta(minutes=5)
    assert rules.cool_off(timedelta(hours=9)) == timedelta(minutes=30)
