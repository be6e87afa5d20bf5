"""May this sale open then, and if not, when: the verdict of a policy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from console.fatigue.rules.book import Book
from console.fatigue.rules.caps import Gap, Window
from console.fatigue.rules.curve import Curve
from console.fatigue.rules.limits import Enforcement, Limits
from console.fatigue.rules.messages import MessageCap, MessageGap, Messages
from console.fatigue.rules.reasons import Check, Reason, Tone
from console.fatigue.rules.score import LAST, Sale, instant, micro
from console.fatigue.rules.season import Occasion, QuietDays
from console.fatigue.rules.share import Share
from console.fatigue.rules.sku_score import SkuScore
from console.fatigue.rules.skus import Incidence, SkuWindow
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

    score: as the sale opens, its own load included. before: without it. Of several
        policies both are those of the scope nearest to its limit, which `scope` names.
    earliest: the first whole minute from the asked opening on that passes; the asked
        opening itself if it passes; None if no date can (the load alone is too high,
        the discount too small, or the occasion missing).
    overridable: blocked, but every broken rule lets an approver override it.
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
    scope: str = ""
    amber: int = 0
    red: int = 0

    @property
    def tone(self) -> Tone:
        """The worst of the reasons."""
        tones = {reason.tone for reason in self.reasons}
        return next((t for t in (Tone.BLOCK, Tone.WARN) if t in tones), Tone.OK)


class Judge:
    """A policy and the sales of its scope, ready to judge one more sale.

    Built once for a sale of this length and depth, it answers for any opening from
    `since` on: about 10,000 sales cost some milliseconds once, and some tens of
    microseconds an opening.
    """

    def __init__(
        self,
        limits: Limits,
        others: Iterable[Sale] | Book | Incidence,
        sale: Sale,
        *,
        scope: str = "",
        messages: Messages = (),
    ) -> None:
        """others: sales of the scope, past and planned, in any order.

        Of loose sales those with the code of the sale itself are passed over: it is
        being moved. messages: what the audience was or will be told besides that.
        """
        self.limits, self.scope, self._sale = limits, scope, sale
        skus = _incidence(others, sale)
        since = micro(sale.opens_at)
        length = micro(sale.closes_at) - since
        told = [*messages, *(skus.book.messages() if sale.messages else [])]
        checks: list[Check] = [
            Gap(limits, skus.book, length),
            SkuWindow(limits, skus) if skus.count > 1 else Window(limits, skus.book,
                                                                  since),
            Share(limits, skus, length),
            Depth(limits, sale),
            QuietDays(limits, length),
            Occasion(limits, sale),
            MessageCap(limits, told, sale),
            MessageGap(limits, told, sale),
        ]  # fmt: skip
        self.curve: Score | None = None
        if limits.red and skus.count > 1:
            checks.append(SkuScore(limits, skus, sale, since))
        elif limits.red:
            curve = Curve(skus.book, limits.half_life_days)
            self.curve = Score(limits, skus.book, curve, sale)
            later = Later(limits, skus.book, curve, sale, since)
            checks[2:2] = [self.curve, later]
        self.checks: Sequence[Check] = checks

    def passes(self, at: datetime) -> bool:
        """True if no rule is broken by an opening at this instant."""
        return self.clear(micro(at)) == micro(at)

    def clear(self, at: int) -> int | None:
        """The first opening from `at` on that may pass; nothing before it can."""
        for check in self.checks:
            clear = check.clear(at)
            if clear is None:
                return None
            at = clear
        return at

    def reasons(self, at: datetime) -> tuple[Reason, ...]:
        """Every rule at this opening, broken ones first."""
        said = [check.reason(micro(at)) for check in self.checks]
        return in_order(self._softened(reason) for reason in said if reason)

    def _softened(self, reason: Reason) -> Reason:
        """Where the policy only warns, a broken rule is a warning."""
        how = self.limits.enforcement
        if reason.ok:
            return replace(reason, scope=self.scope)
        tone = Tone.WARN if how is Enforcement.WARN else reason.tone
        may = how is Enforcement.OVERRIDE
        return replace(reason, tone=tone, scope=self.scope, overridable=may)


def _incidence(others: Iterable[Sale] | Book | Incidence, sale: Sale) -> Incidence:
    if isinstance(others, Incidence):
        return others
    if isinstance(others, Book):
        return Incidence.whole(others)
    return Incidence.whole(Book.of(one for one in others if one.code != sale.code))


class Panel:
    """Several policies that must all let a sale pass."""

    def __init__(self, judges: Sequence[Judge]) -> None:
        """judges: one for each policy that concerns the sale."""
        self.judges = judges

    def passes(self, at: datetime) -> bool:
        """True if no rule of any policy is broken by an opening at this instant."""
        return all(judge.passes(at) for judge in self.judges)

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
        for judge in self.judges:
            clear = judge.clear(at)
            if clear is None:
                return None
            at = clear
        return at

    def reasons(self, at: datetime) -> tuple[Reason, ...]:
        """Every rule of every policy at this opening, broken ones first."""
        return in_order(r for judge in self.judges for r in judge.reasons(at))

    def verdict(self, at: datetime) -> Verdict:
        """The answer for this opening."""
        reasons = self.reasons(at)
        broken = [reason for reason in reasons if not reason.ok]
        score, before, tiredest = self._tiredest(at)
        limits = tiredest.limits if tiredest else Limits(red=0, amber=0)
        return Verdict(
            level=level(limits, score),
            score=score,
            before=before,
            blocked=bool(broken),
            reasons=reasons,
            earliest=self.earliest(at),
            overridable=bool(broken) and all(r.overridable for r in broken),
            hint=HINT if tiredest and score > limits.amber else "",
            scope=tiredest.scope if tiredest else "",
            amber=limits.amber,
            red=limits.red,
        )

    def _tiredest(self, at: datetime) -> tuple[float, float, Judge | None]:
        """The score nearest to its limit, without this sale, and whose it is."""
        scored = [
            (judge.curve.at(micro(at)), judge.curve.load, judge)
            for judge in self.judges
            if judge.curve
        ]
        if not scored:
            return 0.0, 0.0, None
        score, load, judge = max(scored, key=lambda one: one[0] / one[2].limits.red)
        return score, score - load, judge


def in_order(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Broken rules first, then warnings."""
    order = [Tone.BLOCK, Tone.WARN, Tone.OK]
    return tuple(sorted(reasons, key=lambda reason: order.index(reason.tone)))


def verdict(limits: Limits, others: Iterable[Sale], candidate: Sale) -> Verdict:
    """Judge a sale by one policy, and find the earliest opening that passes."""
    panel = Panel([Judge(limits, others, candidate)])
    return panel.verdict(candidate.opens_at)


def level(limits: Limits, score: float) -> Level:
    """The label of a score."""
    if limits.red and score > limits.red:
        return Level.SATURATED
    return Level.ON_TARGET if score > limits.amber else Level.FRESH
