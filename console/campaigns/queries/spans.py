"""The days a calendar shows."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from console.campaigns.rules import zone_of

QUARTER_DAYS = 91


@dataclass(frozen=True)
class Span:
    """The days a calendar shows: `[first, first + days)`, in the shop's zone.

    month: the first of the month it was asked for.
    """

    kind: str
    first: date
    days: int
    zone: str
    today: date
    month: date

    @classmethod
    def of(cls, kind: str, at: date, *, zone: str, today: date) -> Span:
        """The month that holds a day, or 13 weeks from the Monday before its first."""
        first = at.replace(day=1)
        if kind == "quarter":
            monday = first - timedelta(days=first.weekday())
            return cls(kind, monday, QUARTER_DAYS, zone, today, first)
        days = monthrange(at.year, at.month)[1]
        return cls("month", first, days, zone, today, first)

    @property
    def last(self) -> date:
        """The last day shown."""
        return self.first + timedelta(days=self.days - 1)

    @property
    def title(self) -> str:
        """`November 2026`, or from when until when."""
        if self.kind == "month":
            return f"{self.first:%B %Y}"
        return f"{self.first.day} {self.first:%B} to {self.last.day} {self.last:%B %Y}"

    @property
    def before(self) -> date:
        """A day of the month, or quarter, before this one."""
        back = self.month
        for _ in range(1 if self.kind == "month" else 3):
            back = (back - timedelta(days=1)).replace(day=1)
        return back

    @property
    def after(self) -> date:
        """A day of the month, or quarter, after this one."""
        ahead = self.month
        for _ in range(1 if self.kind == "month" else 3):
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
