"""Where a sale happens, and when in each market: arithmetic without a database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from console.campaigns.rules import (
    EndsBeforeStart,
    MarketsDiffer,
    MarketsOverlap,
    Place,
    StartMode,
    TimeDoesNotExist,
    TimeIsAmbiguous,
    UnknownZone,
    check_currency,
    check_partition,
    envelope,
    multirange,
    openings,
)
from console.campaigns.rules.countries import UnknownCountry, countries

ZONES = {
    "DE": "Europe/Berlin",
    "UK": "Europe/London",
    "US": "America/New_York",
    "IN": "Asia/Kolkata",
    "AU": "Australia/Sydney",
}
FIVE = [
    Place(n, code, code, zone, "EUR") for n, (code, zone) in enumerate(ZONES.items(), 1)
]
MIDNIGHT, NEXT = (datetime.fromisoformat(f"2026-11-{day}") for day in (27, 28))


def opens(
    mode: StartMode, at: str = "2026-11-27", until: str = "2026-11-28"
) -> list[str]:
    start, end = (datetime.fromisoformat(day) for day in (at, until))
    found = openings(start, end, "Europe/Berlin", FIVE, mode=mode)
    return [f"{one.place.code} {one.window.opens_at:%d %H:%M}" for one in found]


def test_one_instant_opens_five_markets_together() -> None:
    assert opens(StartMode.INSTANT) == [f"{code} 26 23:00" for code in ZONES]


def test_rolling_midnight_opens_each_market_by_its_own_clock() -> None:
    assert opens(StartMode.ROLLING) == [
        "DE 26 23:00",
        "UK 27 00:00",
        "US 27 05:00",
        "IN 26 18:30",
        "AU 26 13:00",
    ]


def test_the_whole_sale_lasts_from_the_first_opening_to_the_last_close() -> None:
    found = openings(MIDNIGHT, NEXT, "UTC", FIVE, mode=StartMode.ROLLING)
    whole = envelope(found)
    assert whole.opens_at == datetime(2026, 11, 26, 13, tzinfo=UTC)
    assert whole.closes_at == datetime(2026, 11, 28, 5, tzinfo=UTC)


def test_a_gap_in_one_market_refuses_the_start_and_names_the_zone() -> None:
    with pytest.raises(TimeDoesNotExist, match="Europe/Berlin"):
        opens(StartMode.ROLLING, "2027-03-28T02:30", "2027-03-29")


def test_a_fold_in_one_market_is_asked_about() -> None:
    with pytest.raises(TimeIsAmbiguous, match="America/New_York"):
        opens(StartMode.ROLLING, "2027-11-07T01:30", "2027-11-08")


def test_a_zone_that_does_not_exist_is_refused() -> None:
    mars = [Place(1, "MA", "Mars", "Mars/Olympus", "EUR")]
    with pytest.raises(UnknownZone, match="Mars/Olympus"):
        openings(MIDNIGHT, NEXT, "UTC", mars, mode=StartMode.ROLLING)
    with pytest.raises(UnknownZone):
        openings(MIDNIGHT, NEXT, "Mars/Olympus", [])


def test_an_end_before_the_start_is_refused_in_either_mode() -> None:
    for mode in StartMode:
        with pytest.raises(EndsBeforeStart):
            opens(mode, "2026-11-28", "2026-11-27")


def test_a_country_belongs_to_one_market() -> None:
    taken = {"DE": "DACH", "FR": "FR"}
    assert check_partition("DACH", ["de", " AT", "AT"], taken) == ["AT", "DE"]
    with pytest.raises(MarketsOverlap, match="FR belongs to FR"):
        check_partition("DACH", ["DE", "FR"], taken)
    with pytest.raises(MarketsOverlap, match="at least one"):
        check_partition("DACH", [" "], taken)
    with pytest.raises(UnknownCountry, match="XX is not a country"):
        check_partition("DACH", ["XX"], taken)


def test_the_countries_are_those_of_the_standard() -> None:
    assert countries()["FI"] == "Finland"
    assert len(countries()) > 240


def test_one_campaign_has_one_currency() -> None:
    check_currency("EUR", FIVE)
    with pytest.raises(MarketsDiffer, match="US sells in USD"):
        check_currency("EUR", [Place(1, "US", "US", "UTC", "USD")])


def test_places_are_numbers_that_no_two_share() -> None:
    assert multirange([0], []) == "{[0,1)}"
    assert multirange([0, 1], [2, 3]) == "{[2,3),[3,4),[4098,4099),[4099,4100)}"
