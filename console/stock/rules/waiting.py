"""Who may wait for a SKU that is sold out, and each answer in words."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from console import words
from console.errors import Refusal
from console.stock.rules.claims import (
    MOST_UNITS,
    BuyerLimit,
    GateClosed,
    IdempotencyMismatch,
    OrderLimit,
    SkuStopped,
    UnknownCampaign,
    UnknownSku,
    check_text,
    key_digest,
)
from console.stock.rules.sizes import BadQuantity


class Join(NamedTuple):
    """One request to wait, checked; `hash` tells two bodies apart.

    id: a UUID of client, buyer and key, never the digest of a reservation by them; an
    offer is a reservation of this id and digest.
    """

    id: str
    client: str
    key: str
    hash: str
    campaign: str
    sku_code: str
    buyer: str
    units: int


class StillInStock(Refusal):
    """There is no need to wait: reserve."""

    code = "still_in_stock"


class AlreadyWaiting(Refusal):
    """The buyer waits for this SKU already; `detail` has the id, if it is yours."""

    code = "already_waiting"


class UnknownWaiter(Refusal):
    """Nobody waits under this id, or it belongs to another client."""

    code = "unknown_waiter"
    status = 404


class AlreadyTaken(Refusal):
    """What was offered was paid for."""

    code = "already_taken"


def join(
    client: str, key: str, *, campaign: str, sku_code: str, buyer: str, units: int
) -> Join:
    """Check one request to wait and give it its id.

    Raises:
        BadRequest: a text that is empty, too long or not printable.
        BadQuantity: units below one or above 100,000.
    """
    check_text("Idempotency-Key", key, 255)
    check_text("campaign", campaign, 20)
    check_text("sku", sku_code, 64)
    check_text("buyer", buyer, 128)
    if not 1 <= units <= MOST_UNITS:
        raise BadQuantity(f"units must be 1 to {MOST_UNITS:,}.", field="units")
    told = f"{campaign}\n{sku_code}\n{buyer}\n{units}"
    body = blake2b(told.encode(), digest_size=16).hexdigest()
    id_ = key_digest(client, "waiting", buyer, key)
    return Join(id_, client, key, body, campaign, sku_code, buyer, units)


def wait_refusal(
    asked: Join, outcome: str, known: UUID | None, remaining: int | None
) -> Refusal:
    """Put a refusing outcome of the waiting function into words."""
    if outcome == "still_in_stock":
        return StillInStock(
            f"{asked.sku_code}: {words.count(remaining or 0, 'unit')} left to sell. "
            "Reserve instead.",
            field="sku",
            detail={"sku": asked.sku_code, "left": remaining},
        )
    if outcome == "already_waiting":
        detail = {"id": str(known)} if known else {}
        told = f"This buyer waits for {asked.sku_code} already."
        return AlreadyWaiting(told, field="buyer", detail=detail)
    if outcome in _LIMITS:
        limit, who = _LIMITS[outcome]
        told = f"{who} may have {words.count(remaining or 0, 'unit')} in this sale."
        return limit(
            f"{told} Ask for no more.", field="units", detail={"limit": remaining}
        )
    kind, told, field = _SPOKEN[outcome]
    return kind(told.format(asked.campaign, asked.sku_code), field=field)


_LIMITS: dict[str, tuple[type[Refusal], str]] = {
    "order_limit": (OrderLimit, "An order"),
    "buyer_limit": (BuyerLimit, "A buyer"),
}
_SPOKEN: dict[str, tuple[type[Refusal], str, str]] = {
    "idempotency_mismatch": (
        IdempotencyMismatch,
        "This Idempotency-Key was used with another body. Use a new key.",
        "Idempotency-Key",
    ),
    "unknown_campaign": (UnknownCampaign, "No sale {} takes reservations.", "campaign"),
    "unknown_sku": (UnknownSku, "{1} is not part of this sale.", "sku"),
    "gate_closed": (GateClosed, "The sale {} is over.", "campaign"),
    "sku_stopped": (SkuStopped, "The sale of {1} is stopped.", "sku"),
    "line_full": (
        BadQuantity,
        "Too many units of {1} are waited for. Ask for fewer.",
        "units",
    ),
}
