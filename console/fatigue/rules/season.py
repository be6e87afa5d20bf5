"""Rules on the season: quiet periods, and the occasion that justifies a sale."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from console.fatigue.rules.limits import Limits, Quiet
from console.fatigue.rules.reasons import Reason, Rule, Tone
from console.fatigue.rules.score import Sale, micro


class QuietDays:
    """No sale may run on these days, not even for a minute."""

    def __init__(self, limits: Limits, length: int) -> None:
        """length: of the sale to judge, in microseconds."""
        self._length = length
        zone = ZoneInfo(limits.zone)
        spans = [(*_span(days, zone), days) for days in limits.quiet]
        self._spans = sorted(spans, key=lambda span: span[:2])

    def clear(self, at: int) -> int | None:
        """The end of the quiet period this opening would run into, if one is."""
        for start, end, _ in self._spans:
            if start < at + self._length and at < end:
                return end
        return at

    def reason(self, at: int) -> Reason | None:
        """Nothing, unless it would run on a quiet day."""
        for start, end, days in self._spans:
            if start < at + self._length and at < end:
                text = f"{days.name} is a quiet period: no sale may run {_days(days)}"
                return Reason(Rule.QUIET, Tone.BLOCK, text, days.name, "")
        return None


def _span(days: Quiet, zone: ZoneInfo) -> tuple[int, int]:
    """From the midnight before to the midnight after, on the wall clock."""
    after = days.last + timedelta(days=1)
    midnights = [datetime(d.year, d.month, d.day, tzinfo=zone)
                 for d in (days.first, after)]  # fmt: skip
    return micro(midnights[0]), micro(midnights[1])


def _days(days: Quiet) -> str:
    first, last = (f"{d:%a} {d.day} {d:%b %Y}" for d in (days.first, days.last))
    return f"on {first}" if first == last else f"from {first} to {last}"


class Occasion:
    """A sale needs a launch, a holiday or an event; no date changes that."""

    def __init__(self, limits: Limits, sale: Sale) -> None:
        """The occasion is a fact of the sale."""
        self._needed, self._has = limits.occasion_required, sale.occasion

    def clear(self, at: int) -> int | None:
        """This opening, or none at all."""
        return at if self._has or not self._needed else None

    def reason(self, at: int) -> Reason | None:
        """The occasion, where one is needed."""
        if not self._needed:
            return None
        if self._has:
            return Reason(Rule.OCCASION, Tone.OK, "Has an occasion", self._has, "")
        text = "Every sale needs an occasion: a launch, a holiday or an event"
        return Reason(Rule.OCCASION, Tone.BLOCK, text, "none", "1")
