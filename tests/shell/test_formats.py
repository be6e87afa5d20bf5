"""Numbers, money, spans and instants as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from console.shell import formats

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OPENS = datetime(2026, 11, 27, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (9778, 0, "9,778"),
        (-1234.5, 1, "−1,234.5"),
        (0, 0, "0"),
        (None, 0, "–"),
        ("", 0, "–"),
        (float("nan"), 0, "–"),
        (Decimal("0.5"), 0, "1"),
        (-0.2, 0, "0"),
    ],
)
def test_a_number_has_commas_and_a_real_minus(
    value: float, digits: int, text: str
) -> None:
    assert formats.number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("119.000", "EUR", "€119.00"),
        ("1820072.4", "EUR", "€1,820,072"),
        ("-95.2", "EUR", "−€95.20"),
        ("1200", "JPY", "¥1,200"),
        ("12.5", "KWD", "KWD 12.500"),
        (None, "EUR", "–"),
    ],
)
def test_money_is_whole_from_ten_thousand(value: str, currency: str, text: str) -> None:
    assert formats.money(value, currency) == text


def test_money_is_rounded_in_labels_only() -> None:
    assert formats.money_short(2_600_000) == "€2.60 M"
    assert formats.money_short(84_000, "USD") == "$84 k"
    assert formats.money_short(119) == "€119.00"
    assert formats.money_short(7923) == "€7,923"


def test_a_ratio_becomes_per_cent_without_a_space() -> None:
    assert formats.percent(0.334) == "33%"
    assert formats.percent(-0.334, 1) == "−33.4%"
    assert formats.percent(None) == "–"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (0, "0 s"),
        (0.25, "250 ms"),
        (45, "45 s"),
        (240, "4 min"),
        (4800, "1 h 20 min"),
        (7200, "2 h"),
        (timedelta(days=2, hours=1, minutes=9), "2 d 1 h"),
        (-240, "−4 min"),
        (None, "–"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(span: float, text: str) -> None:
    assert formats.duration(span) == text


def test_a_countdown_is_a_clock_within_a_day() -> None:
    assert formats.countdown(timedelta(hours=1, minutes=47, seconds=36)) == "1:47:36"
    assert formats.countdown(timedelta(days=2, hours=1)) == "2 d 1 h"
    assert formats.countdown(-5) == "0:00:00"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (-2700, "T−45m"),
        (0, "T0"),
        (20, "T+20s"),
        (7200, "T+2h"),
        (-90, "T−1m30s"),
        (-5400, "T−90m"),
        (45_000, "T+12h30"),
        (-86_400, "T−1d"),
    ],
)
def test_a_step_is_told_relative_to_the_opening(span: float, text: str) -> None:
    assert formats.t_offset(span) == text


def test_a_window_names_its_day_once() -> None:
    closes = OPENS + timedelta(hours=2)
    told = formats.window(OPENS, closes, "Europe/Berlin")
    assert told == "Fri 27 Nov 2026, 20:00–22:00 CET"


def test_a_window_over_midnight_names_both_days() -> None:
    told = formats.window(OPENS, OPENS + timedelta(hours=6), "Europe/Berlin")
    assert told == "Fri 27 Nov 2026, 20:00–Sat 28 Nov 2026, 02:00 CET"


def test_the_year_is_left_out_within_it() -> None:
    assert formats.moment(OPENS, now=NOW, zone="Europe/Berlin") == "Fri 27 Nov, 20:00"
    later = OPENS + timedelta(days=365)
    assert formats.day(later, now=NOW, zone="Europe/Berlin") == "Sat 27 Nov 2027"


def test_the_same_wall_time_twice_is_told_apart_by_its_zone() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    told = formats.window(first, first + timedelta(hours=1), "Europe/Berlin")
    assert told == "Sun 25 Oct 2026, 02:30 CEST–02:30 CET"
