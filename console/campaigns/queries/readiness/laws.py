"""What the law of each market says of a plan, with the words of its rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from console.campaigns.queries.readiness.parts import Candidate, Check
from console.campaigns.queries.readiness.past import Look, Past
from console.campaigns.queries.readiness.prices import Judged
from console.campaigns.queries.readiness.yardstick import Ruled
from console.campaigns.rules import PriceKind, on_market_from
from console.prices import rules
from console.prices.rules import Clock
from console.prices.rules.packs import (
    Facts,
    Judgement,
    Outcome,
    Pack,
    Rule,
    Ruling,
    Strictness,
    judge,
    of_sale,
    reached,
    share,
    strictest,
)

Lines = Mapping[str, Judgement]


def follow_on_days(ruled: Sequence[Ruled]) -> int:
    """How soon after the end an offer follows on by any of these laws; 0 by none."""
    asked = [pack.rule("follow_on") for pack, _ in ruled]
    return max((int(rule.parameters["days"]) for rule in asked if rule), default=0)


def checks(
    ruled: Sequence[Ruled], plan: Candidate, found: Sequence[Judged], past: Past
) -> Iterator[Check]:
    """For each law: how many reductions may be announced, and what to look at."""
    looks = _facts_of(plan, found, past)
    for law, clocks in ruled:
        lines = _judged(law, clocks, looks)
        yield from _may(law, lines)
        yield from _said(law, lines)
        yield from _of_sale(law, plan, past)
        yield from _up_to(law, plan, found, lines)


def unlawful(
    ruled: Sequence[Ruled], plan: Candidate, found: Sequence[Judged], past: Past
) -> dict[str, set[str]]:
    """By the label of each law, the SKUs whose reduction it lets nobody announce."""
    looks = _facts_of(plan, found, past)
    return {
        law.label: {
            sku
            for sku, one in _judged(law, clocks, looks).items()
            if one.claim is not None and one.blocked
        }
        for law, clocks in ruled
    }


Looks = Sequence[tuple[Clock, Mapping[str, Facts]]]


def _facts_of(plan: Candidate, found: Sequence[Judged], past: Past) -> Looks:
    """What is known of each line, by SKU, on each clock and in each channel."""
    return [
        (look.clock, {one.product.sku: _facts(one, plan, look) for one in found})
        for look in past.looks
    ]


def _judged(law: Pack, clocks: Sequence[Clock], looks: Looks) -> Lines:
    """What a law says of each line on its clocks, the strictest, by SKU.

    Equal lines are judged once.
    """
    known: dict[Facts, Judgement] = {}
    lines: dict[str, Judgement] = {}
    for clock, facts in looks:
        if clock not in clocks:
            continue
        for sku, one in facts.items():
            if one not in known:
                known[one] = judge(law, one)
            before = lines.get(sku)
            lines[sku] = strictest(before, known[one]) if before else known[one]
    return lines


def _facts(one: Judged, plan: Candidate, look: Look) -> Facts:
    """A line without its code, which no rule about lines asks for."""
    zone = look.clock.zone
    return Facts(
        "",
        one.product.sale,
        plan.currency,
        look.clock.at,
        zone,
        tuple(look.history(one.product.sku)),
        on_market_since=on_market_from(one.product.on_market_since, zone),
        perishable=one.product.perishable,
        personal=plan.price_kind == PriceKind.PERSONAL,
        conditional=plan.price_kind == PriceKind.CONDITIONAL,
        members=plan.price_kind == PriceKind.MEMBERS,
    )


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
        return ruling.doubtful
    return ruling.outcome is Outcome.OPTION or ruling.disclose


def _of_sale(law: Pack, plan: Candidate, past: Past) -> Iterator[Check]:
    """What a law looks at once a sale: the end that is advertised, offers after it."""
    facts = Facts(
        "",
        Decimal(0),
        plan.currency,
        past.clock.at,
        past.clock.zone,
        (),
        countdown=plan.countdown,
        end_moved=plan.end_moved,
        run=past.run,
        others=past.others,
    )
    for ruling in of_sale(law, facts):
        tone = "warn" if ruling.doubtful else "ok"
        yield _cited(tone, law, ruling.rule, ruling.said)


def _cited(tone: str, law: Pack, rule: Rule, said: str) -> Check:
    return Check(tone, f"{law.label}, {rule.id}: {said}", cites=rule.text)


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
