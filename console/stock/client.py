"""A small typed client of the gate, for shops written in Python."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

import httpx2

from console.errors import OutsideFailure, Refusal
from console.stock.rules import Item

TRIES = 4


@dataclass(frozen=True)
class Hold:
    """A granted reservation: pay before it expires.

    backordered: units of it that are not there yet; promise_at: when they are, if that
    is known.
    """

    id: UUID
    expires_at: datetime
    lines: tuple[Item, ...]
    backordered: int = 0
    promise_at: datetime | None = None


@dataclass(frozen=True)
class Sale:
    """A paid reservation; `shortfall` units were paid for but are not there."""

    id: UUID
    order: str
    shortfall: int


@dataclass(frozen=True)
class Scarcity:
    """What may be said about the last units; no text, nothing may."""

    text: str
    left: int
    valid_until: datetime | None


@dataclass(frozen=True)
class Availability:
    """What a sale has left to sell, as of a moment; skus: units by SKU code."""

    at: datetime
    skus: dict[str, int]
    fresh_for_s: float

    def checking(self, now: datetime) -> bool:
        """Whether it is too old to be shown as true; then say `checking` and ask.

        now: of a clock that is right; a reservation asks the ledger in any case.
        """
        return (now - self.at).total_seconds() > self.fresh_for_s


@dataclass(frozen=True)
class Waiting:
    """Where a buyer stands who waits for a SKU.

    state: waiting, offered, taken, passed or left. ahead: how many came before, 1,000
    for that or more. Once offered, `offered` units are held until `expires_at` under
    the same id: confirm it like a reservation.
    """

    id: UUID
    state: str
    units: int
    ahead: int
    offered: int
    expires_at: datetime | None


class GateClient:
    """Calls the gate; what may be sent again is sent again, with the same key.

    url: the gate's origin, e.g. https://edge.example.com.
    """

    def __init__(self, url: str, token: str, *, timeout_s: float = 5.0) -> None:
        """Open a connection pool; close it with `close` or a `with` block."""
        self._http = httpx2.Client(
            base_url=f"{url.rstrip('/')}/api/gate/v1/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout_s,
            trust_env=False,
        )

    def reserve(
        self,
        campaign: str,
        *,
        buyer: str,
        lines: Sequence[Item],
        key: str = "",
        ttl_s: int | None = None,
    ) -> Hold:
        """Hold units for a buyer: all lines or none.

        key: one a checkout; sent again after a failure it cannot hold twice.

        Raises:
            Refusal: the gate says no; `code` and `field` say why.
            OutsideFailure: it did not answer, or was busy, several times.
        """
        body: dict[str, Any] = {
            "campaign": campaign,
            "buyer": buyer,
            "lines": [{"sku": x.sku_code, "units": x.units} for x in lines],
        }
        if ttl_s is not None:
            body["ttl_s"] = ttl_s
        headers = {"Idempotency-Key": key or uuid4().hex}
        told = self._call("POST", "reservations", json=body, headers=headers)
        return Hold(
            id=UUID(told["id"]),
            expires_at=datetime.fromisoformat(told["expires_at"]),
            lines=tuple(Item(x["sku"], x["units"]) for x in told["lines"]),
            backordered=told["backordered"],
            promise_at=_instant(told["promise_at"]),
        )

    def confirm(self, reservation_id: UUID, *, order: str) -> Sale:
        """Turn a hold into a sale; asked again it answers the same.

        Raises:
            Refusal: unknown here, or paid by another order.
            OutsideFailure: as for `reserve`.
        """
        path = f"reservations/{reservation_id}/confirm"
        told = self._call("POST", path, json={"order": order})
        return Sale(reservation_id, told["order"], told["shortfall"])

    def release(self, reservation_id: UUID) -> str:
        """End a hold unsold; the state it ended in.

        Raises:
            Refusal: unknown here, or paid.
            OutsideFailure: as for `reserve`.
        """
        told = self._call("POST", f"reservations/{reservation_id}/release")
        return str(told["state"])

    def availability(self, campaign: str) -> Availability:
        """Units left to sell by SKU code, a moment ago.

        Raises:
            Refusal: no such sale.
            OutsideFailure: as for `reserve`.
        """
        told = self._call("GET", "availability", params={"campaign": campaign})
        return Availability(
            at=datetime.fromisoformat(told["as_of"]),
            skus={one["sku"]: one["left"] for one in told["skus"]},
            fresh_for_s=told["fresh_for_s"],
        )

    def wait(
        self, campaign: str, sku: str, *, buyer: str, units: int = 1, key: str = ""
    ) -> Waiting:
        """Join the line for a SKU that is sold out; the same key tells where one is.

        Raises:
            Refusal: `still_in_stock`, `already_waiting`, or nothing will come.
            OutsideFailure: as for `reserve`.
        """
        body = {"campaign": campaign, "sku": sku, "buyer": buyer, "units": units}
        headers = {"Idempotency-Key": key or uuid4().hex}
        return _waiting(self._call("POST", "waiting", json=body, headers=headers))

    def waiting(self, waiter_id: UUID) -> Waiting:
        """Where a buyer stands now.

        Raises:
            Refusal: unknown here, or left. OutsideFailure: as for `reserve`.
        """
        return _waiting(self._call("GET", f"waiting/{waiter_id}"))

    def leave(self, waiter_id: UUID) -> str:
        """Leave the line; what was offered is given back. The state it ended in.

        Raises:
            Refusal: unknown here, or paid. OutsideFailure: as for `reserve`.
        """
        return str(self._call("DELETE", f"waiting/{waiter_id}")["state"])

    def scarcity(self, campaign: str, sku: str) -> Scarcity:
        """What may be said about the last units of a SKU, and until when.

        Raises:
            Refusal: no such sale, or the SKU is not part of it.
            OutsideFailure: as for `reserve`.
        """
        told = self._call("GET", "scarcity", params={"campaign": campaign, "sku": sku})
        return Scarcity(
            text=told["text"] or "",
            left=told["left"],
            valid_until=_instant(told["valid_until"]),
        )

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def __enter__(self) -> Self:
        """Use it in a `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the connections go."""
        self.close()

    def _call(self, method: str, path: str, **words: Any) -> dict[str, Any]:
        for tried in range(1, TRIES + 1):
            try:
                return _told(self._http.request(method, path, **words))
            except OutsideFailure as failure:
                if tried == TRIES or not failure.transient:
                    raise
                time.sleep(failure.retry_after_s or 0.1 * 2**tried)
            except httpx2.TransportError as error:
                if tried == TRIES:
                    raise OutsideFailure(
                        f"The gate did not answer: {error}",
                        transient=True,
                        kind="unreachable",
                    ) from error
                time.sleep(0.1 * 2**tried)
        raise AssertionError


def _instant(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def _waiting(told: dict[str, Any]) -> Waiting:
    return Waiting(
        id=UUID(told["id"]),
        state=told["state"],
        units=told["units"],
        ahead=told["ahead"],
        offered=told["offered"],
        expires_at=_instant(told["expires_at"]),
    )


def _told(answer: httpx2.Response) -> dict[str, Any]:
    """The body of a good answer.

    Raises:
        Refusal: 4xx. OutsideFailure: 429 and 5xx.
    """
    if answer.is_success:
        body: dict[str, Any] = answer.json()
        return body
    if answer.status_code == 429 or answer.status_code >= 500:
        wait = answer.headers.get("Retry-After", "")
        raise OutsideFailure(
            f"The gate answered {answer.status_code}.",
            transient=True,
            retry_after_s=float(wait) if wait.isdigit() else None,
        )
    told = answer.json()
    raise Refusal(
        told["message"],
        code=told["code"],
        field=told["field"],
        status=answer.status_code,
        detail=told["detail"],
    )
