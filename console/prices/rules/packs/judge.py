"""Judges one line of a sale by a pack; every ruling cites its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from console.prices.rules.claims import Claim
from console.prices.rules.history import (
    WINDOW_DAYS,
    anchor,
    price_at,
    prior_price,
    window_start,
)
from console.prices.rules.money import spell
from console.prices.rules.packs import advice
from console.prices.rules.packs.facts import Facts
from console.prices.rules.packs.pack import Pack, Rule, Strictness
from console.prices.rules.patterns import PERPETUAL_SHARE

OF_SALE = frozenset({"countdown", "follow_on", "up_to"})
"""Checks that look at a sale as a whole."""


class Outcome(StrEnum):
    """What a rule makes of a line.

    OPTION: a member state's own rule was applied. ADVICE: a person judges, with the
    evidence.
    """

    PASS = "pass"
    BLOCK = "block"
    EXEMPT = "exempt"
    OPTION = "option"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule says of a line.

    said: one sentence. evidence: plain values it rests on. disclose: something must be
    told to shoppers although nothing is refused.
    """

    rule: Rule
    outcome: Outcome
    said: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    disclose: bool = False

    @property
    def doubtful(self) -> bool:
        """True of advice that found something, and does not only say it looked."""
        on_sale = self.evidence.get("on_sale")
        often = on_sale is not None and Decimal(str(on_sale)) > PERPETUAL_SHARE
        raised = "raised_at" in self.evidence or self.evidence.get("complete") is False
        told = self.evidence.get("end_moved") or self.evidence.get("follow_ons")
        return often or raised or bool(told)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a pack says of a line: its rulings, and the reduction it allows.

    measured_at: where the window ends. claim: None where the pack measures none.
    """

    pack: Pack
    rulings: tuple[Ruling, ...]
    claim: Claim | None = None
    measured_at: datetime | None = None

    @property
    def blocked(self) -> bool:
        """True if the reduction may not be announced."""
        return any(ruling.outcome is Outcome.BLOCK for ruling in self.rulings)


def judge(pack: Pack, facts: Facts) -> Judgement:
    """Judge a line: measured where the pack measures, with advice where it advises."""
    advised = _advised(facts, pack.rules)
    rule = pack.rule("prior_price")
    if rule is None:
        return Judgement(pack, advised)
    outside = _outside(pack, facts)
    if outside:
        return Judgement(pack, (*advised, outside))
    rulings, at, prior = _measured(pack, facts, rule)
    rulings = (*_open_to_all(pack, facts), *rulings)
    return Judgement(
        pack, (*advised, *rulings), Claim(prior, facts.sale, facts.currency), at
    )


def strictest(*found: Judgement) -> Judgement:
    """Of judgements on one line by one pack: that with the lowest known prior price.

    Where the pack measures none, the one that finds most.
    """
    return min(found, key=_leniency)


def _leniency(one: Judgement) -> tuple[bool, Decimal]:
    if one.claim is None:
        return False, Decimal(-sum(ruling.doubtful for ruling in one.rulings))
    prior = one.claim.prior
    return prior is None, prior or Decimal(0)


def of_sale(pack: Pack, facts: Facts) -> tuple[Ruling, ...]:
    """What those rules say that look at a sale as a whole, and not at its lines."""
    return _advised(facts, [rule for rule in pack.rules if rule.check in OF_SALE])


def _advised(facts: Facts, rules: Iterable[Rule]) -> tuple[Ruling, ...]:
    return tuple(
        Ruling(rule, Outcome.ADVICE, *found)
        for rule in rules
        if rule.strictness is Strictness.ADVISORY
        and (found := advice.CHECKS[rule.check](rule, facts))
    )


def _outside(pack: Pack, facts: Facts) -> Ruling | None:
    rule = pack.rule("scope")
    if rule is None:
        return None
    if facts.personal:
        text = "A personal price is not measured by the 30-day low. "
        text += "Tell shoppers that the price is personal where it is set for them."
        return Ruling(rule, Outcome.EXEMPT, text, disclose=True)
    if facts.conditional:
        text = "An offer bound to a condition is not measured by the 30-day low. "
        text += "Tell shoppers the condition beside the price."
        return Ruling(rule, Outcome.EXEMPT, text, disclose=True)
    if not facts.announced:
        text = "A price change that nobody announces is not measured."
        return Ruling(rule, Outcome.EXEMPT, text)
    return None


def _open_to_all(pack: Pack, facts: Facts) -> tuple[Ruling, ...]:
    """What is said of a price for members: anybody can be one, so it is measured."""
    rule = pack.rule("scope")
    if rule is None or not facts.members:
        return ()
    text = "A price for members, or with a code anybody can get, is measured by the "
    text += "30-day low as one for everybody. Tell shoppers beside it whom it is for."
    return (Ruling(rule, Outcome.PASS, text, disclose=True),)


_Measure = tuple[tuple[Ruling, ...], datetime, Decimal | None]


def _measured(pack: Pack, facts: Facts, rule: Rule) -> _Measure:
    days = int(rule.parameters.get("days", WINDOW_DAYS))
    for check, option in _OPTIONS.items():
        chosen = pack.rule(check)
        if chosen and (found := option(chosen, facts, days)):
            why, at, prior = found
            return (why, _told(rule, facts, at, prior)), at, prior
    if young := _too_young(rule, facts, days):
        return (young,), facts.at, None
    prior = prior_price(facts.history, facts.at, facts.zone, days)
    return (_told(rule, facts, facts.at, prior),), facts.at, prior


def _told(rule: Rule, facts: Facts, at: datetime, prior: Decimal | None) -> Ruling:
    claim = Claim(prior, facts.sale, facts.currency)
    evidence = {"measured_at": at.isoformat(), "prior": str(prior)}
    if prior is None:
        text = "No price is known before the reduction, so none may be announced."
        return Ruling(rule, Outcome.BLOCK, text, evidence)
    shown = spell(prior, facts.currency)
    if not claim.percent:
        text = (
            f"{spell(facts.sale, facts.currency)} is not 1% below {shown}: no badge, "
        )
        return Ruling(rule, Outcome.BLOCK, text + "no strike-through.", evidence)
    text = f"{claim.percent}% may be announced, from {shown}."
    return Ruling(rule, Outcome.PASS, text, evidence)


def _too_young(rule: Rule, facts: Facts, days: int) -> Ruling | None:
    since = facts.on_market_since
    if since is None or since <= window_start(facts.at, facts.zone, days):
        return None
    text = f"It has been on the market for {(facts.at - since).days} days; a reduction "
    text += f"may be announced after {days}."
    return Ruling(rule, Outcome.BLOCK, text, {"since": since.isoformat()})


_Option = tuple[Ruling, datetime, Decimal | None]


def _perishable(rule: Rule, facts: Facts, _: int) -> _Option | None:
    if not facts.perishable:
        return None
    last = price_at(facts.history, facts.at)
    text = "Goods that expire rapidly are measured from the price right before."
    return Ruling(rule, Outcome.OPTION, text), facts.at, last


def _new_arrival(rule: Rule, facts: Facts, days: int) -> _Option | None:
    since, least = facts.on_market_since, int(rule.parameters["min_days"])
    if since is None or since <= window_start(facts.at, facts.zone, days):
        return None
    if since > window_start(facts.at, facts.zone, least):
        return None
    prior = prior_price(facts.history, facts.at, facts.zone, days)
    text = f"A new arrival is measured over its {(facts.at - since).days} days."
    return Ruling(rule, Outcome.OPTION, text), facts.at, prior


def _progressive(rule: Rule, facts: Facts, days: int) -> _Option | None:
    gap = timedelta(days=int(rule.parameters["gap_days"]))
    began = anchor(facts.history, facts.at, gap)
    if began >= facts.at or _lower_before(facts, began):
        return None
    longest = rule.parameters.get("campaign_max_days")
    if longest and began < window_start(facts.at, facts.zone, int(longest)):
        return None
    prior = prior_price(facts.history, began, facts.zone, days)
    day = began.astimezone(ZoneInfo(facts.zone))
    text = f"The reduction has grown since {day.day} {day:%b} without a break; it is "
    text += "measured from before its first step."
    return Ruling(rule, Outcome.OPTION, text), began, prior


def _lower_before(facts: Facts, began: datetime) -> bool:
    """A step that goes up is no step of a growing reduction."""
    steps = [
        p.amount for p in facts.history if p.sale and began <= p.from_at < facts.at
    ]
    return any(amount < facts.sale for amount in steps)


_OPTIONS: dict[str, Callable[[Rule, Facts, int], _Option | None]] = {
    "perishable": _perishable,
    "new_arrival": _new_arrival,
    "progressive": _progressive,
}
