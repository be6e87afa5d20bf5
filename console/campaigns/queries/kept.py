"""The law of a sale and the facts of its goods: as it was opened, or as now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from console.campaigns.models import Campaign, KeptLaw
from console.campaigns.queries.places import Held, held_by, once, resolved
from console.campaigns.rules import Place
from console.prices.rules.packs import Law
from console.stock.models import Sku

PACK = Law("eu")
"""What judges a sale of a shop without markets."""


@dataclass(frozen=True)
class Goods:
    """What the law asks of goods, where they are not as most."""

    perishable: bool = False
    on_market_since: date | None = None


@dataclass(frozen=True)
class Kept:
    """The laws of a sale, each with its version, and its goods that are not as most.

    laws: each with its clock. markets: which of them judges each market, by code; empty
    of sales that were armed before that was kept.
    """

    laws: list[Held]
    goods: Mapping[str, Goods]
    markets: Mapping[str, Held] = field(default_factory=dict)

    def of(self, sku: str) -> Goods:
        """The facts of one of its goods."""
        return self.goods.get(sku, Goods())

    def of_market(self, place: Place | None) -> Held:
        """The law that judges one of its markets; the only one, without markets."""
        if place is None:
            return self.laws[0]
        like = [one for one in self.laws if one.law.id == place.pack]
        same = [one for one in like if one.law.options == place.options]
        return self.markets.get(place.code) or [*same, *like, *self.laws][0]


def kept(campaign: Campaign) -> Kept:
    """What was kept of a sale when it was armed or opened; else what holds today."""
    row = KeptLaw.objects.filter(campaign=campaign).first()
    zone = campaign.zone or settings.SHOP_ZONE
    return today(campaign) if row is None else _read(row, zone)


def today(campaign: Campaign) -> Kept:
    """What holds today: the options of its markets, the packs of its opening."""
    now = held_by(campaign, resolved(campaign))
    markets = {code: _of_day(one, campaign.opens_at) for code, one in now.items()}
    alone = _of_day(Held(PACK, settings.SHOP_ZONE), campaign.opens_at)
    found = goods(campaign.lines.values_list("sku__code", flat=True))
    return Kept(once(markets) or [alone], found, markets)


def _of_day(held: Held, at: datetime | None) -> Held:
    """The law with its version of the day, once there is a day."""
    if at is None:
        return held
    version = held.law.at(at, settings.SHOP_ZONE).version
    return replace(held, law=replace(held.law, version=version))


def goods(skus: Iterable[str]) -> dict[str, Goods]:
    """The facts of these, as they are now, where they are not as most."""
    rows = Sku.objects.filter(code__in=skus).order_by("code")
    found = rows.values_list("code", "perishable", "on_market_since")
    return {
        code: Goods(perishable, since)
        for code, perishable, since in found
        if perishable or since
    }


def spelled(found: Mapping[str, Goods]) -> dict[str, dict[str, bool | str | None]]:
    """Facts of goods, JSON-safe."""
    return {sku: _spelled(one) for sku, one in found.items()}


def _spelled(one: Goods) -> dict[str, bool | str | None]:
    since = one.on_market_since
    said = since.isoformat() if since else None
    return {"perishable": one.perishable, "on_market_since": said}


def packs(found: Kept) -> list[dict[str, Any]]:
    """The laws and their markets, JSON-safe."""
    return [
        {
            "id": one.law.id,
            "version": one.law.version,
            "options": list(one.law.options),
            "zone": one.zone,
            "after_s": int(one.after.total_seconds()),
            "markets": sorted(c for c, held in found.markets.items() if held == one),
        }
        for one in found.laws
    ]


def _read(row: KeptLaw, zone: str) -> Kept:
    """zone: what counted for all of a sale before the clocks of its laws were kept."""
    held = [_law(one, zone) for one in row.packs]
    facts = {sku: _goods(**one) for sku, one in row.goods.items()}
    pairs = zip(held, row.packs, strict=True)
    markets = {code: law for law, one in pairs for code in one.get("markets", ())}
    return Kept(held, facts, markets)


def _law(said: Mapping[str, Any], zone: str) -> Held:
    law = Law(said["id"], tuple(said["options"]), said["version"])
    after = timedelta(seconds=said.get("after_s", 0))
    return Held(law, said.get("zone", zone), after)


def _goods(*, perishable: bool, on_market_since: str | None) -> Goods:
    since = date.fromisoformat(on_market_since) if on_market_since else None
    return Goods(perishable, since)
