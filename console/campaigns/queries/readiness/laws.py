"""What the law of each market says of a plan, with the words of its rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from console.campaigns.queries.readiness.parts import Candidate, Check
from console.campaigns.queries.readiness.past import Past
from console.campaigns.queries.readiness.prices import Judged
from console.campaigns.rules import PriceKind, on_market_from
from console.prices import rules
from console.prices.rules import Point
from console.prices.rules.packs import (
    Facts,
    Judgement,
    Law,
    Outcome,
    Pack,
    Rule,
    Ruling,
    Strictness,
    judge,
    of_sale,
    reached,
    share,
)

LAW = Law("eu")
"""Of a shop without markets."""
Lines = Mapping[str, Judgement]


def of(plan: Candidate, at: datetime) -> list[Pack]:
    """The laws of a plan's markets, of the day it is then in the shop."""
    return [law.at(at, settings.SHOP_ZONE) for law in plan.packs or (LAW,)]


def follow_on_days(held: Sequence[Pack]) -> int:
    """How soon after the end an offer follows on by any of these laws; 0 by none."""
    asked = [one.rule("follow_on") for one in held]
    return max((int(rule.parameters["days"]) for rule in asked if rule), default=0)


def checks(
    held: Sequence[Pack], plan: Candidate, found: Sequence[Judged], past: Past
) -> Iterator[Check]:
    """For each law: how many reductions may be announced, and what to look at."""
    facts = _all_facts(plan, found, past)
    for law in held:
        lines = _judged(law, facts)
        yield from _may(law, lines)
        yield from _said(law, lines)
        yield from _of_sale(law, plan, past)
        yield from _up_to(law, plan, found, lines)


def unlawful(
    held: Sequence[Pack], plan: Candidate, found: Sequence[Judged], past: Past
) -> dict[str, set[str]]:
    """By the label of each law, the SKUs whose reduction it lets nobody announce."""
    facts = _all_facts(plan, found, past)
    return {
        law.label: {
            sku
            for sku, one in _judged(law, facts).items()
            if one.claim is not None and one.blocked
        }
        for law in held
    }


def _all_facts(
    plan: Candidate, found: Sequence[Judged], past: Past
) -> dict[str, Facts]:
    return {one.product.sku: _facts(one, plan, past) for one in found}


def _judged(law: Pack, facts: Mapping[str, Facts]) -> Lines:
    """What a law says of each line, by SKU; equal lines are judged once."""
    known: dict[Facts, Judgement] = {}
    for one in facts.values():
        if one not in known:
            known[one] = judge(law, one)
    return {sku: known[one] for sku, one in facts.items()}


def _facts(one: Judged, plan: Candidate, past: Past) -> Facts:
    """A line without its code, which no rule about lines asks for."""
    moved = past.moved.get(one.product.sku)
    return Facts(
        "",
        one.product.sale,
        plan.currency,
        past.at,
        past.zone,
        tuple(moved or _still(one)),
        on_market_since=on_market_from(one.product.on_market_since, past.zone),
        perishable=one.product.perishable,
        personal=plan.price_kind == PriceKind.PERSONAL,
        conditional=plan.price_kind == PriceKind.CONDITIONAL,
        members=plan.price_kind == PriceKind.MEMBERS,
    )


def _still(one: Judged) -> Sequence[Point]:
    """The history of a price that has not moved: the low is what it always was."""
    prior = one.prior
    return [Point(prior.from_at, prior.amount, net=prior.net)] if prior else []


def _may(law: Pack, lines: Lines) -> Iterator[Check]:
    """How many may be announced, where the law measures that at all."""
    measured = [one for one in lines.values() if one.claim is not None]
    rule = law.rule("prior_price")
    if not measured or rule is None:
        return
    good = sum(not one.blocked for one in measured)
    yield Check(
        "ok" if good == len(measured) else "warn",
        f"{law.label}: Reductions that may be announced",
        f"{good:,}",
        f"{len(measured):,}",
        cites=rule.text,
    )


def _said(law: Pack, lines: Lines) -> Iterator[Check]:
    """What a person has to look at or tell, each rule once with how many lines."""
    said: dict[str, list[Ruling]] = {}
    for one in lines.values():
        for ruling in one.rulings:
            if _matters(ruling):
                said.setdefault(ruling.rule.id, []).append(ruling)
    for found in said.values():
        more = f" ({len(found):,} products)" if len(found) > 1 else ""
        tone = "ok" if found[0].outcome is Outcome.OPTION else "warn"
        yield _cited(tone, law, found[0].rule, found[0].said + more)


def _matters(ruling: Ruling) -> bool:
    """True of an option that was applied, and of what a person must look at or tell."""
    if ruling.outcome is Outcome.ADVICE:
        return _doubtful(ruling.evidence)
    return ruling.outcome is Outcome.OPTION or ruling.disclose


def _of_sale(law: Pack, plan: Candidate, past: Past) -> Iterator[Check]:
    """What a law looks at once a sale: the end that is advertised, offers after it."""
    facts = Facts(
        "",
        Decimal(0),
        plan.currency,
        past.at,
        past.zone,
        (),
        countdown=plan.countdown,
        end_moved=plan.end_moved,
        run=past.run,
        others=past.others,
    )
    for ruling in of_sale(law, facts):
        tone = "warn" if _doubtful(ruling.evidence) else "ok"
        yield _cited(tone, law, ruling.rule, ruling.said)


def _cited(tone: str, law: Pack, rule: Rule, said: str) -> Check:
    return Check(tone, f"{law.label}, {rule.id}: {said}", cites=rule.text)


def _doubtful(evidence: Mapping[str, object]) -> bool:
    """True of advice that found something, and does not only say it looked."""
    on_sale = evidence.get("on_sale")
    often = on_sale is not None and float(str(on_sale)) > float(rules.PERPETUAL_SHARE)
    found = often or "raised_at" in evidence or evidence.get("complete") is False
    return found or bool(evidence.get("end_moved") or evidence.get("follow_ons"))


def _up_to(
    law: Pack, plan: Candidate, found: Sequence[Judged], lines: Lines
) -> Iterator[Check]:
    """Whether enough items reach what the plan says "up to" of.

    Where none but advice asks for it, an approver may pass over it.
    """
    if plan.up_to is None:
        return
    reach = reached(law, plan.up_to, lines, low_claims(found))
    rule = law.rule("up_to")
    asks = f"{law.label}, {rule.id}" if rule else law.label
    default = f"No rule of it names a share; {share(law):.0%} is our default."
    yield Check(
        "ok" if reach.enough else "bad",
        f"{asks}: “Up to {plan.up_to}%”: {reach.text}",
        f"{len(reach.reach):,}",
        f"{reach.of:,}",
        overridable=rule is None or rule.strictness is Strictness.ADVISORY,
        cites=rule.text if rule else default,
        key=f"up to {law.label}",
    )


def low_claims(found: Sequence[Judged]) -> dict[str, int]:
    """What each product may claim by its 30-day low."""
    return {
        one.product.sku: rules.claimable(one.prior.amount, one.product.sale)
        for one in found
        if one.prior
    }
