"""What a policy would do to the sales that are planned, next to the one in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from console.fatigue import calendar
from console.fatigue.calendar import Plan
from console.fatigue.rules import Judge, Limits, Panel, Sale, Scope, Tone

FREE_DAYS = 60
TYPICAL_DEPTH = 30
TYPICAL = timedelta(hours=24)
_TONES = {Tone.OK: "ok", Tone.WARN: "warn", Tone.BLOCK: "bad"}


@dataclass(frozen=True)
class Line:
    """One planned sale under the policy in force and under the one on the screen.

    settled: approved already, so it keeps the policy it was approved under.
    """

    sale: Sale
    was: Tone
    now: Tone
    text: str
    settled: bool = False

    @property
    def tone(self) -> str:
        """How the line is drawn."""
        return _TONES[self.now]

    @property
    def change(self) -> str:
        """What saving would change, in two words."""
        if self.settled or self.was is self.now:
            return ""
        if self.now is Tone.BLOCK:
            return "Newly blocked."
        return "Now allowed." if self.was is Tone.BLOCK else "Changed."


@dataclass(frozen=True)
class Preview:
    """The planned sales judged, and the days left for another one.

    free_before, free_now: of the next 60 days, those on which a typical sale (30% off
        during 24 hours) could open; None where there is no typical one.
    blocks_everything: it could not even if it were alone.
    """

    lines: Sequence[Line]
    free_before: int | None
    free_now: int | None
    blocks_everything: bool
    days: int = FREE_DAYS

    def _count(self, tone: Tone) -> int:
        return sum(line.now is tone and not line.settled for line in self.lines)

    @property
    def allowed(self) -> int:
        """Sales no rule objects to."""
        return self._count(Tone.OK)

    @property
    def warned(self) -> int:
        """Sales with a warning."""
        return self._count(Tone.WARN)

    @property
    def blocked(self) -> int:
        """Sales that break a rule."""
        return self._count(Tone.BLOCK)

    @property
    def difference(self) -> str:
        """What saving would change, in one line."""
        newly = sum(line.change == "Newly blocked." for line in self.lines)
        freed = sum(line.change == "Now allowed." for line in self.lines)
        said = [f"{newly} newly blocked"] if newly else []
        said += [f"{freed} now allowed"] if freed else []
        return ", ".join(said) or "Same verdicts as the policy in force"


def preview(scope: Scope, held: Limits, tried: Limits, *, now: datetime) -> Preview:
    """Judge what is planned in a scope by two policies.

    Each sale is judged against those that open before it, so that of two that are too
    close the later one is named.
    """
    lines = [_line(plan, held, tried) for plan in calendar.planned(scope, now)]
    days = _mornings(tried, now)
    blocks = _free([], tried, days[:1]) == 0
    if scope.each:
        return Preview(lines, None, None, blocks)
    sales = calendar.sales(scope)
    before, after = (_free(sales, limits, days) for limits in (held, tried))
    return Preview(lines, before, after, blocks)


def _line(plan: Plan, held: Limits, tried: Limits) -> Line:
    was, _ = _judged(plan, held)
    tone, text = _judged(plan, tried)
    return Line(plan.sale, was, tone, text, plan.settled)


def _judged(plan: Plan, limits: Limits) -> tuple[Tone, str]:
    panel = Panel([Judge(limits, others, sale) for sale, others in plan.cases])
    reasons = panel.reasons(plan.sale.opens_at)
    worst = next(iter(reasons), None)
    if worst is None or worst.tone is Tone.OK:
        return Tone.OK, ""
    return worst.tone, worst.text


def _mornings(limits: Limits, now: datetime) -> list[datetime]:
    """The midnights that begin the next days, from tomorrow on."""
    zone = ZoneInfo(limits.zone)
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=n) for n in range(1, FREE_DAYS + 1)]
    return [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]


def _free(sales: Sequence[Sale], limits: Limits, days: Sequence[datetime]) -> int:
    """On how many of these days a typical sale could open."""
    depth = Decimal(max(TYPICAL_DEPTH, limits.min_depth_percent)) / 100
    typical = Sale("", "", days[0], days[0] + TYPICAL, depth, occasion="any")
    judge = Judge(limits, sales, typical)
    return sum(judge.passes(at) for at in days)
