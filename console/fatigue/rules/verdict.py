"""May this sale open then, and if not, when: the verdict of a policy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from console.fatigue.rules.book import Book
from console.fatigue.rules.caps import Gap, Window
from console.fatigue.rules.curve import Curve
from console.fatigue.rules.limits import Enforcement, Limits
from console.fatigue.rules.reasons import Check, Reason, Tone
from console.fatigue.rules.score import LAST, Sale, instant, micro
from console.fatigue.rules.weights import Depth, Later, Score

MINUTE = 60_000_000
HINT = "Give a gift or early access instead of a lower price."


class Level(StrEnum):
    """An audience as people speak of it, with this sale added.

    fresh: up to the amber score. on_target: up to the red one. saturated: above it.
    """

    FRESH = "fresh"
    ON_TARGET = "on_target"
    SATURATED = "saturated"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, with every reason.

    score: as the sale opens, its own load included. before: without it.
    earliest: the first whole minute from the asked opening on that passes; the asked
        opening itself if it passes; None if no date can (the load alone is too high, or
        the discount too small).
    overridable: blocked, but the policy lets an approver override.
    hint: what to do instead of a lower price, when the score is above amber.
    """

    level: Level
    score: float
    before: float
    blocked: bool
    reasons: tuple[Reason, ...]
    earliest: datetime | None
    overridable: bool = False
    hint: str = ""

    @property
    def tone(self) -> Tone:
        """The worst of the reasons."""
        tones = {reason.tone for reason in self.reasons}
        return next((t for t in (Tone.BLOCK, Tone.WARN) if t in tones), Tone.OK)


class Judge:
    """A policy and the sales of its audience, ready to judge one more sale.

    Built once for a sale of this length and depth, it answers for any opening from
    `since` on: about 10,000 sales cost some tens of milliseconds once, and a few
    microseconds an opening.
    """

    def __init__(self, limits: Limits, others: Iterable[Sale], sale: Sale) -> None:
        """others: sales of the audience, past and planned, in any order.

        Those with the code of the sale itself are passed over: it is being moved.
        """
        rivals = (other for other in others if other.code != sale.code)
        book = Book(rivals)
        since = micro(sale.opens_at)
        length = micro(sale.closes_at) - since
        self._limits = limits
        curve = Curve(book, limits.half_life_days)
        self.score = Score(limits, book, curve, sale)
        self.checks: Sequence[Check] = (
            Gap(limits, book, length),
            Window(limits, book, since),
            self.score,
            Later(limits, book, curve, sale, since),
            Depth(limits, sale),
        )

    def passes(self, at: datetime) -> bool:
        """True if no rule is broken by an opening at this instant."""
        asked = micro(at)
        return all(check.clear(asked) == asked for check in self.checks)

    def earliest(self, since: datetime) -> datetime | None:
        """The first opening from `since` on that passes; whole minutes after `since`.

        Exact: each rule names the end of the stretch it refuses, and nothing inside
        such a stretch can pass, so the search only skips refused openings.
        """
        at = micro(since)
        while True:
            clear = self._clear(at)
            if clear is None or clear > micro(LAST):
                return None
            if clear == at:
                return instant(at)
            at = -(-clear // MINUTE) * MINUTE

    def _clear(self, at: int) -> int | None:
        for check in self.checks:
            clear = check.clear(at)
            if clear is None:
                return None
            at = clear
        return at

    def reasons(self, at: datetime) -> tuple[Reason, ...]:
        """Every rule at this opening, broken ones first."""
        said = [check.reason(micro(at)) for check in self.checks]
        found = [self._softened(reason) for reason in said if reason]
        order = [Tone.BLOCK, Tone.WARN, Tone.OK]
        return tuple(sorted(found, key=lambda reason: order.index(reason.tone)))

    def _softened(self, reason: Reason) -> Reason:
        """Where the policy only warns, a broken rule is a warning."""
        if reason.ok or self._limits.enforcement is not Enforcement.WARN:
            return reason
        return Reason(
            reason.rule,
            Tone.WARN,
            reason.text,
            reason.value,
            reason.limit,
            reason.causes,
            reason.counts,
        )


def verdict(limits: Limits, others: Iterable[Sale], candidate: Sale) -> Verdict:
    """Judge a sale at its opening, and find the earliest opening that passes."""
    judge = Judge(limits, others, candidate)
    at = candidate.opens_at
    reasons = judge.reasons(at)
    score = judge.score.at(micro(at))
    blocked = any(not reason.ok for reason in reasons)
    return Verdict(
        level=level(limits, score),
        score=score,
        before=score - judge.score.load,
        blocked=blocked,
        reasons=reasons,
        earliest=judge.earliest(at),
        overridable=blocked and limits.enforcement is Enforcement.OVERRIDE,
        hint=HINT if score > limits.amber else "",
    )


def level(limits: Limits, score: float) -> Level:
    """The label of a score."""
    if score > limits.red:
        return Level.SATURATED
    return Level.ON_TARGET if score > limits.amber else Level.FRESH


def heat(limits: Limits, sales: Iterable[Sale], first: date, days: int) -> list[float]:
    """The highest score of each day, by the wall clock of the policy's zone."""
    curve = Curve(Book(sales), limits.half_life_days)
    edges = [_midnight(first + timedelta(days=n), limits.zone) for n in range(days + 1)]
    peaks = curve.peaks(edges[0])
    scores = [curve.at(edge) for edge in edges[:-1]]
    day = 0
    for at, score in peaks:
        while day < days and at >= edges[day + 1]:
            day += 1
        if day == days:
            break
        scores[day] = max(scores[day], score)
    return scores


def _midnight(day: date, zone: str) -> int:
    return micro(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))


def bucket(limits: Limits, score: float) -> int:
    """How hot a calendar cell is, 0 to 4: fifths of the red score, 4 from there on."""
    return max(0, min(4, int(4 * score / limits.red)))
