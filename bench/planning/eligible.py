"""How long it takes to count who of 10 million people may be told.

`planning.eligible_ms`: at most two messages in 30 days and an e-mail in 7, by the masks
in memory, against the same question to PostgreSQL, which must count as many; the limit
is one AND and one popcount over the same bytes. It is to stay below 100 ms.
`planning.eligible_first_day_ms`: the first day on which 90% may be told.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench import say
from bench.stage import database

CUSTOMERS = 10_000_000
ROUNDS = 20

FILL = """
insert into fatigue_contact (audience_id, customer, last, email, push)
select %s, 'c' || n, %s - (n * 7919 %% 40)::int,
    ((hashint8extended(n, 1) & hashint8extended(n, 2) & hashint8extended(n, 3)
        & hashint8extended(n, 4)) | 1),
    (hashint8extended(n, 5) & hashint8extended(n, 6) & hashint8extended(n, 7)
        & hashint8extended(n, 8) & hashint8extended(n, 9))
from generate_series(1, %s::bigint) n
"""
"""About seven contacts each in the last 64 days, from 0 to 40 days old."""


def main() -> None:
    """Print the figures; the counts of both ways must be equal."""
    with database(), tempfile.TemporaryDirectory() as folder:
        _figures(Path(folder))


def _figures(folder: Path) -> None:
    from django.conf import settings

    from console.fatigue.contacts import eligible, masks
    from console.fatigue.rules import Channel
    from console.fatigue.rules.contacts import Ask

    settings.DATA_DIR = folder
    day = 20_700
    people = _filled(day)
    began = time.perf_counter()
    masks.rebuild(people)
    say("planning.eligible_rebuild_s", time.perf_counter() - began, "s", n=CUSTOMERS)
    one = Ask(day + 1, Channel.EMAIL, most=3, days=30, gap=7)
    known = eligible.history("all")
    found = known and eligible.eligible(known, one)
    began = time.perf_counter()
    exact = known and eligible.by_sql(known, one)
    peer = (time.perf_counter() - began) * 1000
    if not known or not found or exact != found.count:
        raise RuntimeError(f"the masks count {found}, SQL counts {exact}")
    say("planning.eligible_ms sql", peer, "ms", n=CUSTOMERS)
    columns = masks.read(known.book)
    assert columns
    raw = _median(lambda: int(np.bitwise_count(columns.email & columns.push).sum()))
    say("planning.eligible_ms popcount", raw, "ms", n=ROUNDS)
    fast = _median(lambda: eligible.eligible(known, one))
    say("planning.eligible_ms", fast, "ms", limit=raw, peer=peer, n=ROUNDS)
    spent = _median(lambda: eligible.eligible(known, one), time.process_time)
    say("planning.eligible_ms processor", spent, "ms", n=ROUNDS)
    first = _median(lambda: eligible.first(known, one, share=0.9))
    say("planning.eligible_first_day_ms", first, "ms", n=ROUNDS)


def _filled(day: int) -> int:
    """The key of an audience with so many customers."""
    from django.db import connection
    from django.utils import timezone

    from console.fatigue.models import Audience, ContactBook

    people = Audience.objects.create(name="All", slug="all", size=CUSTOMERS)
    with connection.cursor() as cursor:
        cursor.execute(FILL, [people.pk, day, CUSTOMERS])
        cursor.execute("analyze fatigue_contact")
    ContactBook.objects.create(
        audience=people,
        generation=1,
        customers=CUSTOMERS,
        last=day,
        updated_at=timezone.now(),
    )
    return people.pk


def _median(
    what: Callable[[], object], clock: Callable[[], float] = time.perf_counter
) -> float:
    """Of so many rounds, in milliseconds; with a little rest between them."""
    found = []
    for _ in range(ROUNDS):
        time.sleep(random.uniform(0, 0.02))  # noqa: S311
        began = clock()
        what()
        found.append((clock() - began) * 1000)
    return statistics.median(found)


if __name__ == "__main__":
    main()
