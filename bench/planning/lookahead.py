"""How long the look-ahead takes: 5,000 SKUs by 20 later sales, histories included."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bench import say, stage

if TYPE_CHECKING:
    from console.prices.rules.planned import Planned

SKUS, LATER, ROUNDS = 5_000, 20, 60
SALES_A_YEAR = 6
STRANGERS = 5_000
NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def main() -> None:
    """Move a sale of all SKUs back and forth before twenty others; limit: bare reading.

    The limit counts the rows of the histories, in SQL, and computes nothing.
    """
    with stage.database():
        from django.db import connection

        from console.prices import queries

        _fill()
        later = [_sale(f"FS-{n}", n) for n in range(1, LATER + 1)]
        places = [_sale("FS-0", offset / 10) for offset in range(-6, 6)]

        def ahead(number: int) -> Any:
            proposed = places[number % len(places)]
            return queries.look_ahead(later, proposed, now=NOW, instead_of=places[0])

        def bare(_: int) -> Any:
            with connection.cursor() as cursor:
                cursor.execute(_BARE, [[_sku(n) for n in range(SKUS)]])
                return cursor.fetchone()

        limit = _p95_ms(bare)
        say("planning.lookahead_ms_p95", _p95_ms(ahead), "ms", limit=limit, n=ROUNDS)


_BARE = """
select count(amount) from unnest(%s::text[]) wanted(sku)
join prices_pricepoint point on point.sku = wanted.sku
    and channel = 'web' and currency = 'EUR'
"""


def _p95_ms(work: Callable[[int], Any]) -> float:
    """Two warm-ups, then so many rounds."""
    found = []
    for number in range(ROUNDS + 2):
        began = time.perf_counter()
        work(number)
        found.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(found[2:], n=20)[-1]


def _sku(number: int) -> str:
    return f"SKU-{number:05}"


def _sale(code: str, weeks: float) -> Planned:
    from console.prices.rules.planned import Planned

    opens = NOW + 7 * DAY + weeks * 7 * DAY
    prices = {_sku(n): Decimal(5_000 + 37 * n % 3_000) / 100 for n in range(SKUS)}
    return Planned(code, f"Sale {code}", opens, opens + DAY, prices)


def _fill() -> None:
    """A year of prices: the regular one, and sales that came and went."""
    from django.db import connection

    from console.prices.models import PricePoint

    rows = []
    for number in range(SKUS + STRANGERS):
        regular = Decimal(8_000 + 61 * number % 4_000) / 100
        rows.append((_sku(number), regular, NOW - 400 * DAY, "regular"))
        for turn in range(SALES_A_YEAR):
            began = NOW - (3 + number % 50 + 55 * turn) * DAY
            rows.append((_sku(number), regular * 4 / 5, began, "sale"))
            rows.append((_sku(number), regular, began + DAY, "revert"))
    PricePoint.objects.bulk_create(
        (
            PricePoint(sku=s, amount=a, from_at=at, reason=why, currency="EUR")
            for s, a, at, why in rows
        ),
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze prices_pricepoint")


if __name__ == "__main__":
    main()
