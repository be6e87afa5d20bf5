"""How much heavier a sale weighs for an audience that turns away from messages.

The factor multiplies the load of a new sale: 1 where nothing is known, never below 0.5
or above 2. Constants are our defaults; docs/audience.md gives the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import fmean

from console.fatigue.rules.score import Sale

LEAST, MOST = 0.5, 2.0
RECENT_DAYS = 7
"""The last week that was measured is compared with what came before it."""
BASE_DAYS = 90
FRESH_DAYS = 30
"""Up to this age a measurement counts in full."""
GONE_DAYS = 90
"""From this age on it does not count: the factor has faded to 1."""
WEIGHTS = {"unsubscribe": 0.4, "complaint": 0.3, "engagement": -0.3}
"""Powers of the ratio of each: unsubscribes that doubled alone make 2 ** 0.4 = 1.32."""
FLOORS = {"unsubscribe": 0.0005, "complaint": 0.0001, "engagement": 0.01}
"""Added to both sides of a ratio, so that one complaint in a week is no alarm."""
WORDS = {
    "unsubscribe": "unsubscribes",
    "complaint": "complaints",
    "engagement": "engagement",
}
NOTICEABLE = 0.05


@dataclass(frozen=True, slots=True)
class Measured:
    """One day: shares of messages, 0 to 1; None where nobody measured."""

    day: date
    unsubscribe: float | None = None
    complaint: float | None = None
    engagement: float | None = None


@dataclass(frozen=True)
class Strain:
    """The factor, the day of the newest measurement, and why where it matters."""

    factor: float = 1.0
    day: date | None = None
    why: str = ""


def strain(measured: Iterable[Measured], on: date) -> Strain:
    """The factor of an audience on a day, from what was measured up to then."""
    rows = sorted((m for m in measured if m.day <= on), key=lambda one: one.day)
    if not rows:
        return Strain()
    last = rows[-1].day
    split = last - timedelta(days=RECENT_DAYS)
    oldest = split - timedelta(days=BASE_DAYS)
    recent = [one for one in rows if one.day > split]
    before = [one for one in rows if oldest < one.day <= split]
    ratios = {name: _ratio(name, before, recent) for name in WEIGHTS}
    raw = 1.0
    for name, ratio in ratios.items():
        raw *= ratio ** WEIGHTS[name]
    factor = min(MOST, max(LEAST, raw ** _left(on, last)))
    if abs(factor - 1) < NOTICEABLE:
        return Strain(factor, last)
    return Strain(factor, last, _said(ratios, factor, before))


def strained(sale: Sale, by: Strain | None) -> Sale:
    """The same sale, weighing as much as its audience lets it weigh.

    The sentence names the day of the newest measurement, so that a verdict can be made
    again.
    """
    if by is None or by.day is None:
        return sale
    why = f"{by.why}, measured {by.day.day} {by.day:%b}" if by.why else ""
    return replace(sale, strain=by.factor, strained=why)


def _ratio(name: str, before: Sequence[Measured], recent: Sequence[Measured]) -> float:
    """How many times what it was; 1 where one side was not measured."""
    old, new = _values(name, before), _values(name, recent)
    if not old or not new:
        return 1.0
    floor = FLOORS[name]
    return (fmean(new) + floor) / (fmean(old) + floor)


def _values(name: str, rows: Iterable[Measured]) -> list[float]:
    found = (getattr(one, name) for one in rows)
    return [value for value in found if value is not None]


def _left(on: date, last: date) -> float:
    """What age leaves of it: 1 while fresh, then in a line down to 0."""
    age = (on - last).days
    return min(1.0, max(0.0, (GONE_DAYS - age) / (GONE_DAYS - FRESH_DAYS)))


def _said(ratios: dict[str, float], factor: float, before: Sequence[Measured]) -> str:
    """`× 1.3: unsubscribes 2.0 times what they were since Oct`."""
    heavier = factor > 1
    pulls = {name: ratio ** WEIGHTS[name] for name, ratio in ratios.items()}
    name = max(pulls, key=lambda n: pulls[n] if heavier else -pulls[n])
    since = f" since {before[0].day:%B}" if before else ""
    return f"× {factor:.1f}: {WORDS[name]} {_moved(ratios[name])}{since}"


def _moved(ratio: float) -> str:
    if 1.9 <= ratio < 2.2:
        return "doubled"
    if 0.45 < ratio <= 0.55:
        return "halved"
    percent = round(abs(ratio - 1) * 100)
    return f"{'rose' if ratio > 1 else 'fell'} by {percent}%"
