"""What public pages say: the price of a product, and how the cache served it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from html.parser import HTMLParser

from console.providers.client import Answer

MOST, SMALLEST = Decimal(10) ** 11, -6
"""A price is below the one, and its first digit at 10 to the power of the other."""


class _Offer(HTMLParser):
    """Finds the first price a page marks for machines (schema.org/price)."""

    def __init__(self) -> None:
        super().__init__()
        self.price: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if said.get("itemprop") == "price" and self.price is None:
            self.price = said.get("content")


def offered(answer: Answer) -> Decimal | None:
    """The price a page marks with `itemprop="price"`; None if it marks none.

    What cannot be a price is none: zero, less, or so many digits that spelling it out
    would fill the memory (`1E+999999999` is a finite number).
    """
    offer = _Offer()
    offer.feed(answer.body.decode(errors="replace"))
    try:
        price = Decimal(offer.price or "")
    except InvalidOperation:
        return None
    sane = price.is_finite() and 0 < price < MOST and price.adjusted() >= SMALLEST
    return price if sane else None


def cache_of(answer: Answer) -> str:
    """HIT, MISS, STALE, …; NONE where no cache says that it answered."""
    return answer.headers.get("x-cache", "").split(",")[0].strip().upper() or "NONE"


def age_of(answer: Answer) -> float | None:
    """Seconds since the cache fetched what it served; None if it does not say."""
    spelled = answer.headers.get("age", "")
    return float(spelled) if spelled.replace(".", "", 1).isdigit() else None
