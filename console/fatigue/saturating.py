"""How audiences answer: measurements read in and kept, and the factor they make."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from console.audit.operations import operation, record
from console.errors import Refusal
from console.fatigue.models import Audience, Saturation
from console.fatigue.rules import Kind, Measured, Scope, Strain, strain
from console.fatigue.rules.saturation import BASE_DAYS, GONE_DAYS, RECENT_DAYS

if TYPE_CHECKING:
    from django.contrib.auth.models import User

RATES = ("unsubscribe", "complaint", "engagement")
COLUMNS = ("audience", "day", *RATES)
MOST_ROWS = 20_000
LOOK_BACK = timedelta(days=GONE_DAYS + RECENT_DAYS + BASE_DAYS)


class WrongMeasurements(Refusal):
    """A sheet of measurements with rows that cannot be; nothing was kept."""

    code = "wrong_measurements"
    status = 422


@dataclass(frozen=True)
class Told:
    """One row of a sheet: rates are shares, 0 to 1; None where not measured."""

    audience_id: int
    measured: Measured


def read(text: str, *, today: date) -> list[Told]:
    """The rows of a sheet: audience, day, and rates in per cent.

    Raises:
        WrongMeasurements: each wrong row in `detail`, or what is wrong with the sheet.
    """
    names, rows = _parsed(text)
    head = {name.strip().lower(): name for name in names}
    missing = [name for name in ("audience", "day") if name not in head]
    if missing or not any(rate in head for rate in RATES):
        raise WrongMeasurements(
            f"The first line must name the columns {', '.join(COLUMNS)}; one of the "
            "rates is enough.",
            field="file",
        )
    keys: dict[str, int] = {}
    for key, slug, name in Audience.objects.values_list("pk", "slug", "name"):
        keys |= {slug: key, name.lower(): key}
    told: list[Told] = []
    wrong: list[str] = []
    for number, row in enumerate(rows, start=2):
        cells = {name: (row.get(head.get(name, ""), "") or "") for name in COLUMNS}
        try:
            told.append(_told(cells, keys, today))
        except ValueError as why:
            wrong.append(f"Row {number}: {why}")
    _check(told, wrong)
    return told


def _parsed(text: str) -> tuple[Sequence[str], list[dict[str, str]]]:
    """The names of the columns, and every row by them."""
    try:
        reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
        return reader.fieldnames or (), list(reader)
    except csv.Error as error:
        raise WrongMeasurements(
            f"The file cannot be read as CSV: {error}. Save it again as CSV UTF-8.",
            field="file",
        ) from error


def _check(told: Sequence[Told], wrong: Sequence[str]) -> None:
    if wrong:
        raise WrongMeasurements(
            f"{len(wrong)} of {len(told) + len(wrong)} rows are wrong, so nothing was "
            "kept. Correct them and upload the sheet again.",
            field="file",
            detail={"rows": list(wrong[:50])},
        )
    if not 0 < len(told) <= MOST_ROWS:
        raise WrongMeasurements(
            f"A sheet has 1 to {MOST_ROWS:,} rows; this one has {len(told):,}.",
            field="file",
        )


def _told(cells: Mapping[str, str], keys: Mapping[str, int], today: date) -> Told:
    """The values of a row; ValueError says what is wrong with it."""
    key = keys.get(cells["audience"].strip().lower())
    if key is None:
        raise ValueError(f"there is no audience {cells['audience'][:80] or '(empty)'}.")
    try:
        day = date.fromisoformat(cells["day"].strip())
    except ValueError:
        raise ValueError(
            f"the day {cells['day'][:20] or '(empty)'} is not like 2026-11-27."
        ) from None
    if day > today:
        raise ValueError(f"the day {day} is yet to come.")
    rates = {name: _rate(name, cells[name]) for name in RATES}
    if not any(rate is not None for rate in rates.values()):
        raise ValueError("it has no rate.")
    return Told(key, Measured(day, **rates))


def _rate(name: str, text: str) -> float | None:
    text = text.strip().removesuffix("%").strip()
    if not text:
        return None
    try:
        percent = float(text)
    except ValueError:
        raise ValueError(f"the {name} rate {text[:20]} is no number.") from None
    if not 0 <= percent <= 100:
        raise ValueError(f"the {name} rate {text[:20]} is not from 0 to 100%.")
    return percent / 100


@operation()
def measure(
    told: Iterable[Told], *, source: str, actor: User | None, now: datetime
) -> int:
    """Keep measurements from now on; what is known already is left out.

    A day told again with other values counts from now on; a verdict of before keeps
    what was known then. The number of new rows.
    """
    wanted = list(told)
    days = {one.measured.day for one in wanted}
    if not days:
        return 0
    people = {one.audience_id for one in wanted}
    list(Audience.objects.filter(pk__in=people).order_by("pk").select_for_update())
    known = _known(people, min(days), max(days), now)
    new = {
        (one.audience_id, one.measured.day): one
        for one in wanted
        if known.get((one.audience_id, one.measured.day)) != one.measured
    }
    Saturation.objects.bulk_create(
        Saturation(
            audience_id=one.audience_id,
            day=one.measured.day,
            unsubscribe=one.measured.unsubscribe,
            complaint=one.measured.complaint,
            engagement=one.measured.engagement,
            source=source[:200],
            by=actor,
            at=now,
        )
        for one in new.values()
    )
    if new:
        first = Audience.objects.get(pk=min(people))
        after = {"rows": len(new), "source": source, "audiences": len(people)}
        record(actor, "fatigue.measure", first, now=now, after=after)
    return len(new)


def _known(
    people: Iterable[int], first: date, last: date, now: datetime
) -> dict[tuple[int, date], Measured]:
    """What is known at an instant of each audience and day: the newest row counts."""
    rows = Saturation.objects.filter(
        audience_id__in=people, day__gte=first, day__lte=last, at__lte=now
    )
    told = rows.order_by("at", "pk").values_list("audience_id", "day", *RATES)
    return {(key, day): Measured(day, *rates) for key, day, *rates in told}


def history(
    people: Iterable[int], at: datetime, *, days: timedelta = LOOK_BACK
) -> dict[int, list[Measured]]:
    """What was known of each audience at an instant, by day; in one query."""
    today = at.date()
    found: dict[int, list[Measured]] = {}
    for (key, _), row in sorted(_known(people, today - days, today, at).items()):
        found.setdefault(key, []).append(row)
    return found


def strains(scopes: Iterable[Scope], at: datetime) -> dict[Scope, Strain]:
    """The factor of each audience among some scopes, as known at an instant."""
    slugs = [scope.name for scope in scopes if scope.kind is Kind.AUDIENCE]
    if not slugs:
        return {}
    today = at.date()
    rows = Saturation.objects.filter(
        audience__slug__in=slugs, day__gte=today - LOOK_BACK, day__lte=today, at__lte=at
    )
    told = rows.order_by("at", "pk").values_list("audience__slug", "day", *RATES)
    known: dict[str, dict[date, Measured]] = {}
    for slug, day, *rates in told:
        known.setdefault(slug, {})[day] = Measured(day, *rates)
    return {
        Scope(Kind.AUDIENCE, slug): strain(measured.values(), today)
        for slug, measured in known.items()
    }
