"""How the smoke test tells the way from order to screen."""

from __future__ import annotations

import pytest

from config.smoke.watch import delays_ms, percentile


def test_an_order_is_on_the_screen_with_the_first_frame_that_counts_it() -> None:
    arrivals = [(10.0, 0), (10.5, 2), (11.0, 3)]
    found = delays_ms([10.4, 10.1, 10.75], arrivals)
    assert found == pytest.approx([400.0, 100.0, 250.0])


def test_an_order_that_never_came_is_left_out() -> None:
    assert delays_ms([1.0, 2.0], [(1.5, 1)]) == [500.0]


def test_nothing_seen_has_no_percentile() -> None:
    assert percentile([], 0.95) is None


def test_the_percentile_is_one_of_the_values() -> None:
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 96.0
