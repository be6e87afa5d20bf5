"""What every write of a campaign shares: the lock, the transition, the void."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from console.campaigns import rules
from console.campaigns.models import Campaign
from console.campaigns.operations.kept import drop_law
from console.campaigns.queries import reach
from console.campaigns.rules import (
    OWNS,
    CartsAtEnd,
    Event,
    Offer,
    PriceKind,
    State,
    UnknownCampaign,
)
from console.people import queries as people
from console.people.rules import Limit, OutOfScope
from console.people.rules import check_scope as check
from console.runbook import operations as runbook
from console.stock import operations as stock

if TYPE_CHECKING:
    from django.contrib.auth.models import User

TERMS = (
    "name",
    "audience_id",
    "category",
    "occasion_id",
    "owner_id",
    "on_call_id",
    "revenue_target",
    "currency",
    "markets",
    "channels",
    "start_mode",
    "zone",
    "opens_local",
    "closes_local",
    "fold",
    "opens_at",
    "closes_at",
    "hold_ttl_s",
    "buyer_limit",
    "expected_orders_peak",
    "reach",
)
"""The fields of a campaign that a plan consists of, besides its lines."""
IF_SET = {
    "closes_fold": None,
    "carts_at_end": CartsAtEnd.HONOUR,
    "order_limit": None,
    "budget_units": None,
    "budget_discount": None,
    "budget_gmv": None,
    "price_kind": PriceKind.PUBLIC,
    "up_to_percent": None,
}
"""Those that came later, each with its default: who keeps it keeps the hash."""


def locked(code: str, actor: User | None = None) -> Campaign:
    """The campaign, locked until the transaction ends.

    actor: who acts on it; None is Doorbuster itself, which has no limits.

    Raises:
        UnknownCampaign: there is none.
        OutOfScope: the actor is limited to other categories or markets.
    """
    found = Campaign.objects.select_for_update(of=("self",)).filter(code=code).first()
    if found is None:
        raise UnknownCampaign(f"There is no campaign {code}.", field="campaign")
    check_scope(found, actor)
    return found


def check_scope(campaign: Campaign, actor: User | None) -> None:
    """Refuse somebody who is limited to other categories or markets.

    Raises:
        OutOfScope: naming what is outside.
    """
    limit = people.limit_of(actor) if actor else Limit()
    if limit != Limit():
        check(limit, reach.categories(campaign), reach.markets(campaign))


def check_reach(actor: User, categories: Set[str], markets: Set[str]) -> None:
    """Refuse somebody who is limited to other categories or markets than these.

    Raises:
        OutOfScope: naming what is outside.
    """
    check(people.limit_of(actor), categories, markets)


def within_reach(actor: User, campaign: Campaign) -> bool:
    """Whether a campaign is inside of what a person is limited to."""
    try:
        check_scope(campaign, actor)
    except OutOfScope:
        return False
    return True


def become(
    campaign: Campaign, event: Event, *, now: datetime, **fields: Any
) -> Campaign:
    """Move a locked campaign along, and set fields with it.

    Raises:
        WrongState: the event cannot happen now.
    """
    campaign.state = rules.after(campaign.state, event)
    if campaign.suspended_at and event in rules.ENDS_SUSPENSION:
        fields |= {"suspended_at": None, "suspended_why": ""}
        runbook.release(campaign.plan)
    campaign.updated_at = now
    for name, value in fields.items():
        setattr(campaign, name, value)
    campaign.save(update_fields=["state", "updated_at", *fields])
    if campaign.state not in OWNS:
        campaign.owned.all().delete()
    return campaign


def terms(campaign: Campaign) -> dict[str, Any]:
    """What a campaign says besides its lines, JSON-safe."""
    later = [name for name, own in IF_SET.items() if getattr(campaign, name) != own]
    return {name: spelled(getattr(campaign, name)) for name in (*TERMS, *later)}


def spelled(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return rules.plain(value)
    if isinstance(value, list):
        return [spelled(one) for one in value]
    return value if isinstance(value, int | None) else str(value)


def offers(campaign: Campaign) -> list[Offer]:
    """The lines of a campaign, by SKU."""
    rows = campaign.lines.order_by("sku__code").values_list(
        "sku__code", "regular_price", "sale_price", "units", "buffer"
    )
    return [Offer(*row) for row in rows]


def hash_of(campaign: Campaign) -> str:
    """The hash of everything the campaign says now."""
    told = sorted(one.told.spelled() for one in campaign.announcements.all())
    said = terms(campaign) | ({"announcements": told} if told else {})
    return rules.content_hash(said, offers(campaign))


def void(campaign: Campaign, *, actor: User | None, now: datetime) -> None:
    """Back to draft: an edit makes every decision about the old content worthless.

    An armed campaign also gives its stock back and drops its plan.

    Raises:
        WrongState: its plan is at work already.
    """
    was = campaign.state
    cleared = {"content_hash": "", "submitted_by_id": None, "submitted_at": None}
    become(
        campaign,
        Event.EDIT,
        now=now,
        **cleared,
        override_reason="",
        override_until=None,
        approved_at=None,
    )
    if was == State.ARMED:
        disarm(campaign, reason="The plan was edited", actor=actor, now=now)


def disarm(
    campaign: Campaign, *, reason: str, actor: User | None, now: datetime
) -> None:
    """Give the stock of a campaign that has not begun back, and drop its plan."""
    stock.return_units(campaign.code, actor=actor, now=now)
    drop_law(campaign)
    runbook.cancel(campaign.plan, reason=reason, actor=actor, now=now)


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only what changed, on either side."""
    changed = [name for name in after if before.get(name) != after[name]]
    return (
        {name: before.get(name) for name in changed},
        {name: after[name] for name in changed},
    )
