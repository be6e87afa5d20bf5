"""Price guards: what stops a typing error or a loss before it is public.

docs/prices.md explains the guards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from statistics import median

from console.prices.rules.history import claimable, highest_for
from console.prices.rules.money import cut, exponent, fits, lift, spell

MIN_MARGIN = Decimal("0.05")
SLIP_BELOW = Decimal("0.15")
MORE_APPROVERS_ABOVE = ((3, Decimal("0.75")), (2, Decimal("0.50")))
"""How many approve a line that is deeper than this ratio; the most first."""
OUTLIER_POINTS = Decimal("0.20")
ADVISED = " No law of its markets measures that: check that the reduction is real."


class Guard(StrEnum):
    """The guards by name."""

    NOT_LOWER = "not_lower"
    NOT_POSITIVE = "not_positive"
    CURRENCY = "currency_exponent"
    CURRENCY_MIXUP = "currency_mixup"
    DECIMAL_SLIP = "decimal_slip"
    FLOOR = "price_floor"
    DEPTH = "second_approver"
    ROLE = "too_deep_for_role"
    NO_HISTORY = "no_price_history"
    PRIOR = "not_below_prior"
    CLAIM = "small_claim"
    OUTLIERS = "outliers"


class Level(StrEnum):
    """How a guard answers.

    confirm: blocks until somebody confirms that the price is meant.
    approver: needs more than one approver.
    """

    BLOCK = "block"
    CONFIRM = "confirm"
    APPROVER = "approver"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a guard found: the sentence says the way out; `suggest` would pass."""

    guard: Guard
    level: Level
    text: str
    suggest: Decimal | None = None

    @property
    def blocks(self) -> bool:
        """True if the price may not go out as it is."""
        return self.level in (Level.BLOCK, Level.CONFIRM)


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of a sale, as the guards see it.

    prior: the 30-day low at the opening; None without history.
    prior_from: who set that low, in words, for the sentence.
    confirmed: somebody has confirmed that a price this low is meant.
    outside: of the 30-day rule, as a personal price or one bound to a quantity; a price
    for members is not.
    fresh: perishable, and `prior` is the price right before, as the law allows.
    advised: no law of the sale measures reductions, so the 30-day low is advice.
    """

    sku: str
    regular: Decimal
    sale: Decimal
    currency: str = "EUR"
    cost: Decimal | None = None
    prior: Decimal | None = None
    prior_from: str = ""
    confirmed: bool = False
    outside: bool = False
    fresh: bool = False
    advised: bool = False


def check_offer(
    offer: Offer,
    *,
    min_margin: Decimal = MIN_MARGIN,
    min_claim: int = 0,
    deep: Sequence[tuple[int, Decimal]] = MORE_APPROVERS_ABOVE,
) -> list[Finding]:
    """What the guards find in one line; nothing means go.

    min_claim: the smallest percentage worth announcing (a fatigue policy has one).
    deep: approvers, and the ratio off above which they are asked for; the most first.
    """
    if offer.sale <= 0:
        text = "A sale price is above 0."
        return [Finding(Guard.NOT_POSITIVE, Level.BLOCK, text)]
    found = [
        _exponent(offer),
        _lower(offer),
        _slip(offer),
        _floor(offer, min_margin),
        _deep(offer, deep),
        _prior(offer, min_claim),
    ]
    return [finding for finding in found if finding]


def _exponent(offer: Offer) -> Finding | None:
    if fits(offer.sale, offer.currency):
        return None
    digits, coin = exponent(offer.currency), cut(offer.sale, offer.currency)
    text = f"{offer.currency} has {digits} decimals; {offer.sale} has more."
    return Finding(Guard.CURRENCY, Level.BLOCK, text, coin)


def _lower(offer: Offer) -> Finding | None:
    if offer.sale < offer.regular:
        return None
    text = f"{_say(offer, offer.sale)} is not below the regular price of "
    text += f"{_say(offer, offer.regular)}. Enter a lower sale price."
    return Finding(Guard.NOT_LOWER, Level.BLOCK, text)


def _slip(offer: Offer) -> Finding | None:
    if offer.confirmed or offer.sale / offer.regular >= SLIP_BELOW:
        return None
    text = f"{_say(offer, offer.sale)} is {offer.sale / offer.regular:.1%} of the "
    text += f"regular price of {_say(offer, offer.regular)}: is a digit missing? "
    text += "Correct it, or confirm that it is meant."
    return Finding(Guard.DECIMAL_SLIP, Level.CONFIRM, text)


def _floor(offer: Offer, min_margin: Decimal) -> Finding | None:
    if offer.cost is None or offer.sale >= offer.cost * (1 + min_margin):
        return None
    lowest = lift(offer.cost * (1 + min_margin), offer.currency)
    text = f"{_say(offer, offer.sale)} is below the floor of {_say(offer, lowest)}: "
    text += f"cost plus {min_margin:.0%}."
    return Finding(Guard.FLOOR, Level.BLOCK, text, lowest)


def _deep(offer: Offer, deep: Sequence[tuple[int, Decimal]]) -> Finding | None:
    depth = 1 - offer.sale / offer.regular
    for approvers, limit in deep:
        if depth > limit:
            text = f"{depth:.1%} off needs {approvers} approvers (above "
            text += f"{(limit * 100).normalize():f}%)."
            return Finding(Guard.DEPTH, Level.APPROVER, text)
    return None


def _prior(offer: Offer, min_claim: int) -> Finding | None:
    if offer.outside:
        return None
    if offer.prior is None:
        return Finding(Guard.NO_HISTORY, Level.WARN, _unknown(offer))
    least = max(1, min_claim)
    claim = claimable(offer.prior, offer.sale)
    if offer.sale < offer.prior and claim >= least:
        return None
    best = cut(highest_for(offer.prior, least), offer.currency)
    low = "the last price" if offer.fresh else "the 30-day low"
    low += f" of {_say(offer, offer.prior)}"
    low += f", {offer.prior_from}" if offer.prior_from else ""
    way = f"Highest price for a {least}% reduction is {_say(offer, best)}."
    if offer.sale >= offer.prior:
        text = f"{_say(offer, offer.sale)} is not below {low}. {way}"
        text += ADVISED if offer.advised else ""
        level = Level.WARN if offer.advised else Level.BLOCK
        return Finding(Guard.PRIOR, level, text, best)
    text = f"{claim}% under {low} is less than {least}%. {way}"
    return Finding(Guard.CLAIM, Level.WARN, text, best)


def _unknown(offer: Offer) -> str:
    said = "so nothing shows that the reduction is real"
    if not offer.advised:
        said = "so no reduction may be announced"
    return (
        f"There is no price history, {said}. Backfill the prices of the 30 days before."
    )


def outliers(offers: Sequence[Offer]) -> Finding | None:
    """A warning where lines are far deeper than the middle of the campaign."""
    depth = {o.sku: 1 - o.sale / o.regular for o in offers if o.regular > 0}
    if not depth:
        return None
    middle = median(depth.values())
    far = [sku for sku, value in depth.items() if value > middle + OUTLIER_POINTS]
    if not far:
        return None
    text = f"{len(far)} of {len(depth)} SKUs are more than 20 points deeper than the "
    text += f"middle of {middle:.0%}: {', '.join(far[:5])}"
    text += " and others." if len(far) > 5 else "."
    return Finding(Guard.OUTLIERS, Level.WARN, text)


def _say(offer: Offer, amount: Decimal) -> str:
    return spell(amount, offer.currency)
