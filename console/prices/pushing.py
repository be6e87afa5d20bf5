"""Bringing sale prices to a shop and taking them back, batch by batch, each read back.

A long list of SKUs takes several calls: where it stands is kept in the step's `seen`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from console.errors import OutsideFailure
from console.prices import operations, queries
from console.prices.models import WEB
from console.prices.operations import Note
from console.prices.rules import Reason
from console.prices.rules.reverting import Shown
from console.providers.ports import ShopPrice, Storefront
from console.runbook.handlers import Seen

BATCH = 500
BUDGET_S = 8.0
PASSES = 3
POLL_S = 0.05

Prices = Mapping[str, Decimal | None]


@dataclass
class Progress:
    """How far a step is.

    position: SKUs settled. pushed: written to the shop. again: written once more,
    because they were not there when read back; lost: those SKUs. restored, kept: of a
    revert; kept names each SKU that somebody else changed, with the price found; asked
    those of them that a person decides about, with the reason.
    """

    way: Literal["apply", "revert"]
    position: int = 0
    pushed: int = 0
    again: int = 0
    lost: list[str] = field(default_factory=list)
    restored: int = 0
    kept: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, seen: Any, way: Literal["apply", "revert"]) -> Progress:
        """Where an earlier call of the same way stopped, else the beginning."""
        if seen and seen.get("way") == way and not seen.get("done"):
            names = cls(way).__dict__
            return cls(**{k: v for k, v in seen.items() if k in names})
        return cls(way)

    def seen(self, total: int, note: str) -> Seen:
        """What the step tells: done, or to be called again at once."""
        done = self.position >= total
        share = self.position / total if total else 1.0
        return Seen(
            asdict(self) | {"total": total, "done": done},
            note,
            pending=not done,
            poll_after_s=POLL_S,
            progress=share,
        )


@dataclass(frozen=True)
class Target:
    """Where prices go, and what they belong to.

    offer: what kind of price it is where not everybody may have it; blank otherwise.
    """

    shop: Storefront
    campaign: str
    currency: str
    key: str
    now: datetime
    channel: str = WEB
    offer: str = ""

    @property
    def shelf(self) -> str:
        """The channel of the history our prices stand in.

        A price of one shopper, or of three together, was never in force for everybody:
        it has a history of its own, which no prior price is read from.
        """
        return f"{self.channel}:{self.offer}" if self.offer else self.channel

    @property
    def overlays(self) -> bool:
        """True if each campaign's prices lie over the shop's own, apart from others'.

        A driver says so; then ending ours brings back whatever lies beneath.
        """
        return bool(getattr(self.shop, "overlays", False))


def batches(codes: Sequence[str], progress: Progress) -> Iterator[list[str]]:
    """The SKUs from where the progress stands, until the time of one call is used up.

    A batch counts as settled once the loop asks for the next.
    """
    end = time.monotonic() + BUDGET_S
    while progress.position < len(codes):
        part = list(codes[progress.position : progress.position + BATCH])
        yield part
        progress.position += len(part)
        if time.monotonic() > end:
            return


def read(shop: Storefront, codes: Sequence[str]) -> dict[str, ShopPrice]:
    """What the shop asks for each of these SKUs.

    Raises:
        OutsideFailure: it does not know one of them; waiting does not help.
    """
    found = shop.prices(codes)
    unknown = sorted(set(codes) - set(found))
    if unknown:
        raise OutsideFailure(
            f"The shop does not know {_some(unknown)}. Add them there, then retry.",
            transient=False,
            kind="not_found",
        )
    return found


def shown(price: ShopPrice) -> Shown:
    """What the shop asks, as the rules read it."""
    return Shown(price.regular, price.sale, price.campaign)


def settle(
    target: Target,
    wanted: Prices,
    found: dict[str, ShopPrice],
    progress: Progress,
    arrived: Callable[[ShopPrice], bool] | None = None,
) -> dict[str, ShopPrice]:
    """Write what differs, read every SKU back, write again only what is missing.

    arrived: tells whether a price is there; by default, if it is the wanted one.

    Raises:
        OutsideFailure: some writes are lost every time, or somebody changed a price
            since it was read and the shop compares; worth another try later.
    """
    there = arrived or (lambda price: price.sale == wanted[price.sku])
    missing = _missing(wanted, found, there)
    for number in range(PASSES):
        if not missing:
            return found
        key = f"{target.key}/{target.now.timestamp()}/{progress.position}/{number}"
        target.shop.set_prices(missing, campaign=target.campaign, key=key, found=found)
        progress.pushed += 0 if number else len(missing)
        progress.again += len(missing) if number else 0
        progress.lost = sorted({*progress.lost, *(missing if number else ())})
        found = read(target.shop, list(wanted))
        missing = _missing(wanted, found, there)
    if missing:
        raise OutsideFailure(
            f"{len(missing)} of {len(wanted)} prices did not arrive in the shop after "
            f"{PASSES} tries: {_some(sorted(missing))}.",
            transient=True,
            kind="partial",
        )
    return found


def _missing(
    wanted: Prices,
    found: Mapping[str, ShopPrice],
    arrived: Callable[[ShopPrice], bool],
) -> Prices:
    return {sku: price for sku, price in wanted.items() if not arrived(found[sku])}


def write_down(
    target: Target,
    found: Mapping[str, ShopPrice],
    reason: Callable[[ShopPrice], tuple[Reason, str]],
) -> None:
    """Keep in the history what the shop asks now; what it says already is skipped.

    A price not everybody may have goes to its own shelf; for everybody the regular one
    is in force meanwhile.
    """
    apart = _apart(target, found)
    operations.note_all(
        note
        for price in found.values()
        for note in _notes(target, price, *reason(price), shelf=apart.get(price.sku))
    )


def _apart(target: Target, found: Mapping[str, ShopPrice]) -> dict[str, str]:
    """The shelf of each SKU whose price not everybody may have, ours or another's."""
    sold = {sku: price for sku, price in found.items() if price.sale is not None}
    others = {sku: p.campaign for sku, p in sold.items() if not _is_ours(target, p)}
    known = queries.shelves(others, target.channel) if others else {}
    ours = dict.fromkeys(set(sold) - set(others), target.shelf) if target.offer else {}
    return ours | known


def _is_ours(target: Target, price: ShopPrice) -> bool:
    return price.campaign in ("", target.campaign)


def _notes(
    target: Target, price: ShopPrice, why: Reason, remark: str, *, shelf: str | None
) -> Iterator[Note]:
    paid = price.regular if price.sale is None else price.sale
    public = (price.regular, Reason.REGULAR) if shelf else (paid, why)
    shelves = {target.channel: public}
    if shelf or target.offer:
        shelves[shelf or target.shelf] = (paid, why)
    for channel, (amount, said) in shelves.items():
        yield Note(
            price.sku,
            amount,
            target.now,
            said,
            target.currency,
            campaign=target.campaign,
            remark=remark,
            channel=channel,
        )


def _some(codes: Sequence[str], most: int = 20) -> str:
    shown = ", ".join(codes[:most])
    more = len(codes) - most
    return f"{shown} and {more} others" if more > 0 else shown
