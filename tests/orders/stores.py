"""A store that signs its events, as stores do."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from console.providers.signing import sign
from tests.orders.conftest import SECRET


def event(ref: str = "R-1", **changes: Any) -> dict[str, Any]:
    """The event of one paid order."""
    order = {
        "ref": ref,
        "campaign": "FS-1",
        "buyer": f"buyer of {ref}",
        "reservation": None,
        "currency": "EUR",
        "total": "39.80",
        "placed_at": "2026-11-27T19:00:00+00:00",
        "lines": [{"sku": "SKU-A", "units": 2, "price": "19.90"}],
    }
    return {"type": "order.paid", "order": order | changes}


def headers(
    body: bytes,
    *,
    event_id: str = "evt-1",
    secret: str = SECRET,
    at: datetime | None = None,
) -> dict[str, str]:
    """The headers of a signed message."""
    stamp = str(int((at or timezone.now()).timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(sign(key, event_id, stamp, body)).decode()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }


def send(told: dict[str, Any], *, event_id: str = "evt-1", **ways: Any) -> Any:
    """Post an event as the store would."""
    body = json.dumps(told).encode()
    return Client().post(
        "/api/orders/shop/",
        body,
        content_type="application/json",
        headers=headers(body, event_id=event_id, **ways),
    )
