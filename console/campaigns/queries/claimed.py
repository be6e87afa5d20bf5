"""What each line of a sale may claim in a market, by the law kept for that market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.conf import settings

from console.campaigns.models import Campaign
from console.campaigns.queries.kept import Goods, kept
from console.campaigns.rules import LineSaid, Opening, PriceKind, on_market_from
from console.prices import queries as prices
from console.prices.rules import Claim, Clock
from console.prices.rules.packs import Facts, Pack, judge, strictest


def claims(
    campaign: Campaign,
    ours: Mapping[str, LineSaid],
    opening: Opening | None,
    *,
    now: datetime,
) -> dict[str, Claim]:
    """The claim of each line in one market, at the opening, where one is measured.

    By the law the sale was opened by there. Prices are set before the gate opens: from
    `opened_at` alone they would count.
    """
    known = [at for at in (campaign.opens_at, campaign.opened_at) if at]
    start, held = min(known, default=now), kept(campaign)
    law = held.of_market(opening.place if opening else None)
    pack, clock = law.law.at(start, settings.SHOP_ZONE), law.clock(start)
    besides = campaign.code if law.after else None
    histories = [
        prices.points(
            ours, clock.at, channel=way, currency=campaign.currency, besides=besides
        )
        for way in campaign.channels
    ]
    found: dict[str, Claim] = {}
    for code, line in ours.items():
        facts = _facts(campaign, line, held.of(code), clock)
        past = [tuple(history.get(code, ())) for history in histories]
        if claim := _claim(pack, [replace(facts, history=one) for one in past]):
            found[code] = claim
    return found


def _claim(pack: Pack, facts: Sequence[Facts]) -> Claim | None:
    """The lowest of all channels. facts: of a line in each of them."""
    claim = strictest(*(judge(pack, one) for one in facts)).claim
    fresh = facts[0].perishable and pack.rule("perishable") is not None
    return replace(claim, fresh=fresh) if claim else None


def _facts(campaign: Campaign, line: LineSaid, goods: Goods, clock: Clock) -> Facts:
    """A line without its history, and its code, which no rule about lines asks for."""
    return Facts(
        "",
        line.sale_price,
        campaign.currency,
        clock.at,
        clock.zone,
        (),
        on_market_since=on_market_from(goods.on_market_since, clock.zone),
        perishable=goods.perishable,
        personal=campaign.price_kind == PriceKind.PERSONAL,
        conditional=campaign.price_kind == PriceKind.CONDITIONAL,
        members=campaign.price_kind == PriceKind.MEMBERS,
    )
