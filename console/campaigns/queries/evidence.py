"""The facts of a sale, for the evidence of its price claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from console.campaigns.models import Campaign, Line
from console.campaigns.queries.advertised import advertised
from console.campaigns.queries.kept import Kept, kept
from console.campaigns.queries.list_prices import channel_of
from console.campaigns.rules import PriceKind, on_market_from
from console.prices.rules.evidence import LineFacts, SaleFacts, Shown
from console.prices.rules.patterns import Run
from console.stock.queries import shown

AFTER = timedelta(days=90)
"""Sales that open so long after its end may follow on from it."""


def facts(code: str) -> SaleFacts | None:
    """What was planned and approved; None if there is no such sale, or no opening."""
    one = Campaign.objects.filter(code=code, opens_at__isnull=False).first()
    if one is None or one.opens_at is None or one.closes_at is None:
        return None
    ends = one.closes_at if one.ended_at is None else min(one.closes_at, one.ended_at)
    held = kept(one)
    zone = min(held.laws, key=lambda law: (law.after, law.zone)).zone
    end = advertised(one, [row.told for row in one.announcements.all()])
    return SaleFacts(
        code=one.code,
        name=one.name,
        currency=one.currency,
        channel=channel_of(one),
        channels=sorted(one.channels) if len(one.channels) > 1 else (),
        zone=zone,
        opens_at=one.opens_at,
        closes_at=max(ends, one.opens_at),
        lines=_lines(one, held, zone),
        packs=[law.law for law in held.laws],
        clocks=[law.clock(one.opens_at) for law in held.laws],
        content_hash=one.content_hash,
        approvals=_approvals(one),
        countdown=end.countdown,
        end_moved=end.moved,
        up_to=one.up_to_percent,
        others=list(_others(one)),
        scarcity=_shown(one),
    )


def _lines(one: Campaign, held: Kept, zone: str) -> list[LineFacts]:
    rows = one.lines.select_related("sku").order_by("sku__code")
    return [
        LineFacts(
            line.sku.code,
            str(line.sku),
            line.regular_price,
            line.sale_price,
            on_market_since=on_market_from(
                held.of(line.sku.code).on_market_since, zone
            ),
            perishable=held.of(line.sku.code).perishable,
            personal=one.price_kind == PriceKind.PERSONAL,
            conditional=one.price_kind == PriceKind.CONDITIONAL,
            members=one.price_kind == PriceKind.MEMBERS,
        )
        for line in rows
    ]


def _approvals(one: Campaign) -> list[dict[str, str]]:
    rows = one.approvals.select_related("by").order_by("at", "pk")
    return [
        {
            "kind": row.kind,
            "by": row.by.get_username(),
            "at": row.at.isoformat(),
            "content_hash": row.content_hash,
            "reason": row.reason,
        }
        for row in rows
    ]


def _shown(one: Campaign) -> list[Shown]:
    """What shops were given to say about the last units."""
    return [
        Shown(row.sku.code, row.units, row.text, row.from_at, row.until_at)
        for row in shown(one.code)
    ]


def _others(one: Campaign) -> Iterable[Run]:
    """The sales after it that share a SKU, with how deep each goes."""
    assert one.closes_at
    shared = Line.objects.filter(
        sku__in=one.lines.values("sku"),
        campaign__channels__overlap=one.channels,
        campaign__opens_at__gte=one.closes_at,
        campaign__opens_at__lte=one.closes_at + AFTER,
    )
    shared = shared.select_related("campaign", "sku")
    found: dict[int, list[Line]] = {}
    for line in shared.order_by("campaign__opens_at", "campaign", "sku__code"):
        found.setdefault(line.campaign_id, []).append(line)
    return (_run(lines) for lines in found.values())


def _run(lines: Sequence[Line]) -> Run:
    one = lines[0].campaign
    assert one.opens_at and one.closes_at
    depths = {
        line.sku.code: int(100 * (1 - line.sale_price / line.regular_price))
        for line in lines
    }
    return Run(one.code, one.name, one.opens_at, one.closes_at, depths)
