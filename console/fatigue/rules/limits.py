"""What a policy says, in plain values: thresholds, caps, and how their days count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.errors import Refusal

HALF_LIFE_DAYS = 21
AMBER = 60
RED = 100
MIN_GAP_DAYS = 7
MAX_SALES = 4
WINDOW_DAYS = 90
MIN_DEPTH_PERCENT = 20
SHARE_DAYS = 90
MESSAGE_DAYS = 7
MOST_QUIET = 50


class BadPolicy(Refusal):
    """A policy that cannot be."""

    code = "bad_policy"
    status = 422


class Counts(StrEnum):
    """How the days of a cap are counted.

    calendar: dates on the wall clock of the policy's zone.
    rolling: exact spans of 24 hours.
    """

    CALENDAR = "calendar"
    ROLLING = "rolling"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return "Calendar days" if self is Counts.CALENDAR else "Rolling 24 h"


class Enforcement(StrEnum):
    """What happens when a rule breaks."""

    BLOCK = "block"
    OVERRIDE = "override"
    WARN = "warn"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return {
            Enforcement.BLOCK: "Block",
            Enforcement.OVERRIDE: "Block, an approver can override with a reason",
            Enforcement.WARN: "Warn only",
        }[self]


@dataclass(frozen=True, slots=True)
class Quiet:
    """Days on which no sale may run, both ends included, on the policy's wall clock."""

    name: str
    first: date
    last: date

    def told(self) -> dict[str, str]:
        """JSON-safe."""
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def read(cls, told: Mapping[str, str]) -> Quiet:
        """The other way round."""
        first, last = (date.fromisoformat(told[end]) for end in ("first", "last"))
        return cls(told["name"], first, last)


@dataclass(frozen=True, slots=True)
class Limits:
    """One version of a policy, as the rules read it.

    amber, red: scores; the score with a sale may reach red, above it breaks the rule.
        Both 0: no score is kept.
    min_gap_days: rest from the close of one sale to the opening of the next; 0 is off.
    max_sales: openings in any window of window_days; 0 is off.
    max_share_percent: of the dates in any share_days, those with a sale; 0 is off.
    min_depth_percent: smallest discount worth a sale; 0 is off.
    max_messages: announcements to one audience in any message_days; 0 is off.
    email_gap_h, push_gap_h: hours between two messages of that channel, push and SMS
        being one; 0 is off.
    docs/fatigue.md explains the defaults.
    """

    half_life_days: Decimal = Decimal(HALF_LIFE_DAYS)
    amber: int = AMBER
    red: int = RED
    min_gap_days: int = MIN_GAP_DAYS
    gap_counts: Counts = Counts.CALENDAR
    max_sales: int = MAX_SALES
    window_days: int = WINDOW_DAYS
    window_counts: Counts = Counts.CALENDAR
    max_share_percent: int = 0
    share_days: int = SHARE_DAYS
    min_depth_percent: int = MIN_DEPTH_PERCENT
    occasion_required: bool = False
    quiet: tuple[Quiet, ...] = ()
    max_messages: int = 0
    message_days: int = MESSAGE_DAYS
    message_counts: Counts = Counts.CALENDAR
    email_gap_h: int = 0
    push_gap_h: int = 0
    enforcement: Enforcement = Enforcement.OVERRIDE
    zone: str = "Europe/Berlin"

    def values(self) -> dict[str, Any]:
        """Every field by name, JSON-safe, for the trail and for comparing."""
        raw = {field.name: getattr(self, field.name) for field in fields(self)}
        safe = {n: v if isinstance(v, int) else str(v) for n, v in raw.items()}
        quiet = [days.told() for days in self.quiet]
        return safe | {"half_life_days": self.half_life, "quiet": quiet}

    @property
    def compares(self) -> bool:
        """True if other sales matter to any rule."""
        of_sales = self.red or self.min_gap_days or self.max_sales
        of_dates = self.max_share_percent or self.max_messages
        return bool(of_sales or of_dates or self.email_gap_h or self.push_gap_h)

    @property
    def half_life(self) -> str:
        """The half-life in days, as short as it can be written: `21` or `6.5`."""
        return format(Decimal(self.half_life_days).normalize(), "f")


FREE = Limits(red=0, amber=0, min_gap_days=0, max_sales=0, min_depth_percent=0)
"""No rule at all."""


def of_each_sku(zone: str) -> Limits:
    """Our default for every single product: rare, and never the usual price.

    14 calendar days of rest, 2 sales in any 90 days of 24 hours, on sale on a fifth of
    90 dates at most; tiredness is scored for people and shelves, not for one product.
    """
    return Limits(
        red=0,
        amber=0,
        min_gap_days=14,
        max_sales=2,
        window_counts=Counts.ROLLING,
        max_share_percent=20,
        min_depth_percent=0,
        zone=zone,
    )


def of_everything(zone: str) -> Limits:
    """Our default for the shop as a whole: an occasion for every sale, no caps."""
    return Limits(
        red=0,
        amber=0,
        min_gap_days=0,
        max_sales=0,
        min_depth_percent=0,
        occasion_required=True,
        zone=zone,
    )


_OFF_OR_MORE = {
    "min_gap_days": "The rest is 0 (off) or more days.",
    "max_sales": "The number of sales is 0 (off) or more.",
    "max_messages": "The number of messages is 0 (off) or more.",
    "email_gap_h": "The hours between e-mails are 0 (off) or more.",
    "push_gap_h": "The hours between push messages are 0 (off) or more.",
}
_DAYS = {
    "window_days": "The window is at least 1 day.",
    "share_days": "The share counts over at least 1 day.",
    "message_days": "Messages count over at least 1 day.",
}


def check_limits(limits: Limits) -> None:
    """Refuse a policy that cannot be kept.

    Raises:
        BadPolicy: the field, and what to enter instead.
    """
    if limits.half_life_days <= 0:
        raise BadPolicy("The half-life is above 0 days.", field="half_life_days")
    if limits.red and not 0 < limits.amber <= limits.red:
        raise BadPolicy("Warn from a score no higher than the limit.", field="amber")
    for names, least in ((_OFF_OR_MORE, 0), (_DAYS, 1)):
        for name, sentence in names.items():
            if getattr(limits, name) < least:
                raise BadPolicy(sentence, field=name)
    if not 0 <= limits.min_depth_percent < 100:
        raise BadPolicy("The smallest discount is 0–99%.", field="min_depth_percent")
    if not 0 <= limits.max_share_percent <= 100:
        raise BadPolicy("The share of days is 0–100%.", field="max_share_percent")
    _check_quiet(limits.quiet)
    _check_zone(limits.zone)


def _check_quiet(quiet: tuple[Quiet, ...]) -> None:
    if len(quiet) > MOST_QUIET:
        raise BadPolicy(f"At most {MOST_QUIET} quiet periods.", field="quiet")
    for days in quiet:
        if days.last < days.first:
            raise BadPolicy(f"{days.name} ends before it begins.", field="quiet")
        if not days.name.strip():
            raise BadPolicy("Give the quiet period a name.", field="quiet")


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadPolicy(
            f"There is no time zone “{name}”. Use a name like Europe/Berlin.",
            field="zone",
        ) from error
