"""A window as people say it: a wall clock in a zone, resolved to instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.errors import Refusal
from console.fatigue.rules.days import YEARS

LONGEST = timedelta(days=31)
_NAMES = {
    "opens_local": "the start",
    "starts": "the start",
    "starts_at": "the start",
    "closes_local": "the end",
    "ends": "the end",
    "ends_at": "the end",
    "on": "the day",
}


class UnknownZone(Refusal):
    """No such time zone."""

    code = "unknown_zone"
    status = 422


class TimeDoesNotExist(Refusal):
    """The clocks jump over this local time."""

    code = "time_does_not_exist"
    status = 422


class TimeIsAmbiguous(Refusal):
    """The clocks show this local time twice."""

    code = "time_is_ambiguous"
    status = 422


class YearOutOfRange(Refusal):
    """No calendar shows this year."""

    code = "year_out_of_range"
    status = 422


class EndsBeforeStart(Refusal):
    """The end is not after the start, or absurdly far from it."""

    code = "ends_before_start"
    status = 422


@dataclass(frozen=True)
class Window:
    """When a sale runs: `[opens_at, closes_at)`, UTC."""

    opens_at: datetime
    closes_at: datetime


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises:
        UnknownZone: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownZone(
            f"There is no time zone “{name}”. Write it like Europe/Berlin.",
            field="zone",
        ) from None


class Folds(NamedTuple):
    """Which of two equal times is meant: 0 or 1, for the start and for the end.

    None is not said; an end of which nothing is said takes the answer of the start.
    """

    opens: int | None = None
    closes: int | None = None

    @property
    def end(self) -> int | None:
        """The answer for the end."""
        return self.opens if self.closes is None else self.closes


UNSAID = Folds()


def comes_twice(local: datetime, zone: str) -> bool:
    """Whether clocks in a zone show a local time, naive, for a second time."""
    place = zone_of(zone)
    first, second = (local.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    return first.utcoffset() != second.utcoffset() and _exists(local, place)


def instant(
    local: datetime, zone: str, *, field: str = "opens_local", fold: int | None = None
) -> datetime:
    """The instant, in UTC, at which clocks in a zone show a local time.

    local: naive. fold: 0 for the first, 1 for the second time the clocks show it.

    Raises:
        UnknownZone: no such zone.
        YearOutOfRange: no calendar shows it.
        TimeDoesNotExist: clocks jump over it; names the next time that exists.
        TimeIsAmbiguous: clocks show it twice, and nobody said which is meant.
    """
    place = zone_of(zone)
    check_year(local, field)
    first = local.replace(tzinfo=place, fold=0).astimezone(UTC)
    second = local.replace(tzinfo=place, fold=1).astimezone(UTC)
    if first == second:
        return first
    if not _exists(local, place):
        raise _gap(local, place, field)
    if fold is None:
        raise _fold(local, place, field)
    return second if fold else first


def check_year(day: date, field: str) -> None:
    """Refuse a date so far away that nothing can be reckoned around it.

    Raises:
        YearOutOfRange: naming the field.
    """
    if day.year not in YEARS:
        name = _NAMES.get(field, "the date")
        raise YearOutOfRange(
            f"Choose a year between {YEARS[0]} and {YEARS[-1]} for {name}.",
            field=field,
        )


def _gap(local: datetime, place: ZoneInfo, field: str) -> TimeDoesNotExist:
    valid = _first_valid(local, place)
    return TimeDoesNotExist(
        f"{local:%H:%M} does not exist on {local:%a} {local.day} {local:%b %Y} in "
        f"{place.key}: the clocks jump ahead. "
        f"The next time that does is {valid:%H:%M}.",
        field=field,
        detail={"next_valid": valid.isoformat(timespec="minutes")},
    )


def _first_valid(local: datetime, place: ZoneInfo) -> datetime:
    """The first wall clock time after a gap: minute by minute, for gaps are short."""
    time = local.replace(second=0, microsecond=0)
    while not _exists(time, place):
        time += timedelta(minutes=1)
    return time


def _exists(local: datetime, place: ZoneInfo) -> bool:
    there = local.replace(tzinfo=place).astimezone(UTC).astimezone(place)
    return there.replace(tzinfo=None) == local


def _fold(local: datetime, place: ZoneInfo, field: str) -> TimeIsAmbiguous:
    names = [f"{local.replace(tzinfo=place, fold=fold):%Z (UTC%z)}" for fold in (0, 1)]
    return TimeIsAmbiguous(
        f"{local:%H:%M} comes twice on {local:%a} {local.day} {local:%b %Y} in "
        f"{place.key}, first as {names[0]}, then as {names[1]}. Say which is meant.",
        field="fold",
        detail={"of": field, "names": names},
    )


def resolve(
    opens_local: datetime, closes_local: datetime, zone: str, *, folds: Folds = UNSAID
) -> Window:
    """The window that two wall clock times in a zone mean.

    Raises:
        UnknownZone, YearOutOfRange, TimeDoesNotExist, TimeIsAmbiguous: see `instant`.
        EndsBeforeStart: the end is not after the start, or over a month later.
    """
    opens_at = instant(opens_local, zone, field="opens_local", fold=folds.opens)
    closes_at = instant(closes_local, zone, field="closes_local", fold=folds.end)
    check_order(opens_at, closes_at)
    return Window(opens_at, closes_at)


def check_order(opens_at: datetime, closes_at: datetime) -> None:
    """Refuse an end that is not after the start.

    Raises:
        EndsBeforeStart: naming the end.
    """
    if closes_at <= opens_at:
        raise EndsBeforeStart(
            "The end must be after the start. Choose a later end.",
            field="closes_local",
        )
    if closes_at - opens_at > LONGEST:
        raise EndsBeforeStart(
            f"A flash sale lasts {LONGEST.days} days at most. Choose an earlier end.",
            field="closes_local",
        )


def read_day(text: str, today: date) -> date:
    """`2026-11-27`, or `2026-11` for the first of the month; else today.

    Only years a calendar can show with a year on either side.
    """
    try:
        found = date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return today
    return found if found.year in YEARS else today
