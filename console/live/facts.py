"""The facts of one sale at one instant, as the rooms below tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import inf

from console.orders.queries import Backlog, Point
from console.runbook.models import Step
from console.runbook.queries import Late, Tally
from console.stock.models import AuditRun, UndersellRun
from console.stock.queries import Gauge, Limits
from console.stock.queries.publishing import Shop
from console.stock.rules.pace import Eta


@dataclass(frozen=True)
class Sale:
    """One campaign as live reads it. key: its row in the trail of decisions.

    peak_per_minute: orders expected in the busiest minute.
    """

    key: int
    code: str
    name: str
    state: str
    opens_at: datetime | None
    closes_at: datetime | None
    opened_at: datetime | None
    ended_at: datetime | None
    zone: str
    currency: str
    target: Decimal | None
    hold_ttl_s: int
    peak_per_minute: float
    audience: str
    category: str
    budgeted: bool = False

    @property
    def plan(self) -> str:
        """The name of its run sheet."""
        return f"campaign:{self.code}"


@dataclass(frozen=True)
class SkuFacts:
    """One SKU on the board. eta: None where nothing is for sale.

    stopped: of what is left, the units that somebody stopped the sale of.
    """

    code: str
    name: str
    variant: str
    quantity: int
    buffer: int
    sold: int
    reserved: int
    left: int
    per_minute: float
    eta: Eta | None
    stopped: int = 0

    @property
    def minutes_left(self) -> float:
        """Minutes until it is gone; inf where it is stopped, or too few were sold."""
        if self.eta is None:
            return inf if self.stopped else 0.0
        return inf if self.eta.middle is None else self.eta.middle


@dataclass(frozen=True)
class Minute:
    """Orders of one whole minute against what was expected."""

    seen: int
    expected: float


@dataclass(frozen=True)
class Part:
    """A part of the backend: how it answered lately, in milliseconds.

    state: ok, slow, late, down or unknown. at: when it was last asked. vital: without
    it nothing can be sold. errors: share of failed answers.
    """

    name: str
    state: str
    note: str
    at: datetime | None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    errors: float | None = None
    recent: tuple[float, ...] = ()
    vital: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened, for the activity list."""

    at: datetime
    icon: str
    tone: str
    text: str
    who: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything the board shows, read in one transaction at `at`."""

    code: str
    name: str
    state: str
    at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    zone: str
    currency: str
    target: Decimal | None
    hold_ttl_s: int
    orders: int
    units: int
    revenue: Decimal
    per_minute: int
    newest_order_at: datetime | None
    forecast_per_minute: float
    skus: Sequence[SkuFacts]
    oversold: int
    shortfall: int
    backlog: Backlog
    points: Sequence[Point]
    bucket_s: int
    tally: Tally
    minutes: Sequence[Minute] = ()
    failed_steps: Sequence[Step] = ()
    late_steps: Sequence[Late] = ()
    events: Sequence[Event] = ()
    health: Sequence[Part] = field(default_factory=tuple)
    limits: Limits = field(default_factory=Limits)
    audit: AuditRun | None = None
    undersell: UndersellRun | None = None
    shops: Sequence[Shop] = ()
    feeds: Sequence[Gauge] = ()
    gone: int = 0

    @property
    def sellable(self) -> int:
        """Units the sale may sell."""
        return sum(sku.quantity - sku.buffer for sku in self.skus)

    @property
    def stopped(self) -> int:
        """Units left that are not for sale, as somebody stopped their SKU."""
        return sum(sku.stopped for sku in self.skus)

    @property
    def reserved(self) -> int:
        """Units in checkouts."""
        return sum(sku.reserved for sku in self.skus)

    @property
    def sold(self) -> int:
        """Units paid for, by the ledger of stock."""
        return sum(sku.sold for sku in self.skus)
