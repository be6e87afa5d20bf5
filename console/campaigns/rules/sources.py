"""Where the lines of a plan come from, how a bundle spells it, and who decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from console.errors import Refusal
from console.prices.rules.charms import Charm, Pricing
from console.prices.rules.money import Method

_TAB = "\t"
MOST_UNITS = 2_147_483_647


class SourceKind(StrEnum):
    """What a filter looks at."""

    CATEGORY = "category"
    BRAND = "brand"
    PREFIX = "prefix"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return "SKU begins with" if self is SourceKind.PREFIX else self.value.title()


class BadSource(Refusal):
    """A filter that matches nothing, or cannot be."""

    code = "bad_source"
    status = 422


@dataclass(frozen=True)
class Source:
    """A filter of the catalogue, and what each of its lines says."""

    kind: SourceKind
    value: str
    pricing: Pricing
    units: int
    buffer: int

    @property
    def title(self) -> str:
        """What a line of a bundle calls it: `category Boots`; once in a plan."""
        return f"{self.kind} {self.value}"

    def spelled(self) -> str:
        """One line of text that `read` understands; the same for equal filters."""
        price = self.pricing
        amount = f"{price.value.normalize():f}"
        first = (self.kind, price.method, amount, price.charm, self.units, self.buffer)
        return _TAB.join((*map(str, first), self.value))

    @classmethod
    def read(cls, text: str) -> Source:
        """The other way round of `spelled`.

        Raises:
            ArithmeticError, ValueError: it is none, or no plan could keep it.
        """
        kind, method, amount, ending, units, buffer, value = text.split(_TAB, 6)
        price = Pricing(Method(method), Decimal(amount), Charm(ending))
        one = cls(SourceKind(kind), value, price, int(units), int(buffer))
        if not one.can_be:
            raise ValueError(text)
        return one

    @property
    def can_be(self) -> bool:
        """True if a plan could keep it."""
        amount = self.pricing.value
        exact = amount.is_finite() and abs(amount) < 10**11
        exact = exact and amount == round(amount, 3)
        named = self.value == self.value.strip() and 0 < len(self.value) <= 100
        named = named and "\0" not in self.value
        return exact and named and 0 <= self.buffer < self.units <= MOST_UNITS


@dataclass(frozen=True)
class Claim:
    """A price that one source gives a SKU. item: named one by one, not by a filter."""

    sku: str
    price: Decimal
    source: str
    item: bool = False


def decided(claims: Iterable[Claim]) -> Claim:
    """The claim that wins a SKU: an item before any filter, else the lowest price.

    claims: of one SKU, at least one.
    """
    return min(claims, key=lambda one: (not one.item, one.price, one.source))
