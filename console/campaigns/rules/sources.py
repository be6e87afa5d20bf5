"""Where the lines of a plan come from, and which source decides a price."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from console.errors import Refusal


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
