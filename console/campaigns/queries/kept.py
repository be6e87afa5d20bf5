"""The law of a sale and the facts of its goods: as it was opened, or as now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from console.campaigns.models import Campaign, KeptLaw
from console.campaigns.queries.places import laws, places_of
from console.prices.rules.packs import Law, Pack
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
    """The laws of a sale, each with its version, and its goods that are not as most."""

    laws: list[Law]
    goods: Mapping[str, Goods]

    def of(self, sku: str) -> Goods:
        """The facts of one of its goods."""
        return self.goods.get(sku, Goods())

    def packs(self, at: datetime) -> list[Pack]:
        """Its packs, of a day."""
        return [law.at(at, settings.SHOP_ZONE) for law in self.laws]


def kept(campaign: Campaign) -> Kept:
    """What was kept of a sale when it was armed or opened; else what holds today."""
    row = KeptLaw.objects.filter(campaign=campaign).first()
    return today(campaign) if row is None else _read(row)


def today(campaign: Campaign) -> Kept:
    """What holds today: the options of its markets, the packs of its opening."""
    held = laws(places_of(campaign)) or [PACK]
    at = campaign.opens_at
    if at is not None:
        packs = [(law, law.at(at, settings.SHOP_ZONE)) for law in held]
        held = [Law(law.id, law.options, pack.version) for law, pack in packs]
    return Kept(held, goods(campaign.lines.values_list("sku__code", flat=True)))


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
    return Kept(held, facts)


def _goods(*, perishable: bool, on_market_since: str | None) -> Goods:
    since = date.fromisoformat(on_market_since) if on_market_since else None
    return Goods(perishable, since)
