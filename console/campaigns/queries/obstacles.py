"""What changed after a plan was approved, so that it may not open as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import F, OuterRef, Q, Subquery

from console.campaigns.models import Approval, Campaign
from console.campaigns.queries import list_prices, readiness
from console.campaigns.rules import SUSPENDABLE, plain
from console.stock.models import Allocation

SHOWN = 3
"""Products named one by one; the rest are counted."""


def found(campaign: Campaign, *, now: datetime) -> list[str]:
    """Every reason, as a sentence; none where the plan may open.

    What the approval has accepted is none, and neither is a fatigue policy that was
    saved since: caps hold for what is approved after them.
    """
    verdict = readiness.verdict(campaign, now=now)
    found = [
        check.text
        for section in verdict.sections
        for check in section.checks
        if check.tone == "bad" and section.key != "fatigue"
    ]
    found += [*_people(campaign), *of_list_prices(campaign, now=now)]
    found += _allocations(campaign)
    accepted = _accepted(campaign)
    return [text for text in dict.fromkeys(found) if text not in accepted]


def _accepted(campaign: Campaign) -> set[str]:
    """What the last approval of this content has seen and passed over."""
    last = campaign.approvals.filter(
        kind=Approval.Kind.APPROVE, content_hash=campaign.content_hash
    )
    verdict = last.order_by("-at", "-pk").values_list("verdict", flat=True).first()
    told = verdict or {}
    return {*told.get("blockers", []), *told.get("accepted", [])}


def _people(campaign: Campaign) -> Iterator[str]:
    roles = {"owns it": campaign.owner, "is on call for it": campaign.on_call}
    for does, person in roles.items():
        if person and not person.is_active:
            name = person.get_full_name() or person.get_username()
            yield f"{name}, who {does}, has no account any more"


def of_list_prices(campaign: Campaign, *, now: datetime) -> list[str]:
    """Products whose list price is by now not above the sale price."""
    lines = campaign.lines.annotate(listed=list_prices.column(campaign, now=now))
    blank = Q(sku__currency=campaign.currency, sku__regular_price=0)
    low = lines.filter(~blank, listed__lte=F("sale_price"))
    rows = low.order_by("sku__code").values_list("sku__code", "listed", "sale_price")
    return _named(
        f"{code}: the list price is {plain(listed)}, not above the sale price of "
        f"{plain(sale)}"
        for code, listed, sale in rows
    )


def _allocations(campaign: Campaign) -> list[str]:
    locked = Allocation.objects.filter(
        campaign=campaign.code, sku=OuterRef("sku"), returned_at=None
    )
    lines = campaign.lines.annotate(locked=Subquery(locked.values("quantity")[:1]))
    rows = lines.filter(locked__lt=F("units")).order_by("sku__code")
    return _named(
        f"{code}: {held:,} units are locked, {units:,} were approved"
        for code, held, units in rows.values_list("sku__code", "locked", "units")
    )


def _named(sentences: Iterator[str]) -> list[str]:
    said = list(sentences)
    more = len(said) - SHOWN
    return said[:SHOWN] + ([f"{more:,} more like these"] if more > 0 else [])


def longest_unchecked() -> list[str]:
    """Codes of the plans that could be suspended, the longest unchecked first."""
    found = Campaign.objects.filter(state__in=sorted(SUSPENDABLE))
    ordered = found.order_by(F("checked_at").asc(nulls_first=True), "pk")
    return list(ordered.values_list("code", flat=True))


def during(start: datetime, end: datetime) -> list[str]:
    """Codes of those that would run at some instant of [start, end)."""
    found = Campaign.objects.filter(
        state__in=sorted(SUSPENDABLE), opens_at__lt=end, closes_at__gt=start
    )
    return list(found.order_by("pk").values_list("code", flat=True))
