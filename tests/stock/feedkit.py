"""Feeds that sign what they tell, as tills and marketplaces do."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from console.providers.signing import sign
from console.stock import operations as stock
from console.stock.feed_body import Body, Told
from console.stock.models import Feed, FeedMovement, Level, Location
from console.stock.operations import FeedTerms
from console.stock.operations.feeds import Answer, take_in
from console.stock.rules.feeds import FeedKind
from tests import make

NOW = make.NOW + timedelta(hours=2)
"""Later than the levels of the builders came to be."""
SECRET = "a-secret-of-a-till-that-is-long"
"""Of the tills the documentation names; any other has one of its own."""


def feed(
    name: str = "till", *, at: Location | None = None, kind: str = "till", **terms: Any
) -> Feed:
    """A feed that may send."""
    own = "" if name in ("till", "till-berlin") else f"-{name}"
    said = FeedTerms(FeedKind(kind), at, secret=SECRET + own, **terms)
    return stock.add_feed(name, said, actor=None, now=NOW)


def told(
    name: str, kind: str, units: int, *, age_s: float = 1, sku: str = "MUG",
    at: str = "Main", now: datetime = NOW,
) -> Told:  # fmt: skip
    """One movement, so many seconds ago."""
    when = now - timedelta(seconds=age_s)
    return Told(id=name, kind=kind, sku=sku, location=at, units=units, at=when)


def say(one: Feed, *movements: Told, now: datetime = NOW) -> list[Answer]:
    """What a feed tells comes in."""
    return take_in(one, Body(movements), now=now)


def on_hand(sku: str = "MUG", at: str = "Main") -> int:
    return Level.objects.get(sku__code=sku, location__name=at).on_hand


def states() -> dict[str, str]:
    """Each movement by name, and how far it is."""
    return dict(FeedMovement.objects.values_list("external_id", "state"))


def mugs(units: int = 100) -> Level:
    """A level of MUG at Main."""
    return make.level(make.sku("MUG"), units=units, at=make.location("Main"))


def headers(
    body: bytes, *, secret: str = SECRET, at: datetime | None = None
) -> dict[str, str]:
    """The headers of a signed message."""
    stamp = str(int((at or timezone.now()).timestamp()))
    signature = base64.b64encode(sign(secret.encode(), "m-1", stamp, body)).decode()
    return {
        "webhook-id": "m-1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature}",
    }


def post(body: Any, *, name: str = "till", **ways: Any) -> Any:
    """Send a message as a feed would; bytes go as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().post(
        f"/api/stock/feeds/{name}/",
        raw,
        content_type="application/json",
        headers=headers(raw, **ways),
    )


def line(name: str, kind: str, units: Any, **more: Any) -> dict[str, Any]:
    """A movement of this moment, in JSON."""
    said = {"id": name, "kind": kind, "sku": "MUG", "location": "Main", "units": units}
    return said | {"at": timezone.now().isoformat()} | more
