"""The calendar page with 500 campaigns: each zoom, lanes by category, lost claims."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from bench import say
from bench.planning import _world
from bench.stage import database

if TYPE_CHECKING:
    from django.test import Client

ROUNDS = 30
LIMIT_MS = 150
CAMPAIGNS = 500
ZOOMS = ("month", "quarter", "year")
MIDDLE = date(2026, 7, 1)
"""Around it all of them run."""
EACH, POOL = 150, 5_000
"""Products of each sale whose claims are looked at, and how many they share."""


def main() -> None:
    """Print the slowest zoom of each; a year shows fifty of them, the score needs all.

    Claims are looked at where all sales are still to come, as they are in no other.
    """
    with database():
        _world.shop(CAMPAIGNS, shared=CAMPAIGNS)
        _squeeze()
        _world.analyze()
        for words, more in (("", {}), (" by category", {"by": "category"})):
            _tell(words, {"at": f"{MIDDLE}", **more})
        at = MIDDLE.replace(year=timezone.localdate().year + 1)
        _to_come(at - MIDDLE)
        _products()
        _world.analyze()
        _tell(" lost claims", {"at": f"{at}", "claims": "1"})


def _tell(words: str, query: Mapping[str, str]) -> None:
    client = _client()
    for zoom in ZOOMS:
        p95 = statistics.quantiles(_times(client, {**query, "zoom": zoom}), n=20)[-1]
        name = f"planning.calendar_ms_p95 {zoom}{words}"
        say(name, p95, "ms", limit=LIMIT_MS, n=ROUNDS)


def _squeeze() -> None:
    """Let all of them run within the year that is shown."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "update campaigns_campaign set"
            " opens_at = now + (opens_at - now) / 20,"
            " closes_at = now + (opens_at - now) / 20 + interval '4 hours'"
            " from (select timestamptz '2026-07-01') as t(now) where code <> 'FS-0001'"
        )


def _to_come(later: timedelta) -> None:
    """Move all of them into a year that nobody has reached."""
    from django.db.models import F

    from console.campaigns.models import Campaign

    Campaign.objects.exclude(code="FS-0001").update(
        opens_at=F("opens_at") + later, closes_at=F("closes_at") + later, state="armed"
    )


def _products() -> None:
    """Give each sale a stretch of the products, and each product a history."""
    from console.campaigns.models import Campaign, Line
    from console.prices import operations as prices
    from console.prices.operations import Note
    from console.stock.models import Sku

    skus = list(Sku.objects.order_by("pk")[:POOL])
    since = _world.NOW - timedelta(days=200)
    prices.note_all(Note(sku.code, sku.regular_price, since) for sku in skus)
    sales = Campaign.objects.exclude(code="FS-0001").order_by("opens_at", "pk")
    Line.objects.bulk_create(
        (
            Line(
                campaign=one,
                sku=skus[(n * 97 + k) % POOL],
                regular_price=Decimal(100),
                sale_price=Decimal(60 + n % 30),
                units=1,
            )
            for n, one in enumerate(sales)
            for k in range(EACH)
        ),
        batch_size=5_000,
    )


def _client() -> Client:
    from django.contrib.auth.models import Group, User
    from django.test import Client

    person, _ = User.objects.get_or_create(username="reader")
    person.groups.add(Group.objects.get_or_create(name="merchandiser")[0])
    client = Client()
    client.force_login(person)
    return client


def _times(client: Client, query: Mapping[str, str]) -> list[float]:
    """How long the page takes, in ms, so many times; three rounds warm it up."""
    from django.test import override_settings

    found = []
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(STORAGES={"staticfiles": plain}, ALLOWED_HOSTS=["*"]):
        for round_ in range(ROUNDS + 3):
            began = time.perf_counter()
            page = client.get("/calendar/", query)
            if round_ > 2:
                found.append((time.perf_counter() - began) * 1000)
    assert page.status_code == 200
    return found


if __name__ == "__main__":
    main()
