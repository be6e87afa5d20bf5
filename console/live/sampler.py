"""Sampling: once for everybody, whatever the number of screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import connection, transaction
from redis.exceptions import RedisError

from console.campaigns.queries import approvals
from console.campaigns.rules import RUNNING
from console.live import alarms, channel, frame, operations, queries, reading, sales
from console.live.facts import Facts, Part
from console.live.models import Alert
from console.stock import queries as stock

LOCK = 5721
"""The advisory lock of who samples; whoever comes meanwhile has nothing to do."""

log = structlog.get_logger(__name__)


def sample(*, now: datetime, health: Sequence[Part]) -> int:
    """Take a snapshot of every running sale, send it out and keep it; how many.

    Plans that do not run yet are looked at for what people should know of them. A sale
    that has just ended is sampled once more, so that screens see its last state.

    health: what is known of the parts behind the sales.
    """
    found = _facts(now, health)
    if found is None:
        return 0
    standing = {one.code: list(alarms.standing(one)) for one in approvals.standing()}
    for facts in found:
        warned = alarms.judge(facts) if facts.state in RUNNING else []
        warned = [*standing.pop(facts.code, []), *warned]
        alerts = operations.keep_alerts(facts.code, warned, now=now)
        _tell(facts, alerts, now)
    for code, warned in standing.items():
        operations.keep_alerts(code, warned, now=now)
    told = [*(facts.code for facts in found), *standing]
    operations.close_alerts_but(told, now=now)
    return len(found)


@transaction.atomic
def _facts(now: datetime, health: Sequence[Part]) -> list[Facts] | None:
    """The facts of these sales as of one instant; None if another reads them now."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        (mine,) = cursor.fetchone()
    if not mine:
        return None
    running = sales.running()
    ended = queries.just_ended([sale.code for sale in running], now=now)
    found = [*running, *filter(None, map(sales.named, ended))]
    feeds = stock.feeds(now=now, brief=True) if found else ()
    return [reading.read(one, now=now, health=health, feeds=feeds) for one in found]


def _tell(facts: Facts, alerts: Sequence[Alert], now: datetime) -> None:
    """Out first, since somebody waits for it; then to the database, which remembers."""
    snapshot = frame.build(facts, alerts)
    try:
        channel.publish(facts.code, frame.encoded(snapshot))
    except RedisError as error:
        log.warning("snapshot not sent", error=type(error).__name__)
    operations.keep_sample(facts.code, snapshot, now=now)
