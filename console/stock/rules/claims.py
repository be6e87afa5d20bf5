"""What a buyer may ask of the gate, and each answer in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

from console import words
from console.errors import Refusal
from console.stock.rules.sizes import BadQuantity, NotEnoughStock

MOST_UNITS = 100_000
MOST_LINES = 50
HOLD_TTL_S = 600
LONGEST_TTL_S = 3_600
PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+$"
"""Texts without controls, breaks of lines, and marks that are invisible or turn what
follows: two that look alike are alike. The description says the same."""


class Item(NamedTuple):
    """Units of one SKU a buyer asks for."""

    sku_code: str
    units: int


class Claim(NamedTuple):
    """One request for a reservation, checked; `hash` tells two bodies apart.

    digest: a UUID of client, buyer and key: asking again finds the first answer.
    ttl_s: 0 for the gate's own.
    """

    digest: str
    client: str
    key: str
    hash: str
    campaign: str
    buyer: str
    ttl_s: int
    lines: tuple[Item, ...]


class BadRequest(Refusal):
    """The request cannot be understood; `field` says where."""

    code = "bad_request"
    status = 422


class IdempotencyMismatch(Refusal):
    """The same key came with another body."""

    code = "idempotency_mismatch"
    status = 422


class UnknownSku(Refusal):
    """The SKU is not part of this sale."""

    code = "unknown_sku"
    status = 422


class SkuStopped(Refusal):
    """The sale of this SKU was stopped; others go on."""

    code = "sku_stopped"


class UnknownCampaign(Refusal):
    """The campaign has no gate: never opened, or misspelt."""

    code = "unknown_campaign"
    status = 404


class GatePaused(Refusal):
    """The sale is paused."""

    code = "gate_paused"


class GateClosed(Refusal):
    """The sale is over."""

    code = "gate_closed"


class BuyerLimit(Refusal):
    """The buyer holds or bought as much as one buyer may."""

    code = "buyer_limit"


class OrderLimit(Refusal):
    """The basket holds more than one order may."""

    code = "order_limit"


class UnknownReservation(Refusal):
    """No such reservation, or it belongs to another client."""

    code = "unknown_reservation"
    status = 404


class OtherOrder(Refusal):
    """The reservation was paid by another order."""

    code = "confirmed_for_another_order"


class AlreadyConfirmed(Refusal):
    """A paid reservation cannot be released."""

    code = "already_confirmed"


def claim(
    client: str,
    key: str,
    *,
    campaign: str,
    buyer: str,
    lines: Sequence[Item],
    ttl_s: int | None = None,
) -> Claim:
    """Check one request and give it its digest.

    Raises:
        BadRequest: a text that is empty, too long or not printable; no lines or too
            many; a time to live outside 1 s to 1 h.
        BadQuantity: units below one or above 100,000.
    """
    check_text("Idempotency-Key", key, 255)
    check_text("campaign", campaign, 20)
    check_text("buyer", buyer, 128)
    if not 1 <= len(lines) <= MOST_LINES:
        raise BadRequest(f"Ask for 1 to {MOST_LINES} lines.", field="lines")
    told = f"{campaign}\n{buyer}\n{ttl_s}"
    for place, line in enumerate(lines):
        _check_line(place, line)
        told += f"\n{line.sku_code} {line.units}"
    if ttl_s is not None and not 1 <= ttl_s <= LONGEST_TTL_S:
        raise BadRequest(f"ttl_s must be 1 to {LONGEST_TTL_S}.", field="ttl_s")
    body = blake2b(told.encode(), digest_size=16).hexdigest()
    digest = key_digest(client, buyer, key)
    return Claim(digest, client, key, body, campaign, buyer, ttl_s or 0, tuple(lines))


def key_digest(*of: str) -> str:
    """What these are found by, a UUID: the same always give the same.

    Nothing is refused here, not even half a pair of surrogates.
    """
    told = "\n".join(of).encode("utf-8", "surrogatepass")
    h = blake2b(told, digest_size=16).hexdigest()
    return f"{h[:8]}-{h[8:12]}-8{h[13:16]}-8{h[17:20]}-{h[20:]}"


def check_text(name: str, value: str, longest: int) -> None:
    """Refuse what a database or a log would choke on.

    Raises:
        BadRequest: empty, too long, or with characters that cannot be printed.
    """
    if not value or len(value) > longest or not _printable(value):
        raise BadRequest(
            f"{name} must be 1 to {longest} printable characters.", field=name
        )


_matches = re.compile(PRINTABLE.replace("]+$", r"\ud800-\udfff]+\Z")).match
"""The same, and without half a pair of surrogates, which nobody else can spell."""


def _printable(value: str) -> bool:
    """Almost always decided by the first look, which costs a tenth of the second."""
    return value.isprintable() or _matches(value) is not None


def _check_line(place: int, line: Item) -> None:
    code = line.sku_code
    if not code or len(code) > 64 or not code.isprintable():
        check_text(f"lines[{place}].sku", code, 64)
    if not 1 <= line.units <= MOST_UNITS:
        raise BadQuantity(
            f"units must be 1 to {MOST_UNITS:,}.", field=f"lines[{place}].units"
        )


def refusal(
    asked: Claim, outcome: str, sku: str | None, remaining: int | None
) -> Refusal:
    """Put a refusing outcome of the reserving function into words."""
    place = next((i for i, x in enumerate(asked.lines) if x.sku_code == sku), 0)
    if outcome == "not_enough_stock":
        return not_enough(place, sku or "", remaining or 0)
    left = remaining or 0
    if outcome == "buyer_limit":
        return BuyerLimit(
            f"This buyer may take {words.count(left, 'more unit')} in this sale.",
            field="buyer",
            detail={"left": remaining},
        )
    if outcome == "order_limit":
        return OrderLimit(
            f"One order may hold {words.count(left, 'unit')} of this sale at most.",
            field="lines",
            detail={"limit": remaining},
        )
    if outcome == "sku_stopped":
        return SkuStopped(
            f"The sale of {sku} is stopped.",
            field=f"lines[{place}].sku",
            detail={"sku": sku},
        )
    if outcome == "unknown_sku":
        return UnknownSku(
            f"{sku} is not part of this sale.", field=f"lines[{place}].sku"
        )
    kind, told, field = _SPOKEN[outcome]
    return kind(told.format(asked.campaign), field=field)


def not_enough(place: int, sku: str, left: int) -> NotEnoughStock:
    """The SKU of a line, counted from 0, has too few units left."""
    return NotEnoughStock(
        f"{sku}: {left:,} left to sell.",
        field=f"lines[{place}].units",
        detail={"sku": sku, "left": left},
    )


_SPOKEN: dict[str, tuple[type[Refusal], str, str]] = {
    "idempotency_mismatch": (
        IdempotencyMismatch,
        "This Idempotency-Key was used with another body. Use a new key.",
        "Idempotency-Key",
    ),
    "unknown_campaign": (
        UnknownCampaign,
        "No sale {} takes reservations.",
        "campaign",
    ),
    "gate_paused": (GatePaused, "The sale {} is paused.", "campaign"),
    "gate_closed": (GateClosed, "The sale {} is over.", "campaign"),
}
