"""What the outside world can do for a sale: one protocol per ability, vendor-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True)
class Receipt:
    """Accepted is not in effect: what to look at, and how soon.

    operation: the other side's name for the work, empty if it gave none.
    """

    accepted: bool
    operation: str = ""
    poll_after_s: float = 1.0


@dataclass(frozen=True)
class Group:
    """A group of machines behind one service.

    floor <= desired <= maximum; serving: machines that answer shoppers now.
    lead_time_s: from asking for a machine to its first answer.
    version: send it back to write only if nobody else wrote since.
    """

    name: str
    floor: int
    maximum: int
    desired: int
    serving: int
    lead_time_s: float
    version: str = ""


@dataclass(frozen=True)
class CacheState:
    """What the cache says of one address. age_s: None if it does not say."""

    status: str
    age_s: float | None


@dataclass(frozen=True)
class Fetched:
    """One page fetched as a shopper would. cache: HIT, MISS, STALE, …; upper case.

    ms: until the first byte.
    """

    url: str
    status: int
    cache: str
    age_s: float | None
    ms: float


@dataclass(frozen=True)
class ShopPrice:
    """What the shop asks for a SKU. sale: None if it is not on sale."""

    sku: str
    regular: Decimal
    sale: Decimal | None
    campaign: str = ""


@dataclass(frozen=True)
class PagePrice:
    """What the public page of a SKU says it costs. price: None if it names none.

    status: of the answer. cache: HIT, MISS, STALE, …; NONE where no cache answered.
    """

    sku: str
    status: int
    price: Decimal | None
    cache: str = "NONE"
    age_s: float | None = None


@dataclass(frozen=True)
class Notice:
    """What the page of a SKU does while it is sold out.

    way: `badge` says so, `waiting_list` lets shoppers wait for it, `redirect` leads
    them away. to: an http(s) address, `sku:CODE` or `category:HANDLE`; of a redirect
    only. campaign: the sale whose units are gone.
    """

    way: str
    campaign: str
    to: str = ""


@dataclass(frozen=True)
class Probe:
    """Is it awake? note: one sentence for a person."""

    ok: bool
    ms: float
    note: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@runtime_checkable
class Scaler(Protocol):
    """Machine groups whose floor can be set."""

    def read(self, group: str) -> Group:
        """Read a group as it is now."""

    def set_floor(self, group: str, floor: int, *, version: str, key: str) -> Receipt:
        """Ask for an absolute floor, if the group is still at this version."""


@runtime_checkable
class Purger(Protocol):
    """A cache that forgets by tag."""

    def purge(self, tags: Sequence[str], *, soft: bool, key: str) -> Receipt:
        """Forget what carries these tags; soft serves it until it is renewed."""

    def cached(self, url: str) -> CacheState:
        """Read what the cache holds for an address."""


@runtime_checkable
class Warmer(Protocol):
    """A cache that fills when pages are asked for."""

    def fetch(self, url: str) -> Fetched:
        """Fetch a page through the cache, as a shopper would."""


@runtime_checkable
class Storefront(Protocol):
    """A shop: what it sells, at what price, how many."""

    def prices(self, skus: Sequence[str]) -> dict[str, ShopPrice]:
        """Read the prices of these SKUs; a SKU the shop does not know is left out."""

    def set_prices(
        self,
        prices: Mapping[str, Decimal | None],
        *,
        campaign: str,
        key: str,
        found: Mapping[str, ShopPrice] | None = None,
    ) -> Receipt:
        """Set absolute sale prices; None ends the sale price of a SKU.

        found: what was read before. A shop that can compare changes nothing where it
        shows another sale price by now; its driver says `compares = True`.

        Raises:
            OutsideFailure: kind `conflict`, to be read and decided anew.
        """

    def stock(self, skus: Sequence[str]) -> dict[str, int | None]:
        """Read the units the shop shows; None if it does not know the SKU."""

    def publish_stock(self, units: Mapping[str, int], *, key: str) -> Receipt:
        """Set the absolute units the shop may show."""

    def urls(self, skus: Sequence[str]) -> list[str]:
        """Name the public pages of these SKUs, through the cache in front."""

    def products(self) -> list[dict[str, Any]]:
        """List what the shop sells."""


@runtime_checkable
class Display(Protocol):
    """A shop whose product pages can be read for the price that shoppers see."""

    def page(self, sku: str, *, edge: bool) -> PagePrice:
        """Read a page as the store renders it, or as the edge in front serves it."""


@runtime_checkable
class SoldOutDisplay(Protocol):
    """A shop whose product pages can say, or do, something once a SKU is sold out.

    Its driver names what they can: `sold_out_ways = frozenset({"badge", …})`.
    """

    def notices(self, skus: Sequence[str]) -> dict[str, Notice | None]:
        """Read what these pages do; None if nothing. What is not sold is left out.

        What somebody else put there is told as well, by whatever way and sale it says.
        """

    def set_notices(
        self,
        notices: Mapping[str, Notice | None],
        *,
        found: Mapping[str, Notice | None],
        key: str,
    ) -> Receipt:
        """Set what these pages do, absolutely; None ends it.

        found: what was read before. A shop that can compare changes nothing where the
        page does something else by now.

        Raises:
            OutsideFailure: kind `conflict`, to be read and decided anew.
        """


@runtime_checkable
class Relay(Protocol):
    """A system that orders are handed on to."""

    def deliver(self, order: Mapping[str, Any], *, key: str) -> Receipt:
        """Hand over one order; the same key twice is one order there."""

    def known(self, refs: Sequence[str]) -> set[str]:
        """Which of these order references it holds."""


@runtime_checkable
class Prober(Protocol):
    """Anything that can say it is awake."""

    def probe(self) -> Probe:
        """Ask for a sign of life, changing nothing."""


PORTS: tuple[type, ...] = (
    Scaler,
    Purger,
    Warmer,
    Storefront,
    Display,
    SoldOutDisplay,
    Relay,
    Prober,
)
