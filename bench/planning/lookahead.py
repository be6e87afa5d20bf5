"""How long the look-ahead takes: 5,000 SKUs by 20 later sales.

As a plan is dragged: its own lines are known, histories are read, and the lines of the
later sales at the first look only. Then as a decision has it, with all of them read.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bench import say, stage

if TYPE_CHECKING:
    from console.campaigns.models import Campaign

SKUS, LATER, ROUNDS = 5_000, 20, 60
LIMIT_MS = 200
SALES_A_YEAR = 6
STRANGERS = 5_000
NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def main() -> None:
    """Move a sale of all SKUs back and forth before twenty others; peer: bare reading.

    The peer counts the rows of the histories, in SQL, and computes nothing.
    """
    with stage.database():
        from django.db import connection

        from console.campaigns.queries import later, readiness

        _fill()
        plan = readiness.candidate(_planned())

        def ahead(number: int, *, recent: bool = True) -> None:
            opens = NOW + (7 + number % 6) * DAY
            if not later.falls(plan, opens, opens + DAY, now=NOW, recent=recent):
                raise RuntimeError("none of the later sales loses anything")

        def bare(_: int) -> None:
            with connection.cursor() as cursor:
                cursor.execute(_BARE, [[_sku(n) for n in range(SKUS)]])

        def afresh(number: int) -> None:
            ahead(number, recent=False)

        peer = _p95_ms(bare)
        name = "planning.lookahead_ms_p95"
        say(name, _p95_ms(ahead), "ms", limit=LIMIT_MS, peer=peer, n=ROUNDS)
        name = "planning.lookahead_afresh_ms_p95"
        say(name, _p95_ms(afresh), "ms", limit=LIMIT_MS, peer=peer, n=ROUNDS)


_BARE = """
select count(amount) from unnest(%s::text[]) wanted(sku)
join prices_pricepoint point on point.sku = wanted.sku
    and channel = 'web' and currency = 'EUR'
"""


def _p95_ms(work: Callable[[int], None]) -> float:
    """Two warm-ups, then so many rounds."""
    found = []
    for number in range(ROUNDS + 2):
        began = time.perf_counter()
        work(number)
        found.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(found[2:], n=20)[-1]


def _sku(number: int) -> str:
    return f"SKU-{number:05}"


def _planned() -> Campaign:
    """A draft of all SKUs, and twenty sales later than it that sell them too."""
    from django.db import connection

    plan, *others = [_draft(n) for n in range(LATER + 1)]
    for n, one in enumerate(others, start=2):
        one.opens_at = NOW + (12 + n) * DAY
        one.closes_at = one.opens_at + DAY / 2
        one.save()
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    return plan


def _draft(number: int) -> Campaign:
    from bench.planning._campaign import draft
    from console.campaigns.models import Line
    from console.stock.models import Sku

    one = draft(f"FS-{number}", skus=0)
    skus = Sku.objects.filter(code__startswith="SKU-").order_by("code")[:SKUS]
    Line.objects.bulk_create(
        (
            Line(
                campaign=one,
                sku=sku,
                regular_price=Decimal(200),
                sale_price=Decimal(5_000 + 37 * n % 3_000) / 100 + number,
                units=1,
                position=n,
            )
            for n, sku in enumerate(skus, start=1)
        ),
        batch_size=5_000,
    )
    return one


def _fill() -> None:
    """A year of prices: the regular one, and sales that came and went."""
    from django.db import connection

    from console.prices.models import PricePoint
    from console.stock.models import Sku

    Sku.objects.bulk_create(Sku(code=_sku(n), regular_price=200) for n in range(SKUS))
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
