"""How many people approve a plan: by what it risks, from a table with versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from console.campaigns.rules.rates import CURRENCY, rates_of
from console.errors import Refusal

MOST_APPROVERS = 3
FIRST_VERSION = 1
"""The version of our defaults, which hold until somebody saves a table."""


class BadTable(Refusal):
    """A table of risks that cannot be kept."""

    code = "bad_risk_table"
    status = 422


class AlreadyApproved(Refusal):
    """One person approves a plan once."""

    code = "already_approved"


class OverrideExpired(Refusal):
    """The override was asked for up to an instant that is over."""

    code = "override_expired"


class BadExpiry(Refusal):
    """An override that ends too early or too late."""

    code = "bad_expiry"
    status = 422


@dataclass(frozen=True)
class Table:
    """Above which values a plan needs two and three approvers; None is never.

    depth: per cent off the list price of the deepest line. gmv: units for sale times
    sale price. skus: number of lines. confirmed: approvers where a price below a guard
    was confirmed, 1 to 3. currency: of the limits on gmv; empty, they hold for each
    campaign in its own. rates: what a unit of another currency counts for in it.
    """

    depth_2: Decimal | None = Decimal(50)
    depth_3: Decimal | None = Decimal(75)
    gmv_2: Decimal | None = Decimal(1_000_000)
    gmv_3: Decimal | None = Decimal(5_000_000)
    skus_2: int | None = 1_000
    skus_3: int | None = None
    confirmed: int = 2
    currency: str = ""
    rates: str = ""
    version: int = FIRST_VERSION

    @property
    def deep(self) -> tuple[tuple[int, Decimal], ...]:
        """Approvers, and the ratio off above which a line needs them; most first."""
        limits = ((3, self.depth_3), (2, self.depth_2))
        return tuple((n, top / 100) for n, top in limits if top is not None)

    def counted(self, amount: Decimal, currency: str) -> Decimal | None:
        """An amount in the currency of the limits; None where no rate says so."""
        if currency in ("", self.currency) or not self.currency:
            return amount
        rate = rates_of(self.rates).get(currency)
        return None if rate is None else amount * rate


@dataclass(frozen=True)
class Facts:
    """What a plan risks. depth: ratio of the deepest line. override: asked for.

    currency: of gmv.
    """

    depth: Decimal
    gmv: Decimal
    skus: int
    confirmed: bool = False
    override: bool = False
    currency: str = ""


def approvers_needed(facts: Facts, table: Table) -> tuple[int, tuple[str, ...]]:
    """How many people approve, 1 to 3, and why more than one, each with its number.

    Limits are exclusive: a depth of exactly 50% is not above 50. An override needs one
    approver more than the plan would without it, but never more than three.
    """
    found = list(_more(facts, table))
    count = max((number for number, _ in found), default=1)
    why = [f"{text} ({number} approvers)" for number, text in found]
    if facts.override:
        count = min(MOST_APPROVERS, count + 1)
        why.append("an override was asked for (1 approver more)")
    return count, tuple(why)


DEPTH = "a line is {:.1f}% off, above {:f}%"
GMV = "it may sell for {:,.0f}, above {:,.0f}"
SKUS = "it has {:,.0f} SKUs, above {:,.0f}"


def _more(facts: Facts, table: Table) -> Iterator[tuple[int, str]]:
    yield from _above(facts.depth * 100, table.depth_2, table.depth_3, DEPTH)
    yield from _sells(facts, table)
    yield from _above(Decimal(facts.skus), table.skus_2, table.skus_3, SKUS)
    if facts.confirmed and table.confirmed > 1:
        yield table.confirmed, "a price below a guard was confirmed"


def _sells(facts: Facts, table: Table) -> Iterator[tuple[int, str]]:
    """By what it may sell for; of a currency nobody gave a rate, two look at it."""
    if table.gmv_2 is None and table.gmv_3 is None:
        return
    amount = table.counted(facts.gmv, facts.currency)
    if amount is None:
        yield 2, f"no rate says what its {facts.currency} count for in {table.currency}"
    else:
        yield from _above(amount, table.gmv_2, table.gmv_3, GMV)


def _above(
    value: Decimal, two: Decimal | int | None, three: Decimal | int | None, text: str
) -> Iterator[tuple[int, str]]:
    """The highest limit that is passed."""
    for count, limit in ((3, three), (2, two)):
        if limit is not None and value > limit:
            yield count, text.format(value, Decimal(limit).normalize())
            return


def check_table(table: Table) -> None:
    """Refuse limits that contradict each other.

    Raises:
        BadTable: a limit below 0, three approvers sooner than two, rates of nothing.
        BadRates: rates that cannot be read.
    """
    for name in ("depth", "gmv", "skus"):
        two, three = getattr(table, f"{name}_2"), getattr(table, f"{name}_3")
        if (two is not None and two < 0) or (three is not None and three < 0):
            raise BadTable("Enter 0 or more, or leave it empty.", field=f"{name}_2")
        if two is not None and three is not None and three < two:
            raise BadTable(
                "Three approvers cannot be needed sooner than two. Enter a higher "
                "value, or leave it empty.",
                field=f"{name}_3",
            )
    rates = rates_of(table.rates)
    if table.currency and not CURRENCY.fullmatch(table.currency):
        raise BadTable("Write a currency like EUR, or none.", field="currency")
    if rates and not table.currency:
        raise BadTable("Say which currency the limits are in.", field="currency")
    if table.currency in rates:
        raise BadTable(f"{table.currency} is the currency itself.", field="rates")
    if not 1 <= table.confirmed <= MOST_APPROVERS:
        raise BadTable("Enter 1, 2 or 3 approvers.", field="confirmed")


def check_first_time(approved: bool) -> None:
    """Refuse a second approval by the same person.

    Raises:
        AlreadyApproved: another person is needed.
    """
    if approved:
        raise AlreadyApproved(
            "You approved this plan already. It waits for somebody else."
        )


def check_expiry(until: datetime, opens_at: datetime, now: datetime) -> None:
    """Refuse an override that would end at once, or after the opening.

    Raises:
        BadExpiry: naming the field.
    """
    if not now < until <= opens_at:
        raise BadExpiry(
            "The override must end after now, and at the opening at the latest. "
            "Choose another time.",
            field="override_until",
        )


def check_override(reason: str, until: datetime | None, now: datetime) -> None:
    """Refuse to arm on an override that is over; `until` is exclusive.

    Raises:
        OverrideExpired: what to do instead.
    """
    if expired(reason, until, now):
        raise OverrideExpired(
            "The override has expired, so the plan is not armed. Take it back, and "
            "submit it with an override that lasts longer."
        )


def expired(reason: str, until: datetime | None, now: datetime) -> bool:
    """True where an override was asked for and its time is over."""
    return bool(reason) and until is not None and until <= now
