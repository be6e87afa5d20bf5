"""Tending feeds: how late they are is kept for who looks often; old news is dropped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection

from console.audit.operations import operation
from console.stock.models import Feed
from console.stock.queries.feeds import measured
from console.stock.rules.feeds import OLDEST

AT_ONCE = 1_000
MARGIN = timedelta(days=1)
"""A message that was let in just before its movements grew too old may still come."""
_PRUNE = """
delete from stock_feedmovement where id = any(array(
    select id from stock_feedmovement m
    where feed_id = %(feed)s and received_at < %(before)s and fence_id is null
        and state in ('applied', 'covered', 'discarded')
        and not exists (select from stock_feedmovement o
            where o.state in ('parked', 'refused', 'short', 'waiting')
                and o.sku_code = m.sku_code and o.occurred_at <= m.occurred_at)
    order by received_at limit %(most)s for update skip locked))
"""
"""What is open may still ask what was booked after it; fences keep what they parked."""


@operation()
def measure_feeds(*, now: datetime) -> None:
    """Keep within which time movements of the last hour arrived, feed by feed."""
    late = measured(now=now)
    for pk, kept in Feed.objects.values_list("pk", "late"):
        if kept != late.get(pk):
            Feed.objects.filter(pk=pk).update(late=late.get(pk))


def prune_movements(*, now: datetime, go_on: Callable[[], bool]) -> int:
    """Forget what was settled and is too old to be sent again; how many.

    Told of again it is refused, since it is older than a movement may be. In parts,
    each in a transaction of its own, while `go_on` says so.
    """
    count = 0
    for pk in Feed.objects.values_list("pk", flat=True):
        while go_on() and (gone := _prune(pk, now - OLDEST - MARGIN)):
            count += gone
    return count


@operation()
def _prune(feed: int, before: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_PRUNE, {"feed": feed, "before": before, "most": AT_ONCE})
        return int(cursor.rowcount)
