"""What changed after a plan was approved, so that it may not open as it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery

from console.campaigns.models import Campaign
from console.campaigns.queries import accepted, list_prices, readiness
from console.campaigns.queries.readiness import Check, Verdict
from console.campaigns.rules import SUSPENDABLE, plain
from console.stock.models import Allocation

SHOWN = 3
"""Products named one by one; the rest are counted."""


def found(campaign: Campaign, *, now: datetime) -> list[str]:
    """Every reason, as a sentence; none where the plan may open.

    What the approval has accepted is none, and neither is a fatigue policy that was
    saved since: caps hold for what is approved after them.
    """
    verdict, known = readiness.verdict(campaign, now=now), accepted.of(campaign)
    blockers = [
        check
        for section in verdict.sections
        for check in section.checks
        if check.tone == "bad" and section.key != "fatigue"
    ]
    low = known.open(of_list_prices(campaign, now=now))
    found = [check.text for check in known.open(blockers)]
    found += [*_people(campaign), *_named(check.text for check in low)]
    found += _allocations(campaign)
    return [text for text in dict.fromkeys(found) if text not in known.texts]


def noted(campaign: Campaign, verdict: Verdict, *, now: datetime) -> dict[str, Any]:
    """What an approval accepts besides its verdict's words, JSON-safe.

    The list prices there are, and the key of all that it passes over.
    """
    low = of_list_prices(campaign, now=now)
    return {
        "accepted": _named(check.text for check in low),
        accepted.KEYS: _keys([*verdict.blockers, *low]),
    }


def passed(campaign: Campaign, verdict: Verdict, *, now: datetime) -> list[str]:
    """The keys of the blockers, and list prices, that somebody passes over now."""
    return _keys([*verdict.blockers, *of_list_prices(campaign, now=now)])


def noted_of(
    campaign: Campaign, skus: Collection[str], *, now: datetime
) -> dict[str, Any]:
    """The same of an amendment, which sets the prices of these SKUs, by code."""
    low = of_list_prices(campaign, skus, now=now)
    return {accepted.KEYS: _keys(low)} if low else {}


def _keys(checks: Iterable[Check]) -> list[str]:
    return [check.key for check in checks if check.key]


def _people(campaign: Campaign) -> Iterator[str]:
    roles = {"owns it": campaign.owner, "is on call for it": campaign.on_call}
    for does, person in roles.items():
        if person and not person.is_active:
            name = person.get_full_name() or person.get_username()
            yield f"{name}, who {does}, has no account any more"


def of_list_prices(
    campaign: Campaign, skus: Collection[str] | None = None, *, now: datetime
) -> list[Check]:
    """Products whose list price is by now not above the sale price, by SKU.

    skus: codes of those looked at; None for all.
    """
    lines = campaign.lines.annotate(listed=list_prices.column(campaign, now=now))
    blank = Q(sku__currency=campaign.currency, sku__regular_price=0)
    low = lines.filter(~blank, listed__lte=F("sale_price"))
    low = low if skus is None else low.filter(sku__code__in=skus)
    rows = low.order_by("sku__code").values_list("sku__code", "listed", "sale_price")
    return [_low(code, plain(listed), plain(sale)) for code, listed, sale in rows]


def _low(code: str, listed: str, sale: str) -> Check:
    text = f"{code}: the list price is {listed}, not above the sale price of {sale}"
    return Check("bad", text, key=f"list price {code} {listed} {sale}")


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


def _named(sentences: Iterable[str]) -> list[str]:
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
