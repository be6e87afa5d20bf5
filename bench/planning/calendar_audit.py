"""Which products ten years of sales put on sale too often: the whole calendar at once.

`planning.calendar_audit_ms`: 5,000 campaigns of 500 SKUs, a rest of 7 days and at most
3 sales in 90 days, over rows that are sorted; the peer is the same question to
PostgreSQL over the same rows as window functions, which must find as many.
`planning.calendar_audit_page_ms`: all that the card asks for: the footprints read,
their rows sorted, looked through and counted, and the first told.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bench import say
from bench.planning import _world
from bench.stage import database

if TYPE_CHECKING:
    from console.fatigue.rules import Limits
    from console.fatigue.rules.too_often import Turns

CAMPAIGNS = 5_000
ROUNDS = 9
LIMIT_MS = 50

ROWS = """
create temporary table audited as
select sku, sale, opens_at, closes_at
from unnest(%s::int[], %s::int[]) as sold(sku, sale)
    join unnest(%s::timestamptz[], %s::timestamptz[])
        with ordinality as sales(opens_at, closes_at, number) on number = sale + 1
"""
BROKEN = """
select count(*) filter (where opens_at - last < %(rest)s * interval '1 day'),
    count(*) filter (where opens_at - full_since < %(window)s * interval '1 day')
from (select opens_at,
        max(closes_at) over (mine rows between unbounded preceding and 1 preceding)
            as last,
        lag(opens_at, %(most)s) over mine as full_since
    from audited
    window mine as (partition by sku order by opens_at, sale)) as looked
"""


def main() -> None:
    """Print both figures; array form and PostgreSQL must agree."""
    with database():
        _world.shop(CAMPAIGNS, shared=CAMPAIGNS)
        _world.analyze()
        _figures()


def _figures() -> None:
    from console.campaigns.queries import too_often
    from console.fatigue.rules.too_often import broken

    limits = _policy()
    turns = too_often.read().turns
    peer = _in_sql(limits, turns)
    array, counts = _median(lambda: [len(one.sku) for one in broken(limits, turns)])
    sql, same = _median(peer)
    assert counts == same, (counts, same)
    rows = len(turns)
    say("planning.calendar_audit_ms", array, "ms", limit=LIMIT_MS, peer=sql, n=rows)
    page, _ = _median(lambda: [too_often.too_often(now=_world.NOW).count])
    say("planning.calendar_audit_page_ms", page, "ms", peer=sql, n=rows)


def _policy() -> Limits:
    """What each SKU is judged by from now on."""
    from datetime import timedelta

    from console.fatigue import operations
    from console.fatigue.models import Scope
    from console.fatigue.rules import Counts, Limits

    limits = Limits(
        red=0,
        amber=0,
        min_gap_days=7,
        gap_counts=Counts.ROLLING,
        max_sales=3,
        window_counts=Counts.ROLLING,
    )
    since = _world.NOW - timedelta(days=1)
    scope = Scope.objects.get(kind="sku", name="*")
    operations.save(scope.pk, limits, version=1, reason="bench", actor=None, now=since)
    return limits


def _in_sql(limits: Limits, turns: Turns) -> Callable[[], list[int]]:
    """Put the same rows into a table, and ask it."""
    from django.db import connection

    from console.fatigue.rules import instant
    from console.fatigue.rules.too_often import HALF, PLACE

    ends = [list(map(instant, at.tolist())) for at in (turns.opens, turns.closes)]
    said = {"rest": limits.min_gap_days, "window": limits.window_days}
    said |= {"most": limits.max_sales}
    with connection.cursor() as cursor:
        pairs = [(turns.rows >> HALF).tolist(), (turns.rows & PLACE).tolist()]
        cursor.execute(ROWS, [*pairs, *ends])
        cursor.execute("analyze audited")

    def ask() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(BROKEN, said)
            return list(cursor.fetchone())

    return ask


def _median(work: Callable[[], list[int]]) -> tuple[float, list[int]]:
    """The median of so many rounds in ms, one of warming up before, and the answer."""
    found = work()
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), found


if __name__ == "__main__":
    main()
