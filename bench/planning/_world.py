"""Ten years of sales for the benches of planning: campaigns with their footprints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from console.campaigns.models import Campaign

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
YEARS = 10
AHEAD = timedelta(days=365)
"""The last of the ten years is planned, not past."""
EACH = 500
"""SKUs of a campaign."""
SHELF = 500
"""SKUs of a category."""
SHELVES = 100
"""Categories of the shop: 50,000 SKUs."""
ITS_SHELVES = 20
"""Of them, those of the plan that is judged: it sells all their SKUs, 10,000."""
A_CAMPAIGN = 3
"""Categories a campaign takes its SKUs from."""
IN_SCOPE = 500
"""Campaigns of its audience, however many there are in all."""


def shop(campaigns: int, *, shared: int) -> Campaign:
    """Fill the shop; the draft of 10,000 SKUs that is to be judged.

    shared: of these campaigns, those of its audience and of any of the first 100
    shelves, a fifth of which the draft sells. All others have an audience and shelves
    of their own.
    """
    people = _people(2)
    _shelves(2 * SHELVES if campaigns > shared else SHELVES)
    _campaigns(campaigns - shared, people[1], SHELVES)
    _campaigns(shared, people[0], 0)
    return _draft(people[0])


def _people(count: int) -> list[Any]:
    from console.fatigue import operations, rules

    since = NOW - timedelta(days=4000)
    for scope, limits in (
        (rules.EVERYTHING, rules.of_everything("Europe/Berlin")),
        (rules.EACH_SKU, rules.of_each_sku("Europe/Berlin")),
        (rules.Scope(rules.Kind.CATEGORY, rules.EACH), rules.Limits()),
    ):
        operations.add_policy(scope, limits, reason="bench", actor=None, now=since)
    return [
        operations.add_audience(f"People {n}", size=1000, actor=None, now=since)
        for n in range(count)
    ]


def _shelves(count: int) -> None:
    from console.stock.models import Sku

    Sku.objects.bulk_create(
        (
            Sku(
                code=f"S{n:06}",
                name=f"Product {n}",
                category=f"Shelf {n // SHELF:03}",
                regular_price=Decimal(100),
            )
            for n in range(count * SHELF)
        ),
        batch_size=5000,
    )


def _campaigns(count: int, people: Any, first_shelf: int) -> None:
    from django.contrib.auth.models import User

    from console.campaigns.models import Campaign, Footprint

    if not count:
        return
    owner, _ = User.objects.get_or_create(username="bench")
    draws, keys = np.random.default_rng(count), _keys()
    openings = sorted(draws.integers(0, YEARS * 365 * 24, count).tolist())
    made = Campaign.objects.bulk_create(
        (
            _campaign(f"P{people.pk}-{n:06}", people, owner, hour)
            for n, hour in enumerate(openings)
        ),
        batch_size=2000,
    )
    Footprint.objects.bulk_create(
        (_footprint(one, people, first_shelf, draws, keys) for one in made),
        batch_size=1000,
    )


def _keys() -> Any:
    """Keys of the SKUs, a row a shelf."""
    from console.stock.models import Sku

    rows = list(Sku.objects.order_by("pk").values_list("pk", flat=True))
    return np.array(rows, dtype=">i4").reshape(-1, SHELF)


def _campaign(code: str, people: Any, owner: Any, hour: int) -> Campaign:
    from console.campaigns.models import Campaign

    opens = NOW + AHEAD - timedelta(days=YEARS * 365) + timedelta(hours=hour)
    return Campaign(
        code=code,
        name=f"Sale {code}",
        state="closed" if opens < NOW else "armed",
        audience=people,
        owner=owner,
        author=owner,
        zone="Europe/Berlin",
        opens_at=opens,
        closes_at=opens + timedelta(hours=4),
        created_at=opens - timedelta(days=30),
        updated_at=opens,
    )


def _footprint(
    one: Campaign, people: Any, first_shelf: int, draws: Any, keys: Any
) -> Any:
    from console.campaigns.models import Footprint

    shelves = sorted(first_shelf + draws.choice(SHELVES, A_CAMPAIGN, replace=False))
    skus = np.sort(draws.choice(keys[shelves].ravel(), EACH, replace=False))
    names = [f"category:Shelf {shelf:03}" for shelf in shelves]
    return Footprint(
        campaign=one,
        scopes=["everything", f"audience:{people.slug}", *names],
        reach=[1.0] * 2 + [EACH / SHELF / A_CAMPAIGN] * A_CAMPAIGN,
        depth=0.3,
        skus=skus.tobytes(),
    )


def _draft(people: Any) -> Campaign:
    from console.campaigns.models import Campaign, Line
    from console.stock.models import Sku

    owner = Campaign.objects.first().owner  # type: ignore[union-attr]
    one = _campaign("FS-0001", people, owner, 0)
    opens = NOW + timedelta(days=30)
    one.state, one.opens_at, one.closes_at = "draft", opens, opens + timedelta(hours=4)
    one.save()
    skus = Sku.objects.order_by("pk")[: ITS_SHELVES * SHELF]
    Line.objects.bulk_create(_lines(one, skus), batch_size=5000)
    return one


def _lines(one: Campaign, skus: Iterable[Any]) -> Iterator[Any]:
    from console.campaigns.models import Line

    for sku in skus:
        yield Line(
            campaign=one,
            sku=sku,
            regular_price=Decimal(100),
            sale_price=Decimal(70),
            units=10,
        )


def analyze() -> None:
    """Let PostgreSQL know what is in its tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")
