"""What a sale shows at an instant: price, claim, stock and state of each line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Case, F, Q, Sum, When

from console.audit.models import Entry
from console.campaigns.models import Campaign, Line
from console.campaigns.queries.claimed import claims
from console.campaigns.queries.places import resolved
from console.campaigns.rules import (
    COUNTED,
    AmendmentState,
    LineSaid,
    Opening,
    PriceKind,
    StartMode,
    UnknownMarket,
)
from console.prices import queries as prices
from console.prices.rules import Claim
from console.stock.models import Movement, Sku
from console.stock.rules import Account

PER_PAGE = 50
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class LineThen:
    """One SKU at that instant.

    claim: None where none is measured: the sale is not open, its price is outside of
    the 30-day rule, or the law of its market measures no reductions.
    price: what shoppers pay. sale: the code of the sale whose price it is; empty for
    the shop's own. planned: units beyond the buffer; left: of those not sold by then,
    None where that is still to come.
    """

    sku: str
    name: str
    price: Decimal
    sale: str
    claim: Claim | None
    planned: int
    left: int | None


@dataclass(frozen=True)
class Then:
    """A page of a sale at an instant, in one market.

    phase: before, live, paused or over. opening: of the market; None in a shop without
    markets. unmeasured: why, of lines without a claim while it is live.
    """

    at: datetime
    phase: str
    page: Page[str]
    lines: Sequence[LineThen]
    opening: Opening | None
    unmeasured: str = ""


def as_of(
    campaign: Campaign,
    at: datetime,
    *,
    now: datetime,
    page: str = "1",
    market: str = "",
) -> Then:
    """A sale as it is, was or will be at an instant, as far as it is planned now.

    market: the code of one of its markets; by default the first, by name.

    Raises:
        UnknownMarket: the sale is not for that market.
    """
    opening = _opening(campaign, market)
    said = lines_at(campaign, at)
    found = Paginator(sorted(said), PER_PAGE).get_page(page)
    codes = list(found.object_list)
    phase = _phase(campaign, opening, at)
    ours = {code: said[code] for code in codes}
    said_of = claims(campaign, ours, opening, now=now) if phase == "live" else {}
    rows = _rows(campaign, ours, phase, at, now, said_of)
    if phase == "live" and at <= now and _paused(campaign, at):
        phase = "paused"
    return Then(at, phase, found, rows, opening, _unmeasured(campaign, opening))


def _unmeasured(campaign: Campaign, opening: Opening | None) -> str:
    kind = PriceKind(campaign.price_kind)
    if kind.outside or opening is None:
        return kind.label
    return f"the law of {opening.place.name} asks for no 30-day low"


def first_second(campaign: Campaign) -> datetime | None:
    """The first whole second of the sale, as it will open or as it did."""
    if campaign.opens_at is None:
        return None
    began = max(campaign.opens_at, campaign.opened_at or campaign.opens_at)
    return (began + SECOND).replace(microsecond=0)


def _opening(campaign: Campaign, market: str) -> Opening | None:
    found = resolved(campaign)
    if not market:
        return found[0] if found else None
    for one in found:
        if one.place.code == market:
            return one
    raise UnknownMarket(
        f"{campaign.code} is not for the market {market[:20]}.", field="market"
    )


def _phase(campaign: Campaign, opening: Opening | None, at: datetime) -> str:
    """What happened counts before what is planned; no market opens before its day."""
    opens = campaign.opened_at or campaign.opens_at
    closes = campaign.ended_at or campaign.closes_at
    if opens is None or closes is None:
        return "before"
    if opening is not None and campaign.start_mode == StartMode.ROLLING:
        opens = max(opens, opening.window.opens_at)
        closes = min(closes, opening.window.closes_at)
    if at < opens:
        return "before"
    return "live" if at < closes else "over"


def _paused(campaign: Campaign, at: datetime) -> bool:
    """Whether it was told to pause by then and not to go on, by the trail."""
    told = Entry.objects.filter(
        object_type="campaigns.campaign",
        object_id=str(campaign.pk),
        verb__in=["campaign.pause", "campaign.resume"],
        at__lte=at,
    )
    last = told.order_by("-position").values_list("verb", flat=True).first()
    return last == "campaign.pause"


def lines_at(campaign: Campaign, at: datetime) -> dict[str, LineSaid]:
    """What each line said, amendments that were applied later taken off again."""
    rows = campaign.lines.order_by("position", "pk").values_list(
        "sku__code", "regular_price", "sale_price", "units", "buffer"
    )
    said = {
        sku: LineSaid(regular, sale, units, buffer)
        for sku, regular, sale, units, buffer in rows
    }
    later = campaign.amendments.filter(state=AmendmentState.APPLIED, applied_at__gt=at)
    for made in later.order_by("-applied_at", "-number"):
        for change in made.changes:
            if change.before is None:
                said.pop(change.sku, None)
            else:
                said[change.sku] = change.before
    return said


def _rows(
    campaign: Campaign,
    ours: Mapping[str, LineSaid],
    phase: str,
    at: datetime,
    now: datetime,
    said: Mapping[str, Claim],
) -> list[LineThen]:
    codes = list(ours)
    names = {sku.code: str(sku) for sku in Sku.objects.filter(code__in=codes)}
    live = phase == "live"
    others = {} if live else _others(campaign, codes, at)
    known = {} if live else _known(campaign, codes, min(at, now))
    sold = _sold(campaign, codes, at) if at <= now and phase != "before" else None
    rows = []
    for code, line in ours.items():
        price, sale = line.sale_price, campaign.code
        if not live:
            own = (known.get(code, line.regular_price), "")
            price, sale = others.get(code, own)
        planned = line.units - line.buffer
        rows.append(
            LineThen(
                sku=code,
                name=names.get(code, code),
                price=price,
                sale=sale,
                claim=said.get(code),
                planned=planned,
                left=None if sold is None else planned - sold.get(code, 0),
            )
        )
    return rows


def _known(
    campaign: Campaign, codes: Sequence[str], at: datetime
) -> dict[str, Decimal]:
    """The shop's price by then, from the history; of a time to come, today's.

    The lowest of the channels of the sale.
    """
    known: dict[str, Decimal] = {}
    for way in campaign.channels:
        asked = {"channel": way, "currency": campaign.currency}
        for code, point in prices.in_force(codes, at, **asked).items():
            known[code] = min(point.amount, known.get(code, point.amount))
    return known


def _others(
    campaign: Campaign, codes: Sequence[str], at: datetime
) -> dict[str, tuple[Decimal, str]]:
    """The lowest price another sale of its channels has for each then, and which."""
    lines = Line.objects.filter(
        sku__code__in=codes,
        campaign__currency=campaign.currency,
        campaign__channels__overlap=campaign.channels,
        campaign__state__in=COUNTED,
        campaign__opens_at__lte=at,
        campaign__closes_at__gt=at,
    ).exclude(campaign=campaign)
    found = lines.order_by("-sale_price", "-campaign__code")
    rows = found.values_list("sku__code", "sale_price", "campaign__code")
    return {code: (price, sale) for code, price, sale in rows}


def _sold(campaign: Campaign, codes: Sequence[str], at: datetime) -> dict[str, int]:
    """Units of each that were paid by then and not cancelled, from the ledger."""
    paid, undone = Q(target=Account.SOLD), Q(source=Account.SOLD, target=Account.POOL)
    moved = Movement.objects.filter(
        paid | undone,
        at__lte=at,
        sku__code__in=codes,
        allocation__campaign=campaign.code,
    )
    signed = Case(When(undone, then=-F("units")), default=F("units"))
    return dict(moved.order_by().values_list("sku__code").annotate(sold=Sum(signed)))
