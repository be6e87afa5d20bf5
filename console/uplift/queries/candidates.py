"""Which past sales there are to measure: ours, found ones, those told by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

import numpy as np
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat

from console.campaigns.models import Campaign, Line
from console.campaigns.rules import State
from console.uplift.models import PastSale
from console.uplift.queries.demand import DAY, Covered, Prices, midnight
from console.uplift.rules import Source, episodes
from console.uplift.rules.measure import DIP_DAYS
from console.uplift.rules.spacing import Window


@dataclass(frozen=True)
class Offer:
    """One SKU on sale between two local times. depth: 1 − paid ÷ usual, if known."""

    sku: str
    opens: datetime
    closes: datetime
    depth: float | None = None


@dataclass(frozen=True)
class Candidate:
    """A sale to measure."""

    key: str
    source: Source
    name: str
    offers: Sequence[Offer]
    audience: int | None = None

    @property
    def opens(self) -> datetime:
        """When the first of its SKUs goes on sale."""
        return min(offer.opens for offer in self.offers)

    @property
    def closes(self) -> datetime:
        """When the last of them ends."""
        return max(offer.closes for offer in self.offers)

    @property
    def depth(self) -> float | None:
        """The median depth of its SKUs; None if none is known."""
        known = [offer.depth for offer in self.offers if offer.depth is not None]
        return median(known) if known else None


def campaigns(within: Covered) -> list[Candidate]:
    """Our own sales that have run, by what their lines said."""
    over = Q(state=State.CLOSED) | Q(ended_at__isnull=False)
    ran = Campaign.objects.filter(over, opened_at__isnull=False)
    lines = _lines(Line.objects.filter(campaign__in=ran.values("pk")))
    found = (_ours(sale, lines[sale.pk], within) for sale in ran.order_by("opened_at"))
    return [sale for sale in found if sale.offers]


def _ours(
    sale: Campaign, lines: Sequence[tuple[str, float]], within: Covered
) -> Candidate:
    ended = sale.ended_at or sale.closes_at
    opened = sale.opened_at
    offers = []
    if opened and ended and opened < ended:
        window = within.local(opened), within.local(ended)
        offers = [Offer(sku, *window, depth) for sku, depth in lines]
    name = f"{sale.code} {sale.name}"[:120]
    key = f"campaign:{sale.code}"
    return Candidate(key, Source.CAMPAIGN, name, offers, sale.audience_id)


def overdue(*, now: datetime) -> bool:
    """True if a sale closed since all were measured, or its 14 days after are over."""
    told = PastSale.objects.filter(key=Concat(Value("campaign:"), OuterRef("code")))
    over = now - timedelta(days=DIP_DAYS + 1)
    late = told.filter(
        measured_at__lt=F("closes_at") + timedelta(days=DIP_DAYS + 1),
        closes_at__lte=over,
    )
    closed = Campaign.objects.filter(
        state=State.CLOSED,
        opened_at__lt=Coalesce("ended_at", "closes_at"),
        lines__isnull=False,
    )
    return closed.filter(~Exists(told) | Exists(late)).exists()


def _lines(of: QuerySet[Line]) -> Mapping[int, list[tuple[str, float]]]:
    found: dict[int, list[tuple[str, float]]] = defaultdict(list)
    for line in of.select_related("sku").order_by("sku__code"):
        depth = float(1 - line.sale_price / line.regular_price)
        found[line.campaign_id].append((line.sku.code, depth))
    return found


def by_hand(within: Covered) -> list[Candidate]:
    """Those a person told us of."""
    told = PastSale.objects.filter(source=Source.HAND).order_by("opens_at", "pk")
    return [
        Candidate(
            sale.key,
            Source.HAND,
            sale.name,
            [
                Offer(
                    sku,
                    within.local(sale.opens_at),
                    within.local(sale.closes_at),
                    None if sale.depth is None else float(sale.depth),
                )
                for sku, *_ in sale.offers
            ],
            sale.audience_id,
        )
        for sale in told
    ]


def found(history: Prices | None, told: Sequence[Candidate]) -> list[Candidate]:
    """Reductions seen in the history, but for SKUs that a told sale explains."""
    if history is None:
        return []
    explained = windows(told)
    seen = []
    for row, sku in enumerate(history.codes):
        paid = history.prices[row].astype(np.float64)
        least = history.lowest[row].astype(np.float64)
        for offer in episodes.offers(row, paid, least, history.orders[row]):
            if not _explained(_offer(history, offer), explained.get(sku, ())):
                seen.append(offer)
    clear = episodes.groups([offer for offer in seen if offer.clear])
    doubtful = episodes.groups([offer for offer in seen if not offer.clear])
    return [_candidate(history, group, Source.FOUND) for group in clear] + [
        _candidate(history, group, Source.DOUBTFUL) for group in doubtful
    ]


def windows(sales: Iterable[Candidate]) -> dict[str, list[Window]]:
    """When each SKU was on sale, in any of these sales."""
    when: dict[str, list[Window]] = defaultdict(list)
    for sale in sales:
        for offer in sale.offers:
            when[offer.sku].append((offer.opens, offer.closes))
    return when


def _explained(offer: Offer, told: Sequence[Window]) -> bool:
    return any(
        opens < offer.closes and offer.opens < closes + DAY for opens, closes in told
    )


def _offer(history: Prices, offer: episodes.Offer) -> Offer:
    start = midnight(history.since)
    return Offer(
        history.codes[offer.sku],
        start + timedelta(days=offer.opens),
        start + timedelta(days=offer.closes),
        offer.depth,
    )


def _candidate(history: Prices, group: episodes.Group, source: Source) -> Candidate:
    offers = [_offer(history, offer) for offer in group.offers]
    day = history.since + timedelta(days=group.opens)
    key = f"{source}:{'day' if group.together else 'week'}:{day.isoformat()}"
    return Candidate(key, source, _called(offers, group.together), offers)


def _called(offers: Sequence[Offer], together: bool) -> str:
    """What a found sale is called."""
    count = len({offer.sku for offer in offers})
    if count == 1:
        return f"{offers[0].sku} reduced"
    return f"{count} SKUs reduced {'together' if together else 'in one week'}"
