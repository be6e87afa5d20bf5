"""What the law of each market, and the price history, say about a plan's claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from console import words
from console.campaigns.queries.readiness import laws
from console.campaigns.queries.readiness.parts import (
    Candidate,
    Check,
    Section,
    counted,
    ordered,
)
from console.campaigns.queries.readiness.past import Past, past
from console.campaigns.queries.readiness.prices import Judged, judged
from console.campaigns.queries.readiness.yardstick import by_law, yardstick
from console.prices import rules
from console.prices.rules import Run
from console.prices.rules.patterns import FOLLOW_ON_DAYS as AROUND


def priced(plan: Candidate, *, now: datetime, min_claim: int = 0) -> list[Judged]:
    """What the guards find in each product, measured as the plan's laws do."""
    by = yardstick(
        plan.code,
        plan.currency,
        plan.channels,
        plan.held,
        plan.opens_at or now,
        kind=plan.price_kind,
    )
    return judged(plan.products, by, min_claim=min_claim)


def section(plan: Candidate, found: Sequence[Judged]) -> Iterator[Section]:
    """The claims section, once the plan has a date."""
    if plan.opens_at is None or plan.closes_at is None:
        return
    ruled = by_law(plan.held, plan.opens_at)
    days = laws.follow_on_days(ruled)
    known = past(plan, found, plan.opens_at, plan.closes_at, days=max(days, AROUND))
    checks = ordered(
        [
            *laws.checks(ruled, plan, found, known),
            *_raised(known),
            *_endless(known),
            *_follow_ons(known, cited=days > 0),
            *([] if plan.outside or plan.up_to else _up_to(found)),
        ]
    )
    yield Section("claims", "Claims", counted(checks, "Lawful"), checks)


def _raised(past: Past) -> Iterator[Check]:
    hits: dict[str, str] = {}
    for look in past.looks:
        for sku, points in look.moved.items():
            if found := rules.raised(points, look.clock.at, look.clock.zone):
                hits.setdefault(sku, f"{sku}: {found.told(past.currency)}")
    if hits:
        text = next(iter(hits.values()))
        yield Check("warn", text, f"{len(hits):,}", f"{len(past.run.depths):,}")


def _endless(past: Past) -> Iterator[Check]:
    """SKUs that were on sale for most of the last 90 days."""
    shares: dict[str, Decimal] = {}
    for look in past.looks:
        for sku, points in look.moved.items():
            share = rules.perpetual(points, look.clock.at, look.clock.zone)
            if share and share > shares.get(sku, 0):
                shares[sku] = share
    if shares:
        worst = max(shares, key=lambda sku: shares[sku])
        text = f"{worst} was on sale {shares[worst]:.0%} of the 90 days before"
        yield Check("warn", text, f"{len(shares):,}", f"{len(past.run.depths):,}")


def _follow_ons(past: Past, *, cited: bool) -> Iterator[Check]:
    """cited: a law looks for offers after this one and has said so."""
    for (ends, _), text in follow_ons(past.run, past.others).items():
        if not (cited and ends == past.run.code):
            yield Check("warn", text)


def follow_ons(run: Run, others: Sequence[Run]) -> dict[tuple[str, str], str]:
    """Offers that go on right after a sale ends, or that it goes on with.

    By the code of the one whose end is not real and of the one that goes on, and the
    sentence.
    """
    found = {}
    for after in rules.follow_ons(run, others):
        found[run.code, after.run.code] = after.text
    for other in others:
        for ours in rules.follow_ons(other, [run]):
            found[other.code, run.code] = (
                f"{run.name} offers as much off "
                f"{words.count(len(ours.skus), 'SKU')} "
                f"{words.count(ours.days, 'day')} after {other.name} ends, "
                f"so that end was not real"
            )
    return found


def unlawful(plan: Candidate, found: Sequence[Judged]) -> dict[str, set[str]]:
    """For each law, the SKUs whose reduction it does not let be announced.

    found: what the guards say of each product.
    """
    if plan.opens_at is None or plan.closes_at is None:
        return {}
    known = past(plan, found, plan.opens_at, plan.closes_at)
    return laws.unlawful(by_law(plan.held, plan.opens_at), plan, found, known)


def _up_to(found: Sequence[Judged]) -> Iterator[Check]:
    """The highest “up to” that enough products reach."""
    claims = laws.low_claims(found)
    deepest = max(claims.values(), default=0)
    if not deepest:
        return
    best = rules.up_to(claims, deepest).best
    text = f"“Up to {best}%” may be said"
    if best < deepest:
        text += f", not {deepest}%: too few products reach that"
    yield Check("ok", text)
