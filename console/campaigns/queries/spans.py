"""The days a calendar shows."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from console.campaigns.rules import zone_of

QUARTER_DAYS = 91
MONTHS = {"month": 1, "quarter": 3, "year": 12}
KINDS = tuple(MONTHS)


@dataclass(frozen=True)
class Span:
    """The days a calendar shows: `[first, first + days)`, in the shop's zone.

    month: the first of the month it begins with. asked: that of the day it was asked
    for, to which a narrower view returns.
    """

    kind: str
    first: date
    days: int
    zone: str
    today: date
    month: date
    asked: date

    @classmethod
    def of(cls, kind: str, at: date, *, zone: str, today: date) -> Span:
        """The month that holds a day, or weeks from the Monday before its first.

        A quarter is 13 weeks; a year begins with January and is whole weeks.
        """
        first = at.replace(day=1)
        if kind == "year":
            january = at.replace(month=1, day=1)
            monday = _monday(january)
            weeks = -(-(january.replace(year=at.year + 1) - monday).days // 7)
            return cls(kind, monday, 7 * weeks, zone, today, january, first)
        if kind == "quarter":
            return cls(kind, _monday(first), QUARTER_DAYS, zone, today, first, first)
        days = monthrange(at.year, at.month)[1]
        return cls("month", first, days, zone, today, first, first)

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.first + timedelta(days=self.days - 1)

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """From the first midnight shown to the one after the last day."""
        zone, after = zone_of(self.zone), self.last + timedelta(days=1)
        return (
            datetime.combine(self.first, time(), zone),
            datetime.combine(after, time(), zone),
        )

    @property
    def title(self) -> str:
        """`November 2026`, the year, or from when until when."""
        if self.kind == "month":
            return f"{self.first:%B %Y}"
        if self.kind == "year":
            return f"{self.month:%Y}"
        year = "" if self.first.year == self.last.year else f" {self.first:%Y}"
        begins = f"{self.first.day} {self.first:%B}{year}"
        return f"{begins} to {self.last.day} {self.last:%B %Y}"

    @property
    def before(self) -> date:
        """A day of the month, quarter or year before this one."""
        back = self.month
        for _ in range(MONTHS[self.kind]):
            back = (back - timedelta(days=1)).replace(day=1)
        return back

    @property
    def after(self) -> date:
        """A day of the month, quarter or year after this one."""
        ahead = self.month
        for _ in range(MONTHS[self.kind]):
            ahead = (ahead + timedelta(days=31)).replace(day=1)
        return ahead

    def column(self, day: date) -> int:
        """The column of a day, from 1."""
        return (day - self.first).days + 1

    def local(self, at: datetime) -> date:
        """The day of an instant on the shop's clock."""
        return at.astimezone(zone_of(self.zone)).date()

    def has(self, day: date) -> bool:
        """True if the day is shown."""
        return self.first <= day <= self.last


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
