"""The part of a draft's window that stays as it is while its day is being chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from console.campaigns import rules
from console.campaigns.models import Campaign
from console.campaigns.queries.places import places_of
from console.campaigns.rules import Place, StartMode
from console.errors import Refusal

OPENS = time(20)
LASTS = timedelta(hours=2)
"""When a draft without a date would start, and for how long."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Shape:
    """What of a window does not change from day to day: its clock and its length.

    lasts: on the wall clock, so a sale over a change of clocks keeps its end. places:
    the markets of a sale that opens at the same local time in each.
    """

    opens: time
    lasts: timedelta
    zone: str
    folds: rules.Folds = rules.UNSAID
    places: Sequence[Place] = ()

    def window(self, day: date) -> rules.Window:
        """The window that begins on this day, from the first opening to the last close.

        Raises:
            TimeDoesNotExist, TimeIsAmbiguous, EndsBeforeStart: see rules.resolve.
        """
        local = datetime.combine(day, self.opens)
        mode = StartMode.ROLLING if self.places else StartMode.INSTANT
        found = rules.openings(
            local,
            local + self.lasts,
            self.zone,
            self.places,
            mode=mode,
            folds=self.folds,
        )
        return rules.envelope(found)

    def day_from(self, at: datetime, *, after: date) -> date:
        """The first day after another that opens at an instant or later.

        It may be one whose time the clocks do not show once.
        """
        near = at.astimezone(rules.zone_of(self.zone)).date() - DAY
        day = max(after + DAY, near)
        while self._opens_before(day, at):
            day += DAY
        return day

    def _opens_before(self, day: date, at: datetime) -> bool:
        try:
            return self.window(day).opens_at < at
        except Refusal:
            return False


def shape_of(campaign: Campaign, lasts: timedelta | None = None) -> Shape:
    """The clock and the length of a plan; ours where it has no date yet."""
    opens, closes = campaign.opens_local, campaign.closes_local
    rolling = campaign.start_mode == StartMode.ROLLING
    there = places_of(campaign) if rolling else []
    if opens is None or closes is None:
        return Shape(OPENS, lasts or LASTS, campaign.zone, places=there)
    length = lasts or closes - opens
    return Shape(opens.time(), length, campaign.zone, campaign.folds, there)
