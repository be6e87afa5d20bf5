"""The law of a sale and the facts of its goods: as it was opened, or as now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.conf import settings

from console.campaigns.models import Campaign, KeptLaw
from console.campaigns.queries.places import laws, places_of
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

    markets: which of these laws judges each market, by code; empty of sales that were
    armed before that was kept.
    """

    laws: list[Law]
    goods: Mapping[str, Goods]
    markets: Mapping[str, Law] = field(default_factory=dict)

    def of(self, sku: str) -> Goods:
        """The facts of one of its goods."""
        return self.goods.get(sku, Goods())

    def of_market(self, place: Place | None) -> Law:
        """The law that judges one of its markets; the only one, without markets."""
        if place is None:
            return self.laws[0]
        like = [one for one in self.laws if one.id == place.pack]
        same = [one for one in like if one.options == place.options]
        return self.markets.get(place.code) or [*same, *like, *self.laws][0]


def kept(campaign: Campaign) -> Kept:
    """What was kept of a sale when it was armed or opened; else what holds today."""
    row = KeptLaw.objects.filter(campaign=campaign).first()
    return today(campaign) if row is None else _read(row)


def today(campaign: Campaign) -> Kept:
    """What holds today: the options of its markets, the packs of its opening."""
    there, at = places_of(campaign), campaign.opens_at
    held = {one: _of_day(one, at) for one in laws(there) or [PACK]}
    markets = {one.code: held[Law(one.pack, one.options)] for one in there}
    found = goods(campaign.lines.values_list("sku__code", flat=True))
    return Kept(list(held.values()), found, markets)


def _of_day(law: Law, at: datetime | None) -> Law:
    """The law with its version of the day, once there is a day."""
    if at is None:
        return law
    return replace(law, version=law.at(at, settings.SHOP_ZONE).version)


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


def _read(row: KeptLaw) -> Kept:
    held = [Law(one["id"], tuple(one["options"]), one["version"]) for one in row.packs]
    facts = {sku: _goods(**one) for sku, one in row.goods.items()}
    pairs = zip(held, row.packs, strict=True)
    markets = {code: law for law, one in pairs for code in one.get("markets", ())}
    return Kept(held, facts, markets)


def _goods(*, perishable: bool, on_market_since: str | None) -> Goods:
    since = date.fromisoformat(on_market_since) if on_market_since else None
    return Goods(perishable, since)
