"""Wall clocks and the days they jump: the golden dates of docs/campaigns.md."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.campaigns import rules
from console.campaigns.rules import (
    EndsBeforeStart,
    TimeDoesNotExist,
    TimeIsAmbiguous,
    UnknownZone,
    YearOutOfRange,
)

BERLIN, NEW_YORK, SYDNEY = "Europe/Berlin", "America/New_York", "Australia/Sydney"


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    "zone,gap,next_valid",
    [
        (BERLIN, "2027-03-28T02:30", "2027-03-28T03:00"),
        (BERLIN, "2027-03-28T02:00", "2027-03-28T03:00"),
        (BERLIN, "2027-03-28T02:59:59", "2027-03-28T03:00"),
        (NEW_YORK, "2027-03-14T02:30", "2027-03-14T03:00"),
        (SYDNEY, "2027-10-03T02:15", "2027-10-03T03:00"),
        ("Australia/Lord_Howe", "2027-10-03T02:10", "2027-10-03T02:30"),
    ],
)
def test_a_time_in_the_gap_is_refused(zone: str, gap: str, next_valid: str) -> None:
    with pytest.raises(TimeDoesNotExist) as refused:
        rules.instant(local(gap), zone, field="closes_local")
    assert refused.value.field == "closes_local"
    assert refused.value.detail == {"next_valid": next_valid}
    assert next_valid[-5:] in refused.value.message
    rules.instant(local(next_valid), zone)


@pytest.mark.parametrize(
    "zone,fold,first,second",
    [
        (BERLIN, "2027-10-31T02:30", "2027-10-31T00:30", "2027-10-31T01:30"),
        (BERLIN, "2027-10-31T02:00", "2027-10-31T00:00", "2027-10-31T01:00"),
        (NEW_YORK, "2027-11-07T01:00", "2027-11-07T05:00", "2027-11-07T06:00"),
        (SYDNEY, "2027-04-04T02:00", "2027-04-03T15:00", "2027-04-03T16:00"),
        (NEW_YORK, "2027-11-07T01:30", "2027-11-07T05:30", "2027-11-07T06:30"),
        (SYDNEY, "2027-04-04T02:30", "2027-04-03T15:30", "2027-04-03T16:30"),
    ],
)
def test_a_time_that_comes_twice_asks(
    zone: str, fold: str, first: str, second: str
) -> None:
    with pytest.raises(TimeIsAmbiguous) as refused:
        rules.instant(local(fold), zone)
    assert refused.value.field == "fold"
    for which, expected in enumerate((first, second)):
        resolved = rules.instant(local(fold), zone, fold=which)
        assert resolved == local(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "zone,time,utc",
    [
        (NEW_YORK, "2026-11-27T00:00", "2026-11-27T05:00"),
        (BERLIN, "2026-11-27T20:00", "2026-11-27T19:00"),
        (BERLIN, "2027-03-28T01:59:59", "2027-03-28T00:59:59"),
        (BERLIN, "2027-03-28T03:00", "2027-03-28T01:00"),
        (NEW_YORK, "2027-03-14T03:00", "2027-03-14T07:00"),
        (SYDNEY, "2027-10-03T03:00", "2027-10-02T16:00"),
        (BERLIN, "2027-10-31T03:00", "2027-10-31T02:00"),
        ("America/Sao_Paulo", "2027-10-17T00:00", "2027-10-17T03:00"),
        ("Asia/Kolkata", "2027-03-28T02:30", "2027-03-27T21:00"),
        ("Asia/Kathmandu", "2027-10-31T02:30", "2027-10-30T20:45"),
    ],
)
def test_other_times_mean_one_instant(zone: str, time: str, utc: str) -> None:
    for fold in (None, 0, 1):
        resolved = rules.instant(local(time), zone, fold=fold)
        assert resolved == local(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_a_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(UnknownZone) as refused:
        rules.instant(local("2026-11-27T20:00"), zone)
    assert refused.value.field == "zone"


@pytest.mark.parametrize(
    "end", ["2026-11-27T20:00", "2026-11-27T19:59", "2027-02-27T20:00"]
)
def test_an_end_before_the_start_or_far_away_is_refused(end: str) -> None:
    with pytest.raises(EndsBeforeStart) as refused:
        rules.resolve(local("2026-11-27T20:00"), local(end), BERLIN)
    assert refused.value.field == "closes_local"


@pytest.mark.parametrize("year", [1, 1970, 2399, 9999])
def test_a_year_no_calendar_shows_is_refused_by_its_field(year: int) -> None:
    for field, name in (("opens_local", "start"), ("closes_local", "end")):
        with pytest.raises(YearOutOfRange, match=f"1971 and 2398 for the {name}") as no:
            rules.instant(local(f"{year:04}-01-01"), BERLIN, field=field)
        assert no.value.field == field


@pytest.mark.parametrize("day", ["1971-01-01T00:00", "2398-12-31T23:59"])
def test_the_years_a_calendar_shows_are_all_taken(day: str) -> None:
    assert rules.instant(local(day), BERLIN)


def test_a_window_over_the_fold_is_an_hour_longer() -> None:
    window = rules.resolve(local("2027-10-30T20:00"), local("2027-10-31T20:00"), BERLIN)
    assert (window.closes_at - window.opens_at).total_seconds() == 25 * 3600
