"""What a verdict says for itself: one line a rule, with its cause and its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from console.fatigue.rules.score import Sale


class Rule(StrEnum):
    """The rules of a policy."""

    MIN_GAP = "min_gap"
    MAX_SALES = "max_sales"
    MAX_SHARE = "max_share"
    SCORE = "score"
    LATER_SALE = "later_sale"
    MIN_DEPTH = "min_depth"
    OCCASION = "occasion"
    QUIET = "quiet"
    MESSAGES = "messages"
    MESSAGE_GAP = "message_gap"


_LEAST = frozenset({Rule.MIN_GAP, Rule.MIN_DEPTH, Rule.OCCASION, Rule.MESSAGE_GAP})


class Tone(StrEnum):
    """How a rule stands."""

    OK = "ok"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Reason:
    """How one rule judges the sale: a sentence, and `value` against `limit`.

    causes: codes of the sales behind it, the weightiest first.
    counts: how the rule's days are counted, where it counts days.
    scope: whose policy has the rule, in words; empty for the only one.
    overridable: broken, but its policy lets an approver pass over it.
    """

    rule: Rule
    tone: Tone
    text: str
    value: str
    limit: str
    causes: tuple[str, ...] = ()
    counts: str = ""
    scope: str = ""
    overridable: bool = False

    @property
    def ok(self) -> bool:
        """True unless the rule is broken."""
        return self.tone is not Tone.BLOCK

    @property
    def least(self) -> bool:
        """True if the limit is the least that passes, not the most."""
        return self.rule in _LEAST

    @property
    def cause(self) -> str:
        """The code of the sale that weighs most, or nothing."""
        return self.causes[0] if self.causes else ""


class Check(Protocol):
    """One rule, ready to judge one sale at any opening (in microseconds)."""

    def clear(self, at: int) -> int | None:
        """The first opening from `at` on that this rule may allow; `at` if it does.

        Everything before it is refused. None if no later opening can pass.
        """

    def reason(self, at: int) -> Reason | None:
        """How the rule stands at this opening; None if it has nothing to say."""


def named(sales: Iterable[Sale]) -> str:
    """Sales in words: names with their codes."""
    return ", ".join(f"{sale.name} ({sale.code})" for sale in sales)
