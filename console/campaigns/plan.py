"""The plan of a whole sale: every step from warming up to closing, and their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from console.campaigns.looks import LOOK, with_looks
from console.campaigns.parts import Part, Sale, Storefront, key
from console.campaigns.rules import plain
from console.capacity.operations import PlannedStep

__all__ = ["Part", "Sale", "Storefront", "compose", "key"]
READY_BEFORE = timedelta(minutes=5)
COOL_OFF_SHARE = 4
"""Floors stay up a quarter of the sale's length longer, at most capacity's cool-off."""


def compose(sale: Sale, *, now: datetime) -> list[Part]:
    """Every part of a sale's plan, in the order they are due.

    No part is due before now, so a sale approved late does at once what it missed.
    """
    by_name = _Capacity(sale.capacity)
    parts = [
        *_before(sale, by_name, now),
        *_opening(sale, by_name, now),
        *_ending(sale, by_name, now),
    ]
    parts = with_looks(parts)
    parts.append(_close(sale, parts, now))
    return [_keyed(sale, part) for part in parts]


class _Capacity:
    """Capacity's steps by what they are for."""

    def __init__(self, steps: Sequence[PlannedStep]) -> None:
        self.floors = [s for s in steps if s.name.startswith("floor-")]
        self.ends = [s for s in steps if s.name.startswith("purge-end")]
        self.purges = [s for s in steps if s.phase == "open"]
        self.warms = [
            s for s in steps if s not in [*self.floors, *self.ends, *self.purges]
        ]


def _before(sale: Sale, capacity: _Capacity, now: datetime) -> Iterable[Part]:
    ready_at = sale.opens_at - READY_BEFORE
    starts = [step.due_at for step in [*capacity.floors, *capacity.warms]]
    yield _own(sale, "warm_up", "Start warming up", "prepare",
               at=min([ready_at, *starts]), now=now)  # fmt: skip
    for step in capacity.floors:
        yield _from(step, after=("warm_up",))
    for step in capacity.warms:
        yield _from(step, after=step.after or ("warm_up",))
    yield Part("raise-fence", "stock.raise_fence", "Keep other writers of stock out",
               "prepare", wanted={"campaign": sale.code}, after=("warm_up",),
               policy="degrade", **_due(sale, ready_at, now))  # fmt: skip
    gates = _names([*capacity.floors, *capacity.warms]) or ("warm_up",)
    yield _own(sale, "ready", "Check that all is ready", "open",
               at=ready_at, now=now, after=gates)  # fmt: skip


def _opening(sale: Sale, capacity: _Capacity, now: datetime) -> Iterable[Part]:
    groups = _by(sale, "opens_at")
    for at, shops in groups.items():
        yield from (_priced(sale, name, shop, now) for name, shop in shops)
        if at != sale.opens_at:
            names = tuple(name for name, _ in shops)
            shop = shops[0][1].connection
            yield from _again(sale, capacity.purges, at, shop, names, now)
    first = groups.get(sale.opens_at, [])
    priced = tuple(name for name, _ in first) or ("ready",)
    for step in capacity.purges:
        yield _from(step, after=priced)
    gates = dict.fromkeys((*(_names(capacity.purges) or priced), "ready"))
    yield _own(sale, "open", "Open the sale", "open",
               at=sale.opens_at, now=now, after=tuple(gates))  # fmt: skip


def _priced(sale: Sale, name: str, shop: Storefront, now: datetime) -> Part:
    wanted = {
        "campaign": sale.code,
        "connection": shop.connection,
        "channel": shop.channel,
        "currency": sale.currency,
        "prices": {sku: plain(price) for sku, price in sale.prices.items()},
    }
    if sale.offer:
        wanted["offer"] = sale.offer
    title = f"Set {len(sale.prices):,} sale prices"
    return Part(name, "prices.apply", title, "open", target=shop.connection,
                wanted=wanted, after=("ready",),
                **_due(sale, shop.opens_at, now))  # fmt: skip


Named = Sequence[tuple[str, Storefront]]


def _shops(sale: Sale) -> Named:
    """One price step for each shop; the first has the plain name."""
    return [
        (f"prices-{shop.connection}" if number else "prices", shop)
        for number, shop in enumerate(sale.storefronts)
    ]


def _by(sale: Sale, when: str) -> dict[datetime, Named]:
    """The shops by the instant at which they open, or close; the earliest first."""
    found: dict[datetime, list[tuple[str, Storefront]]] = {}
    for name, shop in _shops(sale):
        found.setdefault(getattr(shop, when), []).append((name, shop))
    return dict(sorted(found.items()))


def _again(
    sale: Sale,
    purges: Iterable[PlannedStep],
    at: datetime,
    shop: str,
    after: tuple[str, ...],
    now: datetime,
) -> Iterable[Part]:
    """Purges once more, for shops that open, or close, at a time of their own."""
    for step in purges:
        part = _from(step, after=after)
        yield replace(part, name=f"{step.name}-{shop}", **_due(sale, at, now))


def _ending(sale: Sale, capacity: _Capacity, now: datetime) -> Iterable[Part]:
    code, due = {"campaign": sale.code}, _due(sale, sale.closes_at, now)
    yield _own(sale, "end", "End the sale", "end", at=sale.closes_at, now=now)
    yield Part("holds", "stock.drain_holds", "Let open checkouts finish", "end",
               wanted=code, after=("end",), **due)  # fmt: skip
    restored = ["holds"]
    for at, shops in _by(sale, "closes_at").items():
        part = _restored(sale, at, shops, now)
        restored.append(part.name)
        yield part
        if at != sale.closes_at:
            after = (part.name,)
            yield from _again(sale, capacity.ends, at, part.target, after, now)
    for step in capacity.ends:
        yield _from(step, after=tuple(restored[-1:]))
    purged = _names(capacity.ends) or tuple(restored[-1:])
    yield Part("return-stock", "stock.return_units", "Return unsold stock", "revert",
               wanted=code, after=purged, **due)  # fmt: skip
    yield Part("drop-fence", "stock.drop_fence", "Let other writers of stock in",
               "revert", wanted=code, after=("return-stock",), policy="degrade",
               **due)  # fmt: skip
    yield Part("drain-relay", "orders.drain", "Let the order relay drain", "close",
               wanted=code, after=("holds",), **due)  # fmt: skip
    if capacity.floors:
        yield Part("scale-down", "runbook.revert", "Put the floors back", "revert",
                   wanted={"keys": list(_names(capacity.floors))}, after=("end",),
                   **_due(sale, sale.closes_at + _cool_off(sale), now))  # fmt: skip


def _restored(sale: Sale, at: datetime, shops: Named, now: datetime) -> Part:
    """The prices of shops that close together; the last ones wait for checkouts."""
    last, names = at == sale.closes_at, [name for name, _ in shops]
    shop = shops[0][1].connection
    return Part("restore-prices" if last else f"restore-prices-{shop}",
                "runbook.revert", "Put the prices back", "revert",
                wanted={"keys": names}, after=("holds",) if last else ("open",),
                target=shop, **_due(sale, at, now))  # fmt: skip


def _close(sale: Sale, parts: Sequence[Part], now: datetime) -> Part:
    """The last part: it comes after everything that winds the sale down.

    It does not wait for looks: they change nothing, and call a person by themselves.
    """
    ending = [part for part in parts if part.phase in ("end", "revert", "close")]
    late = [part for part in ending if part.kind != LOOK]
    at = max(part.due_at for part in late)
    names = tuple(part.name for part in late)
    return _own(sale, "close", "Close the campaign", "close",
                at=at, now=now, after=names)  # fmt: skip


def _cool_off(sale: Sale) -> timedelta:
    length = sale.closes_at - sale.opens_at
    return min(sale.cool_off, length / COOL_OFF_SHARE)


def _own(
    sale: Sale,
    name: str,
    title: str,
    phase: str,
    *,
    at: datetime,
    now: datetime,
    after: tuple[str, ...] = (),
) -> Part:
    """A step of the campaign's own life."""
    return Part(
        name,
        f"campaigns.{name}",
        title,
        phase,
        wanted={"campaign": sale.code},
        after=after,
        **_due(sale, at, now),
    )


def _due(sale: Sale, at: datetime, now: datetime) -> dict[str, Any]:
    due_at = max(now, at)
    offset = int((due_at - sale.opens_at).total_seconds())
    return {"due_at": due_at, "t_offset_s": offset}


def _from(step: PlannedStep, *, after: tuple[str, ...]) -> Part:
    return Part(
        name=step.name,
        kind=step.kind,
        title=step.title,
        phase=step.phase,
        due_at=step.due_at,
        t_offset_s=step.t_offset_s,
        target=step.target,
        wanted=step.wanted,
        after=after,
        policy=step.policy,
    )


def _names(steps: Iterable[PlannedStep]) -> tuple[str, ...]:
    return tuple(step.name for step in steps)


def _keyed(sale: Sale, part: Part) -> Part:
    """The part with keys in place of names."""
    wanted = dict(part.wanted)
    if part.kind == "runbook.revert":
        wanted["keys"] = [key(sale.code, sale.round, name) for name in wanted["keys"]]
    if "of" in wanted:
        wanted["of"] = key(sale.code, sale.round, wanted["of"])
    after = tuple(key(sale.code, sale.round, name) for name in part.after)
    return replace(part, wanted=wanted, after=after)
