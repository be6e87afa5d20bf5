"""What the price guards say about the lines of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import TypedDict

from console.campaigns.models import Campaign
from console.campaigns.queries import approvals, later
from console.campaigns.queries.readiness import last
from console.campaigns.queries.readiness.parts import (
    Candidate,
    Check,
    Product,
    Section,
    counted,
    ordered,
)
from console.campaigns.queries.readiness.yardstick import Yardstick
from console.prices import queries as prices
from console.prices import rules
from console.prices.queries import Prior
from console.prices.rules import Clock, Finding, Level, Offer

TONES = {
    Level.BLOCK: "bad",
    Level.CONFIRM: "bad",
    Level.APPROVER: "warn",
    Level.WARN: "warn",
}
SHOWN = 5
"""Findings named one by one; the rest are counted."""


Lows = Mapping[tuple[Clock, str], Mapping[str, Prior]]
"""By where a reduction begins and the channel: the prior price of each SKU."""


class Where(TypedDict):
    """Which history is asked."""

    channel: str
    currency: str
    besides: str | None


@dataclass(frozen=True)
class Judged:
    """One product with its prior price and what the guards found.

    lows: what each clock and channel says, of all products.
    """

    product: Product
    prior: Prior | None
    offer: Offer
    findings: Sequence[Finding]
    lows: Lows = field(repr=False, compare=False)

    @property
    def blocking(self) -> Finding | None:
        """The first finding that stops the price."""
        return next((f for f in self.findings if f.blocks), None)

    @property
    def worst(self) -> Finding | None:
        """The finding that matters most."""
        if not self.findings:
            return None
        return self.blocking or self.findings[0]


def judged(
    products: Sequence[Product], by: Yardstick, *, min_claim: int = 0
) -> list[Judged]:
    """Every product with its 30-day low, by a yardstick, and what the guards found.

    Of several channels, or clocks, the lowest low counts: one price is announced in all
    of them.
    """
    codes = [product.sku for product in products]
    fresh = {one.sku for one in products if one.perishable} if by.by_last else set()
    lows = measured(codes, by, fresh=fresh)
    priors = lowest(lows)
    known = prices.by_currency(codes, by.clocks[0].at, channels=by.channels)
    names = _names(priors)
    deep = approvals.table().deep
    found = []
    for product in products:
        prior = priors.get(product.sku)
        offer = replace(
            _offer(product, prior, by.currency, names),
            outside=by.outside,
            fresh=product.sku in fresh,
            advised=by.advised,
        )
        findings = rules.check_offer(offer, min_claim=min_claim, deep=deep)
        mixed = rules.check_currency(offer, known.get(product.sku, {}))
        findings = [mixed, *findings] if mixed else findings
        found.append(Judged(product, prior, offer, findings, lows))
    return found


def measured(
    codes: Sequence[str], by: Yardstick, *, fresh: Set[str] = frozenset()
) -> Lows:
    """What a reduction of each SKU is measured from: the 30-day low, one query each.

    fresh: those measured from the price right before instead.
    """
    found = {}
    for clock in by.clocks:
        for channel in by.channels:
            where: Where = {
                "channel": channel,
                "currency": by.currency,
                "besides": by.besides(clock),
            }
            low = prices.prior(codes, clock.at, zone=clock.zone, **where)
            found[clock, channel] = low | last.priors(fresh, clock, **where)
    return found


def lowest(lows: Lows) -> Mapping[str, Prior]:
    """The lowest of all clocks and channels, by SKU."""
    first, *others = lows.values()
    if not others:
        return first
    found = dict(first)
    for low in others:
        for sku, prior in low.items():
            if sku not in found or prior.amount < found[sku].amount:
                found[sku] = prior
    return found


def _offer(
    product: Product, prior: Prior | None, currency: str, names: Mapping[str, str]
) -> Offer:
    return Offer(
        sku=product.sku,
        regular=product.regular,
        sale=product.sale,
        currency=currency,
        cost=product.cost,
        prior=prior.amount if prior else None,
        prior_from=_said(prior, names) if prior else "",
        confirmed=product.confirmed,
    )


def _names(priors: Mapping[str, Prior]) -> dict[str, str]:
    """Names of the campaigns that set a low."""
    codes = {prior.campaign for prior in priors.values() if prior.campaign}
    if not codes:
        return {}
    rows = Campaign.objects.filter(code__in=codes)
    return dict(rows.values_list("code", "name"))


def _said(prior: Prior, names: Mapping[str, str]) -> str:
    since = _day(prior.from_at)
    if prior.campaign:
        return f"which {names.get(prior.campaign, prior.campaign)} set on {since}"
    return f"in force since {since}"


@lru_cache(maxsize=10_000)
def _day(at: datetime) -> str:
    return f"{at.day} {at:%b}"


def section(
    plan: Candidate, found: Sequence[Judged], *, now: datetime, min_claim: int
) -> Section:
    """The prices section. found: what the guards say of each product."""
    checks = [*_named(found), *([] if plan.outside else _claims(found, min_claim))]
    if far := rules.outliers([one.offer for one in found]):
        checks.append(Check("warn", far.text))
    checks += [*_too_deep(found), *_falls(plan, now)]
    checks = list(ordered(checks))
    return Section("prices", "Prices", counted(checks, "Sound"), tuple(checks))


def _too_deep(found: Sequence[Judged]) -> Iterator[Check]:
    """Who may approve the deepest line, where not each approver may."""
    deepest = min(found, key=lambda one: one.offer.sale / one.offer.regular)
    if worst := rules.check_approver(deepest.offer):
        count = sum(rules.check_approver(one.offer) is not None for one in found)
        yield Check("warn", worst.text, f"{count:,}", f"{len(found):,}")


def _falls(plan: Candidate, now: datetime) -> list[Check]:
    """Later sales that may claim less because of this one."""
    if plan.opens_at is None or plan.closes_at is None:
        return []
    return [
        Check("warn", fall.text, f"{fall.skus:,}", f"{fall.of:,}")
        for fall in later.falls(plan, plan.opens_at, plan.closes_at, now=now)
    ]


def _named(found: Sequence[Judged]) -> list[Check]:
    """The first few findings by name, then how many more of that tone there are."""
    checks = []
    worst = [(one, finding) for one in found if (finding := one.worst)]
    for tone in ("bad", "warn"):
        hits = [pair for pair in worst if TONES[pair[1].level] == tone]
        checks += [
            Check(
                tone,
                f"{one.product.title}: {said.text}",
                show=f"row-{one.product.line_id}",
            )
            for one, said in hits[:SHOWN]
        ]
        if len(hits) > SHOWN:
            checks.append(Check(tone, f"{len(hits) - SHOWN:,} more like these"))
    return checks


def _claims(found: Sequence[Judged], min_claim: int) -> list[Check]:
    least = max(1, min_claim)
    good = sum(
        rules.claimable(one.prior.amount, one.product.sale) >= least
        for one in found
        if one.prior
    )
    if not good:
        return []
    text = f"{least}% or more under the 30-day low"
    return [Check("ok", text, f"{good:,}", f"{len(found):,}")]
