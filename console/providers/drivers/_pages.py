"""What public pages say: the price of a product, and how the cache served it."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from html.parser import HTMLParser

from console.providers.client import Answer


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
    """The price a page marks with `itemprop="price"`; None if it marks none."""
    offer = _Offer()
    offer.feed(answer.body.decode(errors="replace"))
    try:
        price = Decimal(offer.price or "")
    except InvalidOperation:
        return None
    return price if price.is_finite() else None


def cache_of(answer: Answer) -> str:
    """HIT, MISS, STALE, …; NONE where no cache says that it answered."""
    return answer.headers.get("x-cache", "").split(",")[0].strip().upper() or "NONE"


def age_of(answer: Answer) -> float | None:
    """Seconds since the cache fetched what it served; None if it does not say."""
    spelled = answer.headers.get("age", "")
    return float(spelled) if spelled.replace(".", "", 1).isdigit() else None
