"""Plans as rows of the run sheet: the whole sale, and the undoing of an aborted one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from console.campaigns import plan
from console.campaigns.looks import LOOK, LOOK_TITLE, is_public
from console.campaigns.models import Campaign
from console.campaigns.plan import Part, Sale, Storefront
from console.campaigns.queries import places
from console.campaigns.rules import PriceKind
from console.capacity import operations as capacity
from console.capacity import outlets
from console.capacity.rules import COOL_OFF, Demand
from console.runbook import operations as runbook
from console.runbook.models import Step
from console.runbook.rules import NOT_STARTED, OPENING_PHASES

FENCE = "stock.raise_fence"


def write(campaign: Campaign, *, now: datetime) -> list[Step]:
    """Write every step of an armed campaign, in the caller's transaction.

    Raises:
        FloorAboveMaximum, TooManyConnections: the backend cannot carry the sale.
    """
    return rows(campaign, plan.compose(_sale(campaign, now), now=now), now)


def foreseen(campaign: Campaign, *, now: datetime) -> list[Step]:
    """The steps `write` would write now; nothing is kept, they have no row.

    Raises:
        FloorAboveMaximum, TooManyConnections: the backend cannot carry the sale.
    """
    parts = plan.compose(_sale(campaign, now, keep=False), now=now)
    return [_unwritten(campaign, part, number) for number, part in enumerate(parts)]


def _unwritten(campaign: Campaign, part: Part, position: int) -> Step:
    return Step(
        key=plan.key(campaign.code, campaign.round, part.name),
        plan=campaign.plan,
        position=position,
        kind=part.kind,
        title=part.title,
        target=part.target,
        wanted=dict(part.wanted),
        phase=part.phase,
        policy=part.policy,
        due_at=part.due_at,
        ready_at=part.due_at,
        t_offset_s=part.t_offset_s,
        after=list(part.after),
    )


def _sale(campaign: Campaign, now: datetime, *, keep: bool = True) -> Sale:
    assert campaign.opens_at and campaign.closes_at
    rows = campaign.lines.order_by("position", "pk")
    offered = dict(rows.values_list("sku__code", "sale_price"))
    found = places.shops(campaign, places.openings(campaign))
    shops = [_shop(shop, campaign) for shop in found]
    needed = capacity.needed_steps
    if keep:
        needed = partial(capacity.plan_steps, campaign.code)
    steps = needed(
        opens_at=campaign.opens_at,
        closes_at=campaign.closes_at,
        forecast=Demand.from_orders(campaign.expected_orders_peak),
        urls=outlets.pages(list(offered), [shop.connection for shop in shops]),
        tags=[f"campaign-{campaign.code}", *(f"sku-{sku}" for sku in offered)],
        now=now,
    )
    return Sale(
        code=campaign.code,
        round=campaign.round,
        opens_at=campaign.opens_at,
        closes_at=campaign.closes_at,
        prices=offered,
        currency=campaign.currency,
        storefronts=shops,
        capacity=steps,
        cool_off=COOL_OFF,
        offer=PriceKind(campaign.price_kind).offer,
    )


def _shop(shop: places.Shop, campaign: Campaign) -> Storefront:
    """A shop whose markets open apart keeps to the whole window: one price."""
    opens_at = shop.opens_at or campaign.opens_at
    closes_at = shop.closes_at or campaign.closes_at
    assert opens_at and closes_at
    return Storefront(shop.connection, shop.channel, opens_at, closes_at)


def rows(campaign: Campaign, parts: Sequence[Part], now: datetime) -> list[Step]:
    """Write parts down as steps of the campaign's plan."""
    return [
        runbook.plan(
            plan.key(campaign.code, campaign.round, part.name),
            part.kind,
            plan=campaign.plan,
            title=part.title,
            due_at=part.due_at,
            now=now,
            target=part.target,
            wanted=part.wanted,
            phase=part.phase,
            policy=part.policy,
            after=part.after,
            t_offset_s=part.t_offset_s,
            position=position,
        )
        for position, part in enumerate(parts)
    ]


def has_begun(campaign: Campaign) -> bool:
    """True once a step of the plan that changes the world was started.

    A fence is ours alone, and falls with the lock.
    """
    steps = Step.objects.filter(plan=campaign.plan, started_at__isnull=False)
    steps = steps.exclude(kind=FENCE)
    return steps.exclude(kind__startswith="campaigns.").exists()


def shops_of(campaign: Campaign) -> list[str] | None:
    """The connections whose prices this plan sets; None where no shop is connected.

    They are the shops of the sale's markets and channels, and no other is told its
    units.
    """
    prefix = plan.key(campaign.code, campaign.round, "")
    steps = Step.objects.filter(
        plan=campaign.plan, kind="prices.apply", key__startswith=prefix
    )
    found = sorted(set(steps.values_list("target", flat=True)))
    return found if found or outlets.storefronts() else None


def drop_opening(campaign: Campaign, *, reason: str, now: datetime) -> None:
    """Skip what would still open a sale that will not open any more."""
    waiting = Step.objects.filter(
        plan=campaign.plan, phase__in=OPENING_PHASES, state__in=NOT_STARTED
    )
    for step in waiting.order_by("pk"):
        runbook.skip(step.pk, reason=reason, actor=None, now=now)


def write_abort(campaign: Campaign, *, now: datetime) -> list[Step]:
    """Write what undoes a plan that was at work, in the caller's transaction.

    Prices go back at once; stock and floors once open checkouts have finished.
    """
    own = ["runbook.revert", FENCE]
    steps = list(Step.objects.of(campaign.plan).exclude(kind__in=own))
    assert campaign.opens_at
    offset = int((now - campaign.opens_at).total_seconds())
    parts = list(_undoing(campaign, steps, {"due_at": now, "t_offset_s": offset}))
    return rows(campaign, parts, now)


def _undoing(
    campaign: Campaign, steps: Sequence[Step], due: dict[str, Any]
) -> Iterator[Part]:
    code = {"campaign": campaign.code}
    began = [step for step in steps if step.started_at and step.reversible]
    prices = [step.key for step in began if step.kind == "prices.apply"]
    others = [step.key for step in began if step.key not in prices]
    holds = (_key(campaign, "abort-holds"),)
    if prices:
        yield Part("abort-prices", "runbook.revert", "Put the prices back", "revert",
                   wanted={"keys": prices}, **due)  # fmt: skip
        purges = list(_purges(campaign, steps, due))
        yield from purges
        if purges:
            applied = [step for step in began if is_public(step)]
            after = tuple(_key(campaign, part.name) for part in purges)
            yield from _looks(applied, after, due)
    yield Part("abort-holds", "stock.drain_holds", "Let open checkouts finish", "end",
               wanted=code, **due)  # fmt: skip
    yield Part("abort-return", "stock.return_units", "Return the stock", "revert",
               wanted=code, after=holds, **due)  # fmt: skip
    yield Part("abort-fence", "stock.drop_fence", "Let other writers of stock in",
               "revert", wanted=code, after=(_key(campaign, "abort-return"),),
               policy="degrade", **due)  # fmt: skip
    yield Part("abort-relay", "orders.drain", "Let the order relay drain", "close",
               wanted=code, after=holds, **due)  # fmt: skip
    if others:
        yield Part("abort-scale-down", "runbook.revert", "Put the floors back",
                   "revert", wanted={"keys": others}, after=holds, **due)  # fmt: skip


def _purges(
    campaign: Campaign, steps: Sequence[Step], due: dict[str, Any]
) -> Iterator[Part]:
    """The purges of the end, done now: the sale prices must leave the caches."""
    ends = [s for s in steps if s.kind == "capacity.purge" and s.phase == "end"]
    for number, step in enumerate(ends):
        yield Part(
            f"abort-purge-{number + 1}",
            step.kind,
            step.title,
            "revert",
            target=step.target,
            wanted=step.wanted,
            after=(_key(campaign, "abort-prices"),),
            policy="degrade",
            **due,
        )


def _looks(
    applied: Sequence[Step], after: tuple[str, ...], due: dict[str, Any]
) -> Iterator[Part]:
    """Whether shoppers see through the edge that the prices are back."""
    for number, step in enumerate(applied):
        yield Part(
            f"abort-look-{number + 1}",
            LOOK,
            LOOK_TITLE,
            "revert",
            target=step.target,
            wanted={"connection": step.wanted["connection"], "of": step.key},
            after=after,
            policy="degrade",
            **due,
        )


def _key(campaign: Campaign, name: str) -> str:
    return plan.key(campaign.code, campaign.round, name)
