"""What a policy says, in plain values: thresholds, caps, and how their days count."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.errors import Refusal

HALF_LIFE_DAYS = 21
AMBER = 60
RED = 100
MIN_GAP_DAYS = 7
MAX_SALES = 4
WINDOW_DAYS = 90
MIN_DEPTH_PERCENT = 20


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
class Limits:
    """One version of a policy, as the rules read it.

    amber, red: scores; the score with a sale may reach red, above it breaks the rule.
    min_gap_days: rest from the close of one sale to the opening of the next; 0 is off.
    max_sales: openings in any window of window_days; 0 is off.
    min_depth_percent: smallest discount worth a sale; 0 is off.
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
    min_depth_percent: int = MIN_DEPTH_PERCENT
    enforcement: Enforcement = Enforcement.OVERRIDE
    zone: str = "Europe/Berlin"

    def values(self) -> dict[str, str | int]:
        """Every field by name, JSON-safe, for the trail and for comparing."""
        raw = {field.name: getattr(self, field.name) for field in fields(self)}
        values = {name: v if type(v) is int else str(v) for name, v in raw.items()}
        return values | {"half_life_days": self.half_life}

    @property
    def half_life(self) -> str:
        """The half-life in days, as short as it can be written: `21` or `6.5`."""
        return format(Decimal(self.half_life_days).normalize(), "f")


def check_limits(limits: Limits) -> None:
    """Refuse a policy that cannot be kept.

    Raises:
        BadPolicy: the field, and what to enter instead.
    """
    if limits.half_life_days <= 0:
        raise BadPolicy("The half-life is above 0 days.", field="half_life_days")
    if not 0 < limits.amber <= limits.red:
        raise BadPolicy("Warn from a score no higher than the limit.", field="amber")
    if min(limits.min_gap_days, limits.max_sales) < 0:
        raise BadPolicy("Rest and sales are 0 (off) or more.", field="min_gap_days")
    if limits.window_days < 1:
        raise BadPolicy("The window is at least 1 day.", field="window_days")
    if not 0 <= limits.min_depth_percent < 100:
        raise BadPolicy("The smallest discount is 0–99%.", field="min_depth_percent")
    _check_zone(limits.zone)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadPolicy(
            f"There is no time zone “{name}”. Use a name like Europe/Berlin.",
            field="zone",
        ) from error
