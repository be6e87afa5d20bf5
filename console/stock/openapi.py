"""The gate's own description, served at /api/gate/v1/openapi.json."""

from __future__ import annotations

from typing import Any

from console.stock.messages import encoded
from console.stock.rules import LONGEST_TTL_S, MOST_LINES, MOST_UNITS, WaiterState
from console.stock.rules.claims import PRINTABLE
from console.stock.rules.scarcity import Silence

Json = dict[str, Any]


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _text(longest: int) -> Json:
    return {"type": "string", "minLength": 1, "maxLength": longest}


def _name(longest: int) -> Json:
    return _text(longest) | {"pattern": PRINTABLE}


def _body(name: str) -> Json:
    return {"required": True, "content": _content(_ref(name))}


def _parameter(name: str, place: str, schema: Json) -> Json:
    return {"name": name, "in": place, "required": True, "schema": schema}


def _object(properties: Json, *, optional: tuple[str, ...] = ()) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _refusals(*statuses: int) -> Json:
    told = {
        400: "The body is not JSON",
        401: "No token, an unknown or an expired one",
        403: "The token lacks the scope",
        404: "No such campaign or reservation",
        405: "Another method is meant",
        409: "Refused; the code says why",
        413: "The body is too large",
        422: "A value that cannot be; field says where",
        429: "Busy: try again with the same key after Retry-After",
        500: "A bug; it was logged",
        503: "The database is away: try again with the same key after Retry-After",
    }
    return {
        str(status): {"description": told[status], "content": _content(_ref("Refusal"))}
        for status in (*statuses, 401, 403, 405, 429, 500, 503)
    }


def _done(status: int, told: str, schema: str, *statuses: int) -> Json:
    answer = {"description": told, "content": _content(_ref(schema))}
    return {str(status): answer, **_refusals(*statuses)}


def _post(name: str, told: str, **rest: Any) -> Json:
    return {"operationId": name, "summary": told, **rest}


_STRING = {"type": "string"}
_UUID = _STRING | {"format": "uuid"}
_ID = _parameter("id", "path", _UUID)
_KEY = _parameter(
    "Idempotency-Key", "header", _text(255) | {"pattern": r"^[\x21-\x7e]+$"}
)
_KEY["description"] = (
    "The same key and body answer the same, and take effect once."
    " A key belongs to one client and one buyer."
)
_CAMPAIGN = _parameter("campaign", "query", _name(20))
_SKU = _parameter("sku", "query", _name(64))
_UNITS = {"type": "integer", "minimum": 1, "maximum": MOST_UNITS}
_LINES = {
    "type": "array",
    "items": _ref("Line"),
    "minItems": 1,
    "maxItems": MOST_LINES,
}
_INSTANT = {"type": "string", "format": "date-time"}
_COUNT = {"type": "integer", "minimum": 0}
_WHEN = {"type": ["string", "null"], "format": "date-time"}
_SCHEMAS: Json = {
    "Line": _object({"sku": _name(64), "units": _UNITS}),
    "Asked": _object(
        {
            "campaign": _name(20),
            "buyer": _name(128),
            "lines": _LINES,
            "ttl_s": {
                "type": ["integer", "null"],
                "minimum": 1,
                "maximum": LONGEST_TTL_S,
            },
        },
        optional=("ttl_s",),
    ),
    "Reservation": _object(
        {
            "id": _UUID,
            "campaign": _STRING,
            "state": {"const": "held"},
            "expires_at": _INSTANT,
            "lines": _LINES,
            "backordered": _COUNT | {"description": "Units that are not there yet."},
            "promise_at": _WHEN | {"description": "When they are, if that is known."},
        }
    ),
    "Wait": _object(
        {
            "campaign": _name(20),
            "sku": _name(64),
            "buyer": _name(128),
            "units": _UNITS | {"default": 1},
        },
        optional=("units",),
    ),
    "Waiting": _object(
        {
            "id": _UUID,
            "campaign": _STRING,
            "sku": _STRING,
            "buyer": _STRING,
            "units": _UNITS,
            "state": {"enum": [*WaiterState]},
            "ahead": _COUNT | {"description": "Who came before, at most 1,000."},
            "offered": _COUNT | {"description": "Held, by a reservation of this id."},
            "expires_at": _WHEN | {"description": "Until when, while offered."},
        }
    ),
    "Left": _object(
        {
            "id": _UUID,
            "state": {"enum": ["left", "passed"]},
        }
    ),
    "Paid": _object({"order": _name(64)}),
    "Sale": _object(
        {
            "id": _UUID,
            "state": {"const": "confirmed"},
            "order": _STRING,
            "shortfall": _COUNT,
        }
    ),
    "Ended": _object(
        {
            "id": _UUID,
            "state": {"enum": ["released", "expired"]},
        }
    ),
    "Availability": _object(
        {
            "campaign": _STRING,
            "state": {"enum": ["open", "paused", "closed"]},
            "as_of": _INSTANT,
            "fresh_for_s": {
                "type": "number",
                "description": "So long after as_of it may be shown as true.",
            },
            "skus": {
                "type": "array",
                "items": _object(
                    {
                        "sku": _STRING,
                        "left": {"type": "integer"},
                        "unavailable": {"enum": ["stopped", "low", "sold_out", None]},
                    }
                ),
            },
        }
    ),
    "Scarcity": _object(
        {
            "campaign": _STRING,
            "sku": _STRING,
            "left": _COUNT,
            "text": {"type": ["string", "null"]},
            "why": {"enum": [*Silence, None]},
            "as_of": _INSTANT,
            "valid_until": _WHEN,
        }
    ),
    "Refusal": _object(
        {
            "code": _STRING,
            "message": _STRING,
            "field": _STRING
            | {
                "description": "What to change, as the request spells it; id is that of"
                " the address. Empty where no field is wrong."
            },
            "detail": {"type": "object"},
        }
    ),
}


def document() -> Json:
    """The OpenAPI 3.1 document of the gate."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Doorbuster gate", "version": "1"},
        "servers": [{"url": "/api/gate/v1"}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths() -> Json:
    return {
        "/reservations": {
            "post": _post(
                "reserve",
                "Hold units for a buyer: all lines or none.",
                parameters=[_KEY],
                requestBody=_body("Asked"),
                responses=_done(201, "Held", "Reservation", 400, 404, 409, 413, 422),
            )
        },
        "/reservations/{id}/confirm": {
            "post": _post(
                "confirm",
                "Turn a hold into a sale; late payers get what is still there.",
                parameters=[_ID],
                requestBody=_body("Paid"),
                responses=_done(200, "Sold", "Sale", 400, 404, 409, 413, 422),
            )
        },
        "/reservations/{id}/release": {
            "post": _post(
                "release",
                "End a hold unsold.",
                parameters=[_ID],
                responses=_done(200, "Ended", "Ended", 404, 409),
            )
        },
        "/waiting": {
            "post": _post(
                "wait",
                "Join the line for a SKU that is sold out.",
                parameters=[_KEY],
                requestBody=_body("Wait"),
                responses=_done(201, "In line", "Waiting", 400, 404, 409, 413, 422),
            )
        },
        "/waiting/{id}": {
            "get": _post(
                "waiting",
                "Where a buyer stands in the line.",
                parameters=[_ID],
                responses=_done(200, "Where", "Waiting", 404),
            ),
            "delete": _post(
                "leave",
                "Leave the line, and give back what was offered.",
                parameters=[_ID],
                responses=_done(200, "Left", "Left", 404, 409),
            ),
        },
        "/availability": {
            "get": _post(
                "availability",
                "What is left to sell, a moment ago.",
                parameters=[_CAMPAIGN],
                responses=_done(200, "Left", "Availability", 404, 422),
            )
        },
        "/scarcity": {
            "get": _post(
                "scarcity",
                "What may be said about the last units; kept as evidence.",
                parameters=[_CAMPAIGN, _SKU],
                responses=_done(200, "What may be said", "Scarcity", 404, 422),
            )
        },
    }


DOCUMENT = encoded(document())
