"""What the law of each market, and the price history, say about a plan's claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from console.campaigns.queries import runs
from console.campaigns.queries.readiness.parts import (
    Candidate,
    Check,
    Product,
    Section,
    counted,
    ordered,
)
from console.campaigns.queries.readiness.prices import Judged
from console.campaigns.rules import PriceKind
from console.prices import queries as prices
from console.prices import rules
from console.prices.rules import Point, Run
from console.prices.rules.packs import Facts, Judgement, Outcome, Pack, judge, pack

LAW = "eu"
"""Of a shop without markets."""


@dataclass(frozen=True)
class Past:
    """What is known of a plan's products when it opens.

    moved: the histories of those whose price moved. others: sales close by.
    """

    at: datetime
    zone: str
    currency: str
    moved: Mapping[str, Sequence[Point]]
    run: Run
    others: Sequence[Run]


def section(plan: Candidate, found: Sequence[Judged]) -> Iterator[Section]:
    """The claims section, once the plan has a date."""
    if plan.opens_at is None or plan.closes_at is None:
        return
    past = _past(plan, found, plan.opens_at, plan.closes_at)
    checks = ordered(
        [
            *_packs(plan, found, past),
            *_raised(past),
            *_endless(past),
            *_follow_ons(past),
            *([] if plan.outside else _up_to(found)),
        ]
    )
    yield Section("claims", "Claims", counted(checks, "Lawful"), checks)


def _past(
    plan: Candidate, found: Sequence[Judged], opens_at: datetime, closes_at: datetime
) -> Past:
    products = [one.product for one in found]
    moved = prices.moved(
        [product.sku for product in products], opens_at, currency=plan.currency
    )
    near = runs.near(
        plan.code,
        [product.sku_id for product in products],
        currency=plan.currency,
        opens_at=opens_at,
        closes_at=closes_at,
    )
    depths = {product.sku: _depth(product) for product in products}
    run = Run(plan.code, plan.name, opens_at, closes_at, depths)
    return Past(opens_at, settings.SHOP_ZONE, plan.currency, moved, run, near)


def _depth(product: Product) -> int:
    return int(100 * (1 - product.sale / product.regular))


def _packs(plan: Candidate, found: Sequence[Judged], past: Past) -> Iterator[Check]:
    """For each law: how many reductions may be announced, and what to look at."""
    day = past.at.date()
    for name in plan.packs or (LAW,):
        law = pack(name, on=day)
        judged = [judge(law, _facts(one, plan, past)) for one in found]
        yield from _may(law, judged)
        yield from _advice(law, judged)


def _facts(one: Judged, plan: Candidate, past: Past) -> Facts:
    sku = one.product.sku
    return Facts(
        sku,
        one.product.sale,
        plan.currency,
        past.at,
        past.zone,
        past.moved.get(sku) or _still(one),
        personal=plan.price_kind == PriceKind.PERSONAL,
        conditional=plan.price_kind == PriceKind.CONDITIONAL,
    )


def _still(one: Judged) -> Sequence[Point]:
    """The history of a price that has not moved: the low is what it always was."""
    prior = one.prior
    return [Point(prior.from_at, prior.amount)] if prior else []


def _may(law: Pack, judged: Sequence[Judgement]) -> Iterator[Check]:
    """How many may be announced, where the law measures that at all."""
    measured = [one for one in judged if one.claim is not None]
    if not measured:
        return
    good = sum(not one.blocked for one in measured)
    text = "Reductions that may be announced"
    tone = "ok" if good == len(measured) else "warn"
    yield Check(tone, f"{law.title}: {text}", f"{good:,}", f"{len(measured):,}")


def _advice(law: Pack, judged: Sequence[Judgement]) -> Iterator[Check]:
    """What a person has to look at or tell, each rule once with how many lines."""
    said: dict[str, list[str]] = {}
    for one in judged:
        for ruling in one.rulings:
            doubt = ruling.outcome is Outcome.ADVICE and _doubtful(ruling.evidence)
            if doubt or ruling.disclose:
                said.setdefault(ruling.rule.id, []).append(ruling.said)
    for rule, texts in said.items():
        more = f" ({len(texts):,} products)" if len(texts) > 1 else ""
        yield Check("warn", f"{law.title}, {rule}: {texts[0]}{more}")


def _doubtful(evidence: Mapping[str, object]) -> bool:
    """True of advice that found something, and does not only say it looked."""
    share = evidence.get("on_sale")
    often = share is not None and float(str(share)) > float(rules.PERPETUAL_SHARE)
    return often or "raised_at" in evidence or evidence.get("complete") is False


def _raised(past: Past) -> Iterator[Check]:
    hits = [
        f"{sku}: {found.told(past.currency)}"
        for sku, points in past.moved.items()
        if (found := rules.raised(points, past.at, past.zone))
    ]
    if hits:
        yield Check("warn", hits[0], f"{len(hits):,}", f"{len(past.run.depths):,}")


def _endless(past: Past) -> Iterator[Check]:
    """SKUs that were on sale for most of the last 90 days."""
    shares = {
        sku: share
        for sku, points in past.moved.items()
        if (share := rules.perpetual(points, past.at, past.zone))
    }
    if shares:
        worst = max(shares, key=lambda sku: shares[sku])
        text = f"{worst} was on sale {shares[worst]:.0%} of the 90 days before"
        yield Check("warn", text, f"{len(shares):,}", f"{len(past.run.depths):,}")


def _follow_ons(past: Past) -> Iterator[Check]:
    """Offers that go on right after this one ends, or that this one goes on with."""
    for after in rules.follow_ons(past.run, past.others):
        yield Check("warn", after.text)
    for other in past.others:
        for ours in rules.follow_ons(other, [past.run]):
            text = f"{ours.run.name} offers as much off {len(ours.skus):,} SKUs"
            yield Check("warn", f"{text} {ours.days} days after {other.name} ends, so "
                        "that end was not real")  # fmt: skip


def _up_to(found: Sequence[Judged]) -> Iterator[Check]:
    """The highest “up to” that enough products reach."""
    claims = {
        one.product.sku: rules.claimable(one.prior.amount, one.product.sale)
        for one in found
        if one.prior
    }
    deepest = max(claims.values(), default=0)
    if not deepest:
        return
    best = rules.up_to(claims, deepest).best
    text = f"“Up to {best}%” may be said"
    if best < deepest:
        text += f", not {deepest}%: too few products reach that"
    yield Check("ok", text)
