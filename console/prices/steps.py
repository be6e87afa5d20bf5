"""The kinds of step of this room: put sale prices into a shop, and take them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from console.audit.operations import record
from console.prices import (
    edge,
    handover,
    operations,
    pushing,
    reading,
    restoring,
    sampling,
    storefront,
)
from console.prices.models import WEB, Conflict
from console.prices.pushing import Progress, Target
from console.prices.rules import Reason
from console.prices.rules.reverting import Fate, Shown, Why, fate
from console.providers.operations import open_port
from console.providers.ports import ShopPrice, Storefront
from console.runbook.handlers import Seen, handles
from console.runbook.models import Step
from console.runbook.rules import State


def _prior(step: Step) -> dict[str, Any]:
    """The sale prices the shop shows before we touch it."""
    found = pushing.read(_shop(step), sorted(step.wanted["prices"]))
    kept = {
        sku: handover.inherited(step.wanted, price) or _kept(price)
        for sku, price in found.items()
    }
    return {"prices": kept}


def _put_back(step: Step) -> Seen:
    """Put back the sale prices of before, SKU by SKU, where ours is still there.

    Compare-and-set: a price that somebody changed during the sale is left as it is,
    listed and audited; it is theirs now. Where both could be right a person is asked.
    """
    now = timezone.now()
    target, codes = _target(step, now), sorted(step.wanted["prices"])
    progress = Progress.of(step.seen, "revert")
    others = handover.handed_over(step)
    for part in pushing.batches(codes, progress):
        if ours := [sku for sku in part if sku not in others]:
            _restore(step, target, ours, progress)
    mine = [sku for sku in codes if sku not in others and sku not in progress.kept]
    lifted = dict.fromkeys(mine) if target.overlays else {}
    seen = progress.seen(len(codes), _told(step, progress))
    seen = storefront.listed(target, mine, lifted, seen)
    if not seen.pending and progress.kept:
        record(None, "prices.keep", step.key, now=now, after=progress.kept)
    return seen


@handles("prices.apply", before=_prior, revert=_put_back, settings=reading.settings)
def apply(step: Step) -> Seen:
    """Bring every SKU to its sale price, read back all, and note it in the history.

    wanted: connection, campaign, prices (SKU → amount as text), currency if not EUR,
    channel if not the web; offer if not everybody may have the price; replaces and
    inherits where it takes over from an earlier step (prices.handover); held: SKUs it
    takes over and does not show, because they are sold out.
    """
    held = set(step.wanted.get("held", ()))
    wanted = {sku: price for sku, price in _prices(step).items() if sku not in held}
    target, codes = _target(step, timezone.now()), sorted(wanted)
    progress = Progress.of(step.seen, "apply")
    for part in pushing.batches(codes, progress):
        ours = {sku: wanted[sku] for sku in part}
        found = pushing.read(target.shop, part)
        found = pushing.settle(target, ours, found, progress)
        pushing.write_down(target, found, lambda _: (Reason.SALE, ""))
    note = f"{progress.position:,} of {len(codes):,} prices read back"
    note += f", {progress.again} pushed again" if progress.again else ""
    note += f", {len(held):,} not shown: sold out" if held else ""
    return storefront.checked(target, codes, wanted, progress.seen(len(codes), note))


@handles("prices.look_edge")
def look_edge(step: Step) -> Seen:
    """Look at a sample of pages through the edge, the one the store was looked at by.

    wanted: connection, of (the key of the step that set or restored the prices). A
    person's retry starts anew, with all its waits and another purge.
    """
    of = Step.objects.get(key=step.wanted["of"])
    if of.wanted.get("offer"):
        return Seen(note="Not on the public pages: not everybody may have this price")
    sample = sampling.chosen(sorted(of.wanted["prices"]), seed=of.key)
    seen = step.seen if step.state == State.VERIFYING else None
    return edge.work(_shop(step), sample, seen, key=step.key, now=timezone.now())


def _handed(step: Step) -> dict[str, Any]:
    """What the shop showed before the sale, as the step that set the prices kept it."""
    return {"prices": step.wanted.get("inherits", {})}


@handles("prices.withdraw", before=_handed, settings=reading.settings)
def withdraw(step: Step) -> Seen:
    """Take SKUs out of a running sale: each gets back the price of before.

    wanted: as of `prices.apply`, with the prices the sale shows now; inherits: what the
    shop showed before it.
    """
    return _put_back(step)


@handles("prices.restore")
def restore(step: Step) -> Seen:
    """Put back one price somebody decided about, if it is still what they saw.

    wanted: connection, conflict (its number).

    Raises:
        Drifted: it has changed since; nothing was written and it is asked again.
    """
    conflict = Conflict.objects.get(pk=step.wanted["conflict"])
    return restoring.restore(_shop(step), conflict, step.key, timezone.now())


def _restore(step: Step, target: Target, part: list[str], progress: Progress) -> None:
    """One batch: what is still ours goes back, what is not stays."""
    found = pushing.read(target.shop, part)
    fates = {sku: _fate(step, price) for sku, price in found.items()}
    kept = {sku: found[sku] for sku in found if fates[sku][0] is not Fate.RESTORE}
    asked = {sku: why for sku, (_, why) in fates.items() if why}
    seen = {sku: price for sku, price in found.items() if sku not in kept}
    if target.overlays:
        _clear_beneath(target, found)
        seen = _lifted(target, seen, progress)
    else:
        seen = _rewritten(step, target, seen, progress)
    progress.restored += len(seen)
    progress.kept |= {s: str(p.sale or p.regular) for s, p in kept.items()}
    progress.asked |= {sku: str(why) for sku, why in asked.items()}
    pushing.write_down(target, seen | kept, lambda price: _why(price, kept))
    rows = (_conflict(step, target, found[sku], why) for sku, why in asked.items())
    operations.ask(rows, now=target.now)


def _fate(step: Step, price: ShopPrice) -> tuple[Fate, Why | None]:
    kept = _before(step).get(price.sku)
    ours = _prices(step)[price.sku]
    return fate(_known(kept), ours, pushing.shown(price), step.wanted["campaign"])


def _known(kept: Mapping[str, Any] | None) -> Shown | None:
    if kept is None:
        return None
    return Shown(Decimal(kept["regular"]), _sale(kept), kept["campaign"])


def _conflict(step: Step, target: Target, price: ShopPrice, why: Why) -> Conflict:
    before = _known(_before(step).get(price.sku))
    return Conflict(
        step_key=step.key,
        plan=step.plan,
        connection=step.wanted["connection"],
        campaign=target.campaign,
        sku=price.sku,
        channel=target.channel,
        currency=target.currency,
        why=why,
        before_regular=before.regular if before else None,
        before_sale=before.sale if before else None,
        before_campaign=before.campaign if before else "",
        ours=_prices(step)[price.sku],
        found_regular=price.regular,
        found_sale=price.sale,
        found_campaign=price.campaign,
        found_at=target.now,
    )


def _lifted(
    target: Target, found: dict[str, ShopPrice], progress: Progress
) -> dict[str, ShopPrice]:
    """End our overlay; what lies beneath is in force again, whatever it is by now."""

    def gone(price: ShopPrice) -> bool:
        return price.sale is None or price.campaign != target.campaign

    ended = dict.fromkeys(found)
    return pushing.settle(target, ended, found, progress, gone)


def _rewritten(
    step: Step, target: Target, found: dict[str, ShopPrice], progress: Progress
) -> dict[str, ShopPrice]:
    """Write the sale prices of before, each for the campaign it came from."""
    old, seen = _before(step), dict(found)
    owners: dict[str, dict[str, Decimal | None]] = {}
    for sku in found:
        price = _sale(old.get(sku))
        owner = old[sku]["campaign"] if price is not None else ""
        owners.setdefault(owner or target.campaign, {})[sku] = price
    for owner, prices in owners.items():
        some = {sku: found[sku] for sku in prices}
        to = replace(target, campaign=owner)
        seen |= pushing.settle(to, prices, some, progress)
    return seen


def _clear_beneath(target: Target, found: Mapping[str, ShopPrice]) -> None:
    """Where another campaign's price lies over ours, ours must not come back later."""
    ours = ("", target.campaign)
    hidden = [sku for sku, price in found.items() if price.campaign not in ours]
    if hidden:
        key = f"{target.key}/{target.now.timestamp()}/beneath"
        ended = dict.fromkeys(hidden)
        target.shop.set_prices(ended, campaign=target.campaign, key=key, found=found)


def _why(price: ShopPrice, kept: Mapping[str, ShopPrice]) -> tuple[Reason, str]:
    if price.sku not in kept:
        return Reason.REVERT, ""
    why = Reason.REGULAR if price.sale is None else Reason.SALE
    return why, "Changed in the shop during the sale"


def _told(step: Step, progress: Progress) -> str:
    note = f"{progress.restored:,} restored"
    if not progress.kept:
        return note
    listed = [
        f"{sku} at {found} (we set {step.wanted['prices'][sku]})"
        for sku, found in sorted(progress.kept.items())
    ]
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    asked = f" ({len(progress.asked)} to decide)" if progress.asked else ""
    told = f"{note}, {len(listed)} kept that somebody changed{asked}: "
    return told + ", ".join(listed[:3]) + more


def _shop(step: Step) -> Storefront:
    return open_port(Storefront, step.wanted["connection"])


def _target(step: Step, now: datetime) -> Target:
    wanted = step.wanted
    return Target(
        _shop(step),
        wanted["campaign"],
        wanted.get("currency", "EUR"),
        step.key,
        now,
        wanted.get("channel", WEB),
        wanted.get("offer", ""),
    )


def _prices(step: Step) -> dict[str, Decimal]:
    return {sku: Decimal(price) for sku, price in step.wanted["prices"].items()}


def _before(step: Step) -> dict[str, Any]:
    before: dict[str, Any] = (step.before or {}).get("prices", {})
    return before


def _kept(price: ShopPrice) -> dict[str, str | None]:
    sale = None if price.sale is None else str(price.sale)
    return {
        "sale": sale,
        "regular": str(price.regular),
        "campaign": price.campaign,
    }


def _sale(kept: Mapping[str, Any] | None) -> Decimal | None:
    sale = kept.get("sale") if kept else None
    return None if sale is None else Decimal(sale)
