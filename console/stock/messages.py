"""What the gate reads and says: JSON bodies in, JSON bodies out."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import Any
from uuid import UUID

import msgspec

from console.errors import Refusal
from console.stock.rules import (
    BadRequest,
    Claim,
    Item,
    Join,
    UnknownReservation,
    claim,
    join,
)
from console.stock.rules.claims import check_text

MOST_BYTES = 64 * 1024
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class AskedLine(msgspec.Struct, forbid_unknown_fields=True):
    """A line as a body spells it."""

    sku: str
    units: int


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """A reservation as a body asks for it: of the right types, nothing else is sure."""

    campaign: str
    buyer: str
    lines: list[AskedLine]
    ttl_s: int | None = None


_decoded = msgspec.json.Decoder(Asked).decode


class MalformedJson(BadRequest):
    """The body is not a JSON object."""

    code = "malformed_json"
    status = 400


def read_asked(body: bytes) -> Asked:
    """The reservation a body asks for, its values still to be checked.

    Raises:
        MalformedJson, BadRequest: naming the field.
    """
    try:
        return _decoded(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return _read_slowly(body)


def _read_slowly(body: bytes) -> Asked:
    """Find out, field by field, what a body has that it should not."""
    told = _object(body, {"campaign", "buyer", "lines", "ttl_s"})
    return Asked(
        campaign=_text(told, "campaign"),
        buyer=_text(told, "buyer"),
        lines=_lines(told.get("lines")),
        ttl_s=_ttl(told.get("ttl_s")),
    )


def claimed(asked: Asked, *, key: str, client: str) -> Claim:
    """The same as a claim that can be decided.

    Raises:
        BadRequest, BadQuantity: naming the field.
    """
    return claim(
        client,
        key,
        campaign=asked.campaign,
        buyer=asked.buyer,
        lines=[Item(line.sku, line.units) for line in asked.lines],
        ttl_s=asked.ttl_s,
    )


def read_order(body: bytes) -> str:
    """The order a body confirms a reservation for.

    Raises:
        MalformedJson, BadRequest: naming the field.
    """
    order = _text(_object(body, {"order"}), "order")
    check_text("order", order, 64)
    return order


def read_join(body: bytes, *, key: str, client: str) -> Join:
    """The place in a line that a body asks for.

    Raises:
        MalformedJson, BadRequest, BadQuantity: naming the field.
    """
    told = _object(body, {"campaign", "sku", "buyer", "units"})
    units = told.get("units", 1)
    if type(units) is float and units.is_integer():
        units = int(units)
    if type(units) is not int:
        raise BadRequest("units must be a whole number.", field="units")
    return join(
        client,
        key,
        campaign=_text(told, "campaign"),
        sku_code=_text(told, "sku"),
        buyer=_text(told, "buyer"),
        units=units,
    )


def read_id(spelled: str) -> UUID:
    """The id in an address.

    Raises:
        UnknownReservation: it is not even an id.
    """
    try:
        return UUID(spelled)
    except ValueError:
        raise UnknownReservation("There is no such reservation.", field="id") from None


def _object(body: bytes, fields: set[str]) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedJson("The body is not JSON.") from None
    if not isinstance(told, dict):
        raise MalformedJson("The body must be a JSON object.")
    for name in told:
        if name not in fields:
            raise BadRequest("This field is not known here.", field=name[:60])
    return told


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str):
        raise BadRequest(f"{name} must be a text.", field=name)
    return value


def _lines(lines: object) -> list[AskedLine]:
    if not isinstance(lines, list):
        raise BadRequest("lines must be a list.", field="lines")
    return [_line(place, line) for place, line in enumerate(lines)]


def _line(place: int, line: object) -> AskedLine:
    if not isinstance(line, dict) or line.keys() != {"sku", "units"}:
        raise BadRequest(
            'A line is {"sku": text, "units": whole number}.', field=f"lines[{place}]"
        )
    sku, units = line["sku"], _whole(line["units"])
    if not isinstance(sku, str):
        raise BadRequest("sku must be a text.", field=f"lines[{place}].sku")
    if units is None:
        raise BadRequest("units must be a whole number.", field=f"lines[{place}].units")
    return AskedLine(sku, units)


def _whole(value: object) -> int | None:
    """A whole number, also one that is spelt 3.0; None for everything else."""
    if type(value) is float and value.is_integer():
        return int(value)
    return value if type(value) is int else None


def _ttl(value: object) -> int | None:
    if value is None:
        return None
    seconds = _whole(value)
    if seconds is not None:
        return seconds
    raise BadRequest("ttl_s must be a whole number of seconds.", field="ttl_s")


def held(
    id_: str,
    asked: Claim,
    expires_at: datetime,
    later: int,
    promise_at: datetime | None,
) -> bytes:
    """A granted reservation; a repeated request gets the same bytes.

    later: units of it that are not there yet; promise_at: when they are, if known.
    """
    lines = ",".join(
        [f'{{"sku":{_quoted(x.sku_code)},"units":{x.units}}}' for x in asked.lines]
    )
    return (
        f'{{"id":"{id_}","campaign":{_quoted(asked.campaign)},"state":"held",'
        f'"expires_at":"{spoken(expires_at)}","lines":[{lines}],'
        f'"backordered":{later},"promise_at":{_when(promise_at)}}}'
    ).encode()


def _when(instant: datetime | None) -> str:
    return f'"{spoken(instant)}"' if instant else "null"


@lru_cache(maxsize=256)
def spoken(instant: datetime) -> str:
    """An instant in UTC, to the millisecond."""
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encoded(told: object) -> bytes:
    """Compact JSON."""
    return _encode(told).encode("utf-8", "replace")


def refused(told: Refusal) -> bytes:
    """A refusal in the gate's form."""
    body = {"code": told.code, "message": told.message, "field": told.field}
    return encoded(body | {"detail": told.detail})
