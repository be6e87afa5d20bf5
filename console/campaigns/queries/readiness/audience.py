"""What the contact history says about a plan's announcements: how many may be told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console.campaigns.queries.judging import Case
from console.campaigns.queries.readiness.parts import Candidate, Check, Section
from console.campaigns.rules import Told
from console.fatigue.contacts import eligible
from console.fatigue.contacts.eligible import Eligible, History
from console.fatigue.contacts.reading import EPOCH, day_number
from console.fatigue.rules import Kind, Limits
from console.fatigue.rules.contacts import Ask, ask

FEW = 0.5
"""Below this share the plan is warned, and told the first day with as many."""
UNKNOWN = "Who was told before is unknown: how many may be told cannot be said"


@dataclass(frozen=True)
class Reach:
    """One announcement: how many may be told; None is unknown, never zero or all.

    from_day: the first day on which half may be told, where fewer may.
    """

    told: Told
    at: datetime
    found: Eligible | None
    from_day: date | None = None

    @property
    def few(self) -> bool:
        """True if fewer than half may be told."""
        return self.found is not None and self.found.share < FEW

    @property
    def said(self) -> str:
        """`8.2 M of 10 M`."""
        if self.found is None:
            return "unknown how many"
        count, known = short(self.found.count), short(self.found.known)
        return f"{count} of {known}"


def reaches(
    told: Sequence[Told],
    window: tuple[datetime, datetime],
    limits: Limits,
    slug: str,
    *,
    slow: bool = False,
) -> list[Reach] | None:
    """How far each announcement may go; None if the audience's history is unknown."""
    known = eligible.history(slug)
    if known is None:
        return None
    return [_reach(known, one, one.at(*window), limits, slow) for one in told]


def _reach(
    known: History, told: Told, at: datetime, limits: Limits, slow: bool
) -> Reach:
    day = day_number(at.astimezone(ZoneInfo(limits.zone)).date())
    one = ask(limits, told.medium.channel, day)
    found = eligible.eligible(known, one, slow=slow)
    few = found is not None and found.share < FEW
    return Reach(told, at, found, _from_day(known, one, slow) if few else None)


def _from_day(known: History, one: Ask, slow: bool) -> date | None:
    first = eligible.first(known, one, share=FEW, slow=slow)
    return None if first is None else date.fromordinal(first + EPOCH)


def section(plan: Candidate, case: Case | None) -> Section | None:
    """The section on who hears of a sale; None where nobody is told, or no date is."""
    if not plan.touch.told or case is None:
        return None
    assert plan.opens_at and plan.closes_at
    scope = next((s for s in case.policies if s.kind is Kind.AUDIENCE), None)
    if scope is None:
        return None
    found = reaches(
        plan.touch.told,
        (plan.opens_at, plan.closes_at),
        case.policies[scope].limits(),
        scope.name,
    )
    checks = tuple(_checks(found))
    word = "Unknown" if found is None else f"{len(found)} announced"
    return Section("audience", "Who may be told", word, checks)


def _checks(found: Sequence[Reach] | None) -> Iterator[Check]:
    if found is None:
        yield Check("warn", UNKNOWN)
        return
    for one in found:
        text = f"{one.told.medium.label} at {one.told.when}: {one.said} may be told"
        if one.found is None:
            yield Check("warn", text)
            continue
        if one.from_day:
            text += f"; half of them from {one.from_day.day} {one.from_day:%b}"
        text += f", contacts of {age(one.found.as_of, plan_at=one.at)}"
        yield Check("warn" if one.few else "ok", text, f"{one.found.share:.0%}")


def age(as_of: datetime, *, plan_at: datetime) -> str:
    """When the history was told: `24 Nov`, with the year if it is another."""
    year = "" if as_of.year == plan_at.year else f" {as_of.year}"
    return f"{as_of.day} {as_of:%b}{year}"


def short(count: int) -> str:
    """`8.2 M`, `12.4 k`, `640`."""
    for size, unit in ((1_000_000, "M"), (10_000, "k")):
        if count >= size:
            value = count / (1_000 if unit == "k" else size)
            return f"{value:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count:,}"
