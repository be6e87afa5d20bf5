"""What may be said of a reduction: badge, strike-through price, "up to X%"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from console.prices.rules.history import WINDOW_DAYS, claimable
from console.prices.rules.money import spell

UP_TO_SHARE = Decimal("0.10")
"""The share of items that must reach an "up to" percentage; our default."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A reduction as it may be shown; at 0% nothing may.

    prior: what the percentage is measured from and what is struck through; never the
    list price (CJEU C-330/23). fresh: it is the price right before, where the law lets
    perishable goods be measured from that.
    """

    prior: Decimal | None
    sale: Decimal
    currency: str
    fresh: bool = False

    @property
    def percent(self) -> int:
        """The percentage that may be announced, rounded down."""
        return claimable(self.prior, self.sale)

    @property
    def strike(self) -> Decimal | None:
        """The price that may be struck through."""
        return self.prior if self.percent else None

    @property
    def badge(self) -> str:
        """`−34%`; empty where no reduction may be announced."""
        return f"−{self.percent}%" if self.percent else ""

    @property
    def lowest(self) -> str:
        """`Lowest price of the last 30 days: €119.00`, beside every reduction.

        `Price before: €119.00` of perishable goods measured from that.
        """
        if self.strike is None:
            return ""
        shown = spell(self.strike, self.currency)
        if self.fresh:
            return f"Price before: {shown}"
        return f"Lowest price of the last {WINDOW_DAYS} days: {shown}"


@dataclass(frozen=True, slots=True)
class UpTo:
    """Whether enough items reach what "up to X%" promises.

    reach: the SKUs that do, by code. best: the highest percentage that enough reach.
    """

    percent: int
    share: Decimal
    reach: Sequence[str]
    of: int
    best: int

    @property
    def enough(self) -> bool:
        """True if the promise holds."""
        return bool(self.reach) and len(self.reach) >= self.share * self.of

    @property
    def text(self) -> str:
        """The sentence for a person; names the items and the way out."""
        told = f"{len(self.reach):,} of {self.of:,} items reach {self.percent}%"
        if self.enough:
            return f"{told}."
        named = ", ".join(self.reach[:5]) + (" …" if len(self.reach) > 5 else "")
        listed = f" ({named})" if named else ""
        way = f'Say "up to {self.best}%".' if self.best else "Name no percentage."
        return f"{told}{listed}; at least {self.share:.0%} must. {way}"


def up_to(
    claims: Mapping[str, int], percent: int, share: Decimal = UP_TO_SHARE
) -> UpTo:
    """Check "up to `percent`%" against what each SKU may claim."""
    reach = sorted(sku for sku, claim in claims.items() if claim >= percent)
    return UpTo(percent, share, reach, len(claims), _best(claims, share))


def _best(claims: Mapping[str, int], share: Decimal) -> int:
    deepest = sorted(claims.values(), reverse=True)
    needed = max(1, int((share * len(deepest)).to_integral_value("ROUND_CEILING")))
    return deepest[needed - 1] if deepest else 0
