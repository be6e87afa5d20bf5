"""May a plan go ahead: fatigue, prices, stock and capacity asked, with reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from console.campaigns.models import Campaign, Freeze
from console.campaigns.queries import conflicts, footprints, freezes, places
from console.campaigns.queries.advertised import advertised
from console.campaigns.queries.readiness import (
    audience,
    capacity,
    claims,
    earliest,
    eligible,
    fatigue,
    prices,
    stock,
    where,
)
from console.campaigns.queries.readiness.parts import (
    Candidate,
    Check,
    Product,
    Section,
    Verdict,
    counted,
    ordered,
)
from console.campaigns.queries.waiting import awaited
from console.campaigns.rules import HOLDS_STOCK, OVER, Opening
from console.campaigns.rules.reaching import missing

__all__ = [
    "Candidate",
    "Check",
    "Product",
    "Section",
    "Verdict",
    "candidate",
    "judge",
    "products",
    "tires",
    "verdict",
]


def verdict(
    campaign: Campaign, *, now: datetime, openings: Sequence[Opening] | None = None
) -> Verdict:
    """The verdict on a campaign as it is saved. openings: as resolved, where known."""
    return judge(candidate(campaign, openings), now=now)


def candidate(
    campaign: Campaign, openings: Sequence[Opening] | None = None
) -> Candidate:
    """A saved campaign, ready to be judged. openings: as resolved, where known."""
    openings = places.resolved(campaign) if openings is None else openings
    touch = footprints.touch(campaign)
    end = advertised(campaign, touch.told)
    return Candidate(
        code=campaign.code,
        name=campaign.name,
        touch=touch,
        currency=campaign.currency,
        opens_at=campaign.opens_at,
        closes_at=campaign.closes_at,
        orders_peak=campaign.expected_orders_peak,
        products=products(campaign),
        reach=campaign.reach,
        holds_stock=campaign.state in HOLDS_STOCK,
        over=campaign.state in OVER,
        on_call=campaign.on_call_id is not None,
        occasion=campaign.occasion.name if campaign.occasion else "",
        spots=conflicts.spots(campaign.channels, touch.markets),
        shops=places.shops(campaign, openings),
        held=places.once(places.held_by(campaign, openings)),
        shifted=where.shifted(campaign, openings),
        contacts=campaign.contacts,
        waits=[one.why for one in awaited(campaign) if one.why],
        price_kind=campaign.price_kind,
        up_to=campaign.up_to_percent,
        countdown=end.countdown,
        end_moved=end.moved,
    )


def products(campaign: Campaign) -> list[Product]:
    """The lines of a campaign, in its order."""
    rows = campaign.lines.order_by("position", "pk").values_list(
        "pk",
        "sku_id",
        "sku__code",
        "sku__name",
        "sku__variant",
        "regular_price",
        "sale_price",
        "units",
        "buffer",
        "sku__cost",
        "price_confirmed",
        "sku__perishable",
        "sku__on_market_since",
    )
    return [Product(*row) for row in rows]


def judge(plan: Candidate, *, now: datetime) -> Verdict:
    """The verdict on a plan, saved or not."""
    tired, held = fatigue.judged(plan, now=now), earliest.frozen(plan)
    heard = audience.section(plan, tired.case)
    sections = [*_complete(plan, held, now), *where.section(plan), tired.section]
    sections += [heard] if heard else []
    if plan.products:
        least = tired.case.least_percent if tired.case else 0
        found = claims.priced(plan, now=now, min_claim=least)
        sections += [
            prices.section(plan, found, now=now, min_claim=least),
            *claims.section(plan, found),
            stock.section(plan),
        ]
        fit = eligible.section(plan)
        sections += [fit] if fit else []
    sections.append(capacity.section(plan))
    versions = tired.case.versions if tired.case else {}
    answer = Verdict(tuple(sections), now, versions, **tired.told)
    asked = (plan, tired.judges, held, answer.blockers)
    return replace(answer, search=partial(earliest.earliest, *asked, now=now))


def tires(plan: Candidate, *, now: datetime) -> dict[tuple[str, str], str]:
    """Every rule of a fatigue policy that a plan breaks, and the sentence for it."""
    return fatigue.broken(plan, now=now)


def _complete(
    plan: Candidate, held: Sequence[Freeze], now: datetime
) -> Iterator[Section]:
    """What is missing, where something is, and the freezes during the sale."""
    checks = list(ordered(_missing(plan, held, now)))
    if checks:
        yield Section("plan", "Plan", counted(checks, ""), tuple(checks))


def _frozen(plan: Candidate, held: Sequence[Freeze]) -> Iterator[Check]:
    """Freezes during the sale; an approver may pass over them."""
    if plan.opens_at is None or plan.closes_at is None:
        return
    for one in held:
        if one.starts_at >= plan.closes_at:
            continue
        said, key = freezes.said(one, at=plan.opens_at), freezes.key(one)
        yield Check("bad", said, overridable=True, key=key, dated=True)


def _late(plan: Candidate) -> Iterator[Check]:
    """Announcements that would come once the sale is over."""
    if plan.opens_at is None or plan.closes_at is None:
        return
    for told in plan.touch.told:
        if told.at(plan.opens_at, plan.closes_at) > plan.closes_at:
            text = f"{told.medium.label} at {told.when} would come after the end"
            yield Check("bad", text)


def _missing(plan: Candidate, held: Sequence[Freeze], now: datetime) -> Iterator[Check]:
    if plan.opens_at is None:
        yield Check("bad", "Choose when the sale starts and ends")
    elif plan.opens_at <= now and not (plan.holds_stock or plan.over):
        text = "The start is in the past: choose a later one"
        yield Check("bad", text, dated=True)
    yield from _frozen(plan, held)
    yield from _late(plan)
    if not plan.products:
        yield Check("bad", "Add products, or import a sheet")
    for text in missing(on_call=plan.on_call, contacts=plan.contacts):
        yield Check("bad", text)
    for text in plan.waits:
        yield Check("warn", text)
    if not plan.occasion:
        yield Check("warn", "No occasion justifies it", fix="occasions")
