"""What a verdict is made of: checks in sections, blockers before warnings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from console.campaigns.queries.conflicts import Conflict, Spots
from console.campaigns.queries.footprints import Touch
from console.campaigns.queries.places import Held, Shop
from console.campaigns.rules import PriceKind
from console.stock.rules import Want

TONES = {"bad": 0, "warn": 1, "ok": 2}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. tone: bad blocks, warn can be accepted, ok.

    value, bound, limit: `23 d`, `, at least`, `14 d`; what is counted is `3` ` of` `9`.
    show: id of the row it is about.
    overridable: an approver may pass over it where the author gives a reason.
    cites: the words of the rule of law it rests on.
    fix: the name of the act or the page that mends it, if one does.
    key: names what is passed over, however the sentence puts it. dated: another date
    may mend it.
    """

    tone: str
    text: str
    value: str = ""
    limit: str = ""
    bound: str = " of"
    show: str = ""
    overridable: bool = False
    cites: str = ""
    fix: str = ""
    key: str = ""
    dated: bool = False


@dataclass(frozen=True)
class Section:
    """What one room answers; `figures` is what its drawing needs."""

    key: str
    title: str
    word: str
    checks: tuple[Check, ...]
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def tone(self) -> str:
        """The worst of its checks."""
        return min((c.tone for c in self.checks), key=TONES.__getitem__, default="ok")


@dataclass(frozen=True)
class Verdict:
    """May this plan go ahead, and why.

    policies: the version of each fatigue policy that was asked, by its label. score,
    level: of the scope nearest to its limit, `fresh`, `on_target` or `saturated`; None
    and nothing where no policy keeps a score. hint: what to do instead of a lower
    price. search: finds `earliest`.
    """

    sections: tuple[Section, ...]
    checked_at: datetime
    policies: Mapping[str, int] = field(default_factory=dict)
    score: int | None = None
    level: str = ""
    hint: str = ""
    search: Callable[[], datetime | None] = field(
        default=lambda: None, compare=False, repr=False
    )

    @cached_property
    def earliest(self) -> datetime | None:
        """The first start that no policy, no freeze and no owner of a price forbids.

        Where one of them forbids this one; None also if no date can pass. Searched
        once, in a few queries, by who reads it: a second look at a plan does not.
        """
        return self.search()

    @property
    def blockers(self) -> list[Check]:
        """What must be fixed, or passed over where that is allowed."""
        return self._all("bad")

    @property
    def warnings(self) -> list[Check]:
        """What can be accepted."""
        return self._all("warn")

    @property
    def hard(self) -> list[Check]:
        """Blockers nobody may pass over."""
        return [check for check in self.blockers if not check.overridable]

    @property
    def tone(self) -> str:
        """The worst of everything."""
        return "bad" if self.blockers else "warn" if self.warnings else "ok"

    @property
    def conflicts(self) -> list[Conflict]:
        """Other campaigns that want the same prices."""
        for section in self.sections:
            if found := section.figures.get("conflicts"):
                return list(found)
        return []

    def _all(self, tone: str) -> list[Check]:
        return [c for s in self.sections for c in s.checks if c.tone == tone]

    def told(self) -> dict[str, Any]:
        """What an approval keeps of it, JSON-safe. earliest: ISO, in UTC."""
        return {
            "policies": dict(self.policies),
            "score": self.score,
            "level": self.level,
            "hint": self.hint,
            "earliest": self.earliest and self.earliest.isoformat(),
            "blockers": [check.text for check in self.blockers],
            "warnings": [check.text for check in self.warnings],
        }


@dataclass(frozen=True)
class Product:
    """One line, as the checks see it."""

    line_id: int
    sku_id: int
    sku: str
    name: str
    variant: str
    regular: Decimal
    sale: Decimal
    units: int
    buffer: int
    cost: Decimal | None = None
    confirmed: bool = False
    perishable: bool = False
    on_market_since: date | None = None

    @property
    def title(self) -> str:
        """Name and variant."""
        return f"{self.name}, {self.variant}" if self.variant else self.name

    @property
    def want(self) -> Want:
        """What it asks of stock."""
        return Want(self.sku_id, self.units, self.buffer)


@dataclass(frozen=True)
class Candidate:
    """A plan to be judged, saved or still being typed.

    touch: what of the shop it touches. orders_peak: in the busiest minute.
    holds_stock: its units are locked already. over: it will not open any more.
    spots: where it sells. shops: those that show its prices.
    shifted: by the clocks of now, it would open at another instant.
    packs: the laws of its markets.
    waits: what is open of the sales it waits for, a sentence each.
    price_kind: whom the price is for. up_to: the percentage an "up to" names.
    countdown: an end is advertised. end_moved: it was moved after that.
    """

    code: str
    name: str
    touch: Touch
    currency: str
    opens_at: datetime | None
    closes_at: datetime | None
    orders_peak: int
    products: Sequence[Product]
    reach: Decimal = Decimal(1)
    holds_stock: bool = False
    over: bool = False
    on_call: bool = True
    occasion: str = ""
    spots: Spots = frozenset()
    shops: Sequence[Shop] = ()
    shifted: bool = False
    held: Sequence[Held] = ()
    contacts: Sequence[Mapping[str, Any]] = ()
    waits: Sequence[str] = ()
    price_kind: str = PriceKind.PUBLIC
    up_to: int | None = None
    countdown: bool = False
    end_moved: bool = False

    @property
    def channels(self) -> list[str]:
        """Where it sells."""
        return sorted({channel for channel, _ in self.spots})

    @property
    def outside(self) -> bool:
        """True if its prices are outside of the 30-day rule."""
        return PriceKind(self.price_kind).outside


def ordered(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Blockers first, then warnings."""
    return tuple(sorted(checks, key=lambda check: TONES[check.tone]))


def counted(checks: Sequence[Check], good: str, warned: str = "") -> str:
    """The word of a section: how many blockers or warnings, or that all is well."""
    blockers = sum(check.tone == "bad" for check in checks)
    warnings = sum(check.tone == "warn" for check in checks)
    if blockers:
        return f"{blockers} {'blocker' if blockers == 1 else 'blockers'}"
    if warnings:
        return warned or f"{warnings} {'warning' if warnings == 1 else 'warnings'}"
    return good
