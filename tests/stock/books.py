"""The books of stock in plain Python: what should be, told by the rules alone.

Each act answers True and does it, or answers False and leaves everything as it was.
Nothing here asks the database, nor knows who swept what when: a hold counts until it
expires, and who pays late has what is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

TTL_S = 60
Place = tuple[str, int]
"""A SKU at the place of this position."""


def spread(units: int, there: list[int]) -> list[int]:
    """Units from each, the first emptied before the next."""
    out = []
    for each in there:
        out.append(min(units, each))
        units -= out[-1]
    return out


@dataclass
class Shelf:
    """One SKU at one place."""

    on_hand: int = 20
    committed: int = 0
    allocated: int = 0
    buffer: int = 0

    @property
    def free(self) -> int:
        return max(0, self.on_hand - self.committed - self.allocated - self.buffer)

    @property
    def holds(self) -> bool:
        return (
            min(self.on_hand, self.committed, self.buffer) >= 0
            and self.on_hand >= self.committed + self.allocated
        )


@dataclass
class Lot:
    """What a campaign locked of one SKU, and from where."""

    quantity: int
    buffer: int
    sources: list[int]
    returned: bool = False
    sold_at_end: int = 0
    committed: list[int] = field(default_factory=lambda: [0, 0])


@dataclass
class Hold:
    """One reservation."""

    campaign: str
    units: dict[str, int]
    expires: int
    state: str = "held"
    sold: dict[str, int] = field(default_factory=dict)
    short: dict[str, int] = field(default_factory=dict)
    shipped: dict[Place, int] = field(default_factory=dict)
    back: dict[Place, int] = field(default_factory=dict)
    cancelled: dict[str, int] = field(default_factory=dict)

    def gone(self, sku: str) -> int:
        return sum(n for (one, _), n in self.shipped.items() if one == sku)

    def came(self, sku: str) -> int:
        return sum(n for (one, _), n in self.back.items() if one == sku)

    def to_send(self, sku: str) -> int:
        paid = self.sold.get(sku, 0) - self.gone(sku)
        return paid - self.cancelled.get(sku, 0)


class Books:
    """Everything there is."""

    def __init__(self, skus: list[str], campaigns: list[str]) -> None:
        self.t = 0
        self.skus = skus
        self.shelves = {(sku, place): Shelf() for sku in skus for place in (0, 1)}
        self.lots: dict[tuple[str, str], Lot] = {}
        self.gates = dict.fromkeys(campaigns, "open")
        self.holds: list[Hold] = []

    # What there is

    def row(self, sku: str) -> list[Shelf]:
        return [self.shelves[sku, 0], self.shelves[sku, 1]]

    def of(self, campaign: str) -> dict[str, Lot]:
        return {sku: lot for (c, sku), lot in self.lots.items() if c == campaign}

    def sold(self, campaign: str, sku: str) -> int:
        """Sold and not cancelled while the sale had the units."""
        lot = self.lots[campaign, sku]
        if lot.returned:
            return lot.sold_at_end
        mine = [one for one in self.holds if one.campaign == campaign]
        return sum(x.sold.get(sku, 0) - x.cancelled.get(sku, 0) for x in mine)

    def reserved(self, campaign: str, sku: str) -> int:
        return sum(
            one.units.get(sku, 0)
            for one in self.holds
            if one.campaign == campaign and self.counts(one)
        )

    def counts(self, one: Hold) -> bool:
        return one.state == "held" and one.expires > self.t

    def left(self, campaign: str, sku: str) -> int:
        lot = self.lots.get((campaign, sku))
        if lot is None or lot.returned:
            return 0
        taken = self.sold(campaign, sku) + self.reserved(campaign, sku)
        return lot.quantity - lot.buffer - taken

    def short(self) -> int:
        return sum(sum(one.short.values()) for one in self.holds)

    # Locking

    def lock(self, campaign: str, wants: Mapping[str, tuple[int, int]]) -> bool:
        for lot in self.of(campaign).values():
            if not lot.returned or lot.sold_at_end:
                return False
        for sku, (units, buffer) in wants.items():
            if buffer > units or units > sum(x.free for x in self.row(sku)):
                return False
        for sku, (units, buffer) in wants.items():
            self._take(campaign, sku, units, buffer)
        return True

    def _take(self, campaign: str, sku: str, units: int, buffer: int) -> None:
        shares = spread(units, [shelf.free for shelf in self.row(sku)])
        for shelf, share in zip(self.row(sku), shares, strict=True):
            shelf.allocated += share
        self.lots[campaign, sku] = Lot(units, buffer, shares)

    def resize(self, campaign: str, sku: str, quantity: int, buffer: int) -> bool:
        lot = self.lots[campaign, sku]
        if lot.returned or self.gates[campaign] == "closed":
            return False
        taken = self.sold(campaign, sku) + self.reserved(campaign, sku)
        if not 0 <= buffer <= quantity or quantity - buffer < taken:
            return False
        grown = quantity - lot.quantity
        if grown > sum(shelf.free for shelf in self.row(sku)):
            return False
        if grown >= 0:
            shares = spread(grown, [shelf.free for shelf in self.row(sku)])
        else:
            shares = [-n for n in reversed(spread(-grown, lot.sources[::-1]))]
        for place, share in enumerate(shares):
            self.shelves[sku, place].allocated += share
            lot.sources[place] += share
        lot.quantity, lot.buffer = quantity, buffer
        return True

    def drop(self, campaign: str, sku: str) -> bool:
        """An amendment takes a SKU out of the sale."""
        lot = self.lots[campaign, sku]
        taken = self.sold(campaign, sku) + self.reserved(campaign, sku)
        if lot.returned:
            return True
        if taken:
            return self.resize(campaign, sku, taken, 0)
        self._give_back(campaign, sku)
        return True

    def add(self, campaign: str, sku: str, units: int, buffer: int) -> bool:
        """An amendment takes a SKU in, anew or again."""
        lot = self.lots.get((campaign, sku))
        if lot and not lot.returned:
            size = lot.quantity + units, lot.buffer + buffer
            return self.resize(campaign, sku, *size)
        if lot and lot.sold_at_end:
            return False
        if units > sum(shelf.free for shelf in self.row(sku)):
            return False
        self._take(campaign, sku, units, buffer)
        return True

    def give_back(self, campaign: str) -> bool:
        if self.gates[campaign] != "closed":
            return False
        lots = {s: x for s, x in self.of(campaign).items() if not x.returned}
        if any(self.reserved(campaign, sku) for sku in lots):
            return False
        for sku in lots:
            self._give_back(campaign, sku)
        return True

    def _give_back(self, campaign: str, sku: str) -> None:
        lot = self.lots[campaign, sku]
        lot.sold_at_end = self.sold(campaign, sku)
        lot.committed = spread(lot.sold_at_end, lot.sources)
        for place, units in enumerate(lot.sources):
            self.shelves[sku, place].allocated -= units
            self.shelves[sku, place].committed += lot.committed[place]
        lot.returned = True

    # Shelves

    def become(self, place: Place, shelf: Shelf) -> bool:
        """A count, or goods that come in: the level says something else."""
        if not shelf.holds:
            return False
        self.shelves[place] = shelf
        return True

    # Buyers

    def reserve(self, campaign: str, units: Mapping[str, int]) -> bool:
        if self.gates[campaign] != "open":
            return False
        if any(n > self.left(campaign, sku) for sku, n in units.items()):
            return False
        self.holds.append(Hold(campaign, dict(units), self.t + TTL_S))
        return True

    def confirm(self, one: Hold) -> bool:
        if one.state == "confirmed":
            return True
        counted = self.counts(one)
        for sku, n in one.units.items():
            there = n if counted else min(n, self.left(one.campaign, sku))
            one.sold[sku], one.short[sku] = there, n - there
        one.state = "confirmed"
        return True

    def release(self, one: Hold) -> bool:
        if one.state == "confirmed":
            return False
        one.state = "released"
        return True

    # After the sale

    def cancel_sale(self, one: Hold, sku: str, units: int) -> bool:
        if one.state != "confirmed" or not 1 <= units <= one.to_send(sku):
            return False
        lot = self.lots[one.campaign, sku]
        if lot.returned:
            shares = self._shelves_of(lot, sku, units)
            if sum(shares) < units:
                return False
            for place, share in enumerate(shares):
                self.shelves[sku, place].committed -= share
                lot.committed[place] -= share
        one.cancelled[sku] = one.cancelled.get(sku, 0) + units
        return True

    def _shelves_of(self, lot: Lot, sku: str, units: int) -> list[int]:
        """From where units that are promised to this sale's orders can leave."""
        most = [
            min(n, x.committed)
            for n, x in zip(lot.committed, self.row(sku), strict=True)
        ]
        return spread(units, most)

    def ship(self, one: Hold, sku: str, units: int) -> bool:
        if one.state != "confirmed" or not 1 <= units <= one.to_send(sku):
            return False
        lot = self.lots[one.campaign, sku]
        shares = self._shelves_of(lot, sku, units)
        if not lot.returned or sum(shares) < units:
            return False
        for place, share in enumerate(shares):
            self.shelves[sku, place].on_hand -= share
            self.shelves[sku, place].committed -= share
            lot.committed[place] -= share
            one.shipped[sku, place] = one.shipped.get((sku, place), 0) + share
        return True

    def take_back(self, one: Hold, sku: str, units: int, *, damaged: bool) -> bool:
        if not 1 <= units <= one.gone(sku) - one.came(sku):
            return False
        with_buyer = [
            one.shipped.get((sku, p), 0) - one.back.get((sku, p), 0) for p in (0, 1)
        ]
        for place, share in enumerate(spread(units, with_buyer)):
            one.back[sku, place] = one.back.get((sku, place), 0) + share
            if not damaged:
                self.shelves[sku, place].on_hand += share
        return True
