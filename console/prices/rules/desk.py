"""Guards that need more than the line: who sets the price, and other currencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from console.prices.rules.guards import SLIP_BELOW, Finding, Guard, Level, Offer
from console.prices.rules.money import spell

DEEPEST = {
    "merchandiser": Decimal("0.50"),
    "approver": Decimal("0.70"),
    "admin": Decimal("0.90"),
}
"""How deep each role may go, of the regular price; our default."""


def deepest(roles: Iterable[str]) -> Decimal:
    """The deepest reduction somebody with these roles may answer for."""
    return max((DEEPEST.get(role, Decimal(0)) for role in roles), default=Decimal(0))


def check_depth(offer: Offer, roles: Iterable[str]) -> Finding | None:
    """A block where the reduction is deeper than these roles may go."""
    limit, depth = deepest(roles), 1 - offer.sale / offer.regular
    if depth <= limit:
        return None
    able = [role for role, most in DEEPEST.items() if depth <= most]
    way = f"Ask somebody with the role {able[0]}." if able else "Raise the price."
    text = f"{depth:.0%} off {offer.sku} is more than your role may give "
    return Finding(Guard.ROLE, Level.BLOCK, f"{text}({limit:.0%}). {way}")


def check_approver(offer: Offer) -> Finding | None:
    """A warning where the reduction is deeper than an approver may answer for."""
    depth = 1 - offer.sale / offer.regular
    if depth <= DEEPEST["approver"]:
        return None
    who = "only an admin may approve it"
    if depth > DEEPEST["admin"]:
        who = "no role may approve that much. Raise the price"
    return Finding(Guard.ROLE, Level.WARN, f"{depth:.0%} off {offer.sku}: {who}")


def check_currency(offer: Offer, known: Mapping[str, Decimal]) -> Finding | None:
    """A price that makes sense in another currency of the SKU, but not in its own.

    known: what the SKU costs now, by currency. A price makes sense from 15% of it up
    to, but not including, the whole.
    """
    own = known.get(offer.currency, offer.regular)
    if offer.confirmed or _sensible(offer.sale, own):
        return None
    for currency, amount in sorted(known.items()):
        if currency != offer.currency and _sensible(offer.sale, amount):
            return _mixed_up(offer, own, currency, amount)
    return None


def _sensible(sale: Decimal, regular: Decimal) -> bool:
    return SLIP_BELOW <= sale / regular < 1


def _mixed_up(offer: Offer, own: Decimal, currency: str, amount: Decimal) -> Finding:
    text = (
        f"{spell(offer.sale, offer.currency)} does not fit the price of {offer.sku}, "
        f"{spell(own, offer.currency)}, but would fit {spell(amount, currency)}: is it "
        f"in {currency}? Correct it, or confirm that it is meant."
    )
    return Finding(Guard.CURRENCY_MIXUP, Level.CONFIRM, text)
