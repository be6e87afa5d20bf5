"""The states, accounts and reasons of stock."""

from __future__ import annotations

from enum import StrEnum


class GateState(StrEnum):
    """Whether a sale takes reservations."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return self.value.capitalize()


class SkuState(StrEnum):
    """Whether a sale takes reservations of one of its SKUs."""

    OPEN = "open"
    STOPPED = "stopped"


class WaiterState(StrEnum):
    """What became of somebody who waits for units to come back.

    offered: they are held for the waiter, for a time. passed: that time ran out, or the
    sale ended, or the buyer has as much as one may.
    """

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    PASSED = "passed"
    LEFT = "left"


class HoldState(StrEnum):
    """What became of a reservation; whether it still counts is a question of time."""

    HELD = "held"
    CONFIRMED = "confirmed"
    RELEASED = "released"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return self.value.capitalize()


class LimitRule(StrEnum):
    """How a buyer met a purchase limit: refused, or paid when nobody could refuse."""

    BUYER_LIMIT = "buyer_limit"
    ORDER_LIMIT = "order_limit"
    PAID_OVER = "paid_over"


class Account(StrEnum):
    """Where a unit is: every movement takes units from one account to another.

    outside: not ours: a supplier, a customer, or counted away.
    free: on hand at a location, promised to nobody. Below zero where the location's
        buffer asks for more than promises leave there: so much of it is not there.
    held: held back at a location (the buffer of its level), whether it is there or not.
    committed: on hand at a location, promised to orders or other channels.
    pool: locked for a campaign, to be sold there.
    buffer: locked for a campaign, held back.
    reserved: in somebody's checkout.
    sold: paid, still in the campaign's books.
    promised: units of a backorder policy, not there yet: what is sold of them came
        from here, so it is below zero by all that is promised.
    owed: sold by a sale that is over, and not there yet.
    shipped: sent to its buyer, no longer on hand.
    returned: back from its buyer; in the same breath it is free again, or outside.
    """

    OUTSIDE = "outside"
    FREE = "free"
    HELD = "held"
    COMMITTED = "committed"
    POOL = "pool"
    BUFFER = "buffer"
    RESERVED = "reserved"
    SOLD = "sold"
    PROMISED = "promised"
    OWED = "owed"
    SHIPPED = "shipped"
    RETURNED = "returned"


class SettlementKind(StrEnum):
    """What became of sold units."""

    SHIPPED = "shipped"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class TokenScope(StrEnum):
    """What a key to the gate may do."""

    RESERVE = "gate.reserve"
    CONFIRM = "gate.confirm"
    READ = "gate.read"


class Reason(StrEnum):
    """Why a person changes a level by hand."""

    COUNT = "count"
    RECEIPT = "receipt"
    RETURN = "return"
    DAMAGE = "damage"
    LOSS = "loss"
    IMPORT = "import"
    SHIPPED = "shipped"

    @property
    def label(self) -> str:
        """The words on the form."""
        return REASONS[self]


REASONS = {
    Reason.COUNT: "Count",
    Reason.RECEIPT: "Goods received",
    Reason.RETURN: "Customer return",
    Reason.DAMAGE: "Damaged",
    Reason.LOSS: "Lost",
    Reason.IMPORT: "Import",
    Reason.SHIPPED: "Shipped",
}


def choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """Pairs for a choice field."""
    return [(one.value, one.value.capitalize()) for one in kind]
