"""When a sale runs, on any day: a wall clock, and an offset from its opening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from console.errors import Refusal


class BadTemplate(Refusal):
    """A template that cannot be, or cannot be used so."""

    code = "bad_template"
    status = 422


@dataclass(frozen=True)
class Shape:
    """What clocks on the wall show when a sale opens, and how much later when it ends.

    Both as declared: 20:00 and T+24h is 20:00 to 20:00 on any day, also on one that has
    23 or 25 hours.
    """

    opens: time
    lasts: timedelta

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Opening and end on the wall clock, naive; neither need exist on that day."""
        opens = datetime.combine(day, self.opens)
        return opens, opens + self.lasts


def shape_of(opens_local: datetime | None, closes_local: datetime | None) -> Shape:
    """The shape of a window.

    Raises:
        BadTemplate: there is no window to take it from.
    """
    if opens_local is None or closes_local is None:
        raise BadTemplate(
            "The sale has no date, so it has no length. Give it one first.",
            field="opens_local",
        )
    return Shape(opens_local.time(), closes_local - opens_local)


def offset(lasts: timedelta) -> str:
    """`T+2h`, `T+90m`, `T+30s`."""
    seconds = int(lasts.total_seconds())
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"T+{seconds // size}{unit}"
    return f"T+{seconds}s"
