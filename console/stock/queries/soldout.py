"""What shops do once units of a sale are gone: what is asked, and what they do now."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection as database
from django.db.models import Q

from console.providers.models import Connection
from console.providers.ports import Storefront
from console.providers.registry import drivers
from console.stock.models import Allocation, SaleGate, Shown, SoldOutPolicy
from console.stock.queries.counts import sold_out
from console.stock.queries.noticed import ways_of
from console.stock.rules import GateState
from console.stock.rules.soldout import (
    LABELS,
    SoldOutWay,
    doing,
    falls_back,
    need_to_change,
    price_told,
)

FIRST = 20
GONE = """
select a.id, o.out_at, coalesce((
        select jsonb_agg(jsonb_build_array(t.target, t.kind, t.state) order by t.target)
        from (
            select distinct on (s.target) s.target, s.kind, s.state
            from runbook_step s join stock_sku k on k.id = a.sku_id
            where o.withdrawn and s.plan = 'campaign:' || a.campaign
                and s.kind in ('prices.apply', 'prices.withdraw')
                and strpos(s.key, '/sold-out/') > 0 and s.state <> 'skipped'
                and s.wanted -> 'prices' ? k.code
            order by s.target, s.id desc) t), '[]'),
    coalesce(mine.way, general.way, ''),
    case when mine.id is null then coalesce(general."to", '') else mine."to" end,
    mine.id is not null,
    coalesce((
        select jsonb_agg(jsonb_build_array(t.connection, t.notice, t.notice_shown,
            t.notice_kept) order by t.connection)
        from stock_shown t where t.sku_id = a.sku_id
            and (t.notice <> '' or t.notice_last <> '' or t.notice_kept <> '')), '[]')
from stock_allocation a
left join stock_soldout o on o.allocation_id = a.id
left join stock_soldoutpolicy mine
    on mine.campaign = a.campaign and mine.sku_id = a.sku_id
left join stock_soldoutpolicy general
    on general.campaign = a.campaign and general.sku_id is null
where a.id = any (%s) and (o.allocation_id is not null or mine.id is not null)
"""


@dataclass(frozen=True)
class Page:
    """What the page of a SKU at one shop should do, does, and was kept doing."""

    connection: str
    wanted: str
    shown: str
    kept: str

    @property
    def told(self) -> str:
        """What it does, in words; empty if nothing out of the ordinary."""
        if self.kept:
            return f"kept as changed at {self.connection}"
        if self.wanted != self.shown:
            return f"telling {self.connection}"
        return doing(self.shown)


@dataclass(frozen=True)
class Gone:
    """A SKU that is sold out since, or has a policy of its own; and what shops do.

    turns: what becomes of its sale price, in words.
    """

    out_at: datetime | None = None
    turns: Sequence[str] = ()
    way: str = ""
    to: str = ""
    own: bool = False
    pages: Sequence[Page] = ()

    @property
    def label(self) -> str:
        """The policy that counts, in words."""
        return LABELS[SoldOutWay(self.way)] if self.way else ""

    @property
    def told(self) -> str:
        """What shops do now: `redirecting, sale price taken back`; empty if nothing."""
        said = [page.told for page in self.pages]
        return ", ".join(dict.fromkeys(one for one in [*said, *self.turns] if one))

    @property
    def price(self) -> str:
        """What becomes of its sale price; empty if nothing."""
        return ", ".join(dict.fromkeys(self.turns))


@dataclass(frozen=True)
class Unable:
    """A shop that cannot do what is asked, and what it does instead."""

    connection: str
    way: SoldOutWay
    instead: str

    @property
    def told(self) -> str:
        """A sentence for who plans."""
        return (
            f"{self.connection} cannot “{LABELS[self.way]}” when a SKU is sold out: "
            f"it {self.instead}"
        )


@dataclass(frozen=True)
class SoldOutPlan:
    """What a sale asks for. own: SKUs with a policy of their own. out: SKUs with
    nothing left; acted: those of which shops were told so.

    kept: the first pages of its SKUs that somebody else changed; more: how many there
    are besides. gate: whether the sale runs, or is over; None before it opens. locked:
    its units are, as from its approval on.
    """

    default: SoldOutPolicy | None
    own: int
    out: int
    acted: int
    unable: Sequence[Unable] = ()
    kept: Sequence[Page] = ()
    more: int = 0
    gate: SaleGate | None = None
    locked: bool = False

    @property
    def need(self) -> str:
        """What somebody needs to change it; empty once the sale is over."""
        state = GateState(self.gate.state) if self.gate else None
        return need_to_change(state, locked=self.locked)

    @property
    def label(self) -> str:
        """The policy of the sale, in words."""
        return LABELS[SoldOutWay(self.default.way)] if self.default else ""


def gone(allocation_ids: Iterable[int]) -> dict[int, Gone]:
    """Of these allocations, those that are sold out or have a policy of their own."""
    with database.cursor() as cursor:
        cursor.execute(GONE, [list(allocation_ids)])
        return {
            pk: Gone(out_at, _turns(turns), way, to, own, _pages(told))
            for pk, out_at, turns, way, to, own, told in cursor.fetchall()
        }


def _pages(told: object) -> list[Page]:
    return [Page(*row) for row in _read(told)]


def _turns(told: object) -> list[str]:
    return [said for row in _read(told) if (said := price_told(*row))]


def _read(told: object) -> list[list[str]]:
    rows = json.loads(told) if isinstance(told, str) else told
    assert isinstance(rows, list)
    return rows


def unable(campaign: str, connections: Collection[str] | None = None) -> list[Unable]:
    """The shops that cannot do what a sale asks for, in order.

    connections: those of the sale; None: every shop that is told its stock.
    """
    found = SoldOutPolicy.objects.filter(campaign=campaign)
    ways = sorted({SoldOutWay(way) for way in found.values_list("way", flat=True)})
    if not ways:
        return []
    shops = Connection.objects.filter(enabled=True).order_by("name")
    if connections is not None:
        shops = shops.filter(name__in=connections)
    told = [(one.name, _able(one)) for one in shops if one.driver in _storefronts()]
    return [
        Unable(name, way, instead)
        for name, able in told
        for way in ways
        if (instead := falls_back(way, able))
    ]


def _storefronts() -> set[str]:
    return {name for name, kind in drivers().items() if issubclass(kind, Storefront)}


def _able(one: Connection) -> frozenset[str]:
    """A shop that is not told its stock is told nothing."""
    return frozenset() if one.options.get("publish_stock") is False else ways_of(one)


def sold_out_plan(campaign: str, *, now: datetime) -> SoldOutPlan:
    """What a sale asks for, and what becomes of it."""
    rows = list(SoldOutPolicy.objects.filter(campaign=campaign).order_by("pk"))
    gate = SaleGate.objects.filter(campaign=campaign).first()
    ours = Allocation.objects.filter(campaign=campaign)
    kept, more = _kept(campaign)
    out, acted = sold_out(campaign, now=now)
    return SoldOutPlan(
        default=next((one for one in rows if one.sku_id is None), None),
        own=sum(one.sku_id is not None for one in rows),
        out=out,
        acted=acted,
        unable=unable(campaign, gate.shops if gate else None) if rows else (),
        kept=kept,
        more=more,
        gate=gate,
        locked=gate is not None or ours.filter(returned_at=None).exists(),
    )


def _kept(campaign: str) -> tuple[list[Page], int]:
    """The first pages that others changed, and how many there are besides."""
    ours = Allocation.objects.filter(campaign=campaign).values("sku")
    found = Shown.objects.filter(~Q(notice_kept=""), sku__in=ours)
    rows = list(found.select_related("sku").order_by("connection", "sku__code")[:FIRST])
    more = found.count() - FIRST if len(rows) == FIRST else 0
    return [
        Page(f"{one.sku.code} at {one.connection}", "", "", one.notice_kept)
        for one in rows
    ], more
