"""However much waits and however long the ledger is, booking reads what it books."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from console.stock import operations as stock
from console.stock.models import FeedMovement, Fence, Level, Movement
from console.stock.operations import feed_sql
from tests import make
from tests.stock.feedkit import NOW, feed, mugs

pytestmark = pytest.mark.django_db
MANY = 4_000


@pytest.fixture
def level() -> Level:
    """A long ledger, a long past of feeds, and hundreds of movements behind a fence."""
    level = mugs(100)
    stock.lock("FS-1", wants=[make.Want(level.sku_id, 40, 0)], actor=None, now=NOW)
    fence = stock.raise_fence("FS-1", actor=None, now=NOW)
    _park(level, fence)
    Movement.objects.bulk_create(
        Movement(
            at=NOW - timedelta(seconds=n), sku_id=level.sku_id + n % 99, units=1,
            location_id=level.location_id, source="outside", target="free",
            reason="receipt",
        )
        for n in range(1, MANY)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("analyze stock_feedmovement; analyze stock_movement")
    return level


def _park(level: Level, fence: Fence) -> None:
    named = {"feed": feed(), "sku_code": "MUG", "place": "Main", "received_at": NOW}
    of = {"sku_id": level.sku_id, "location_id": level.location_id, "units": 1}
    FeedMovement.objects.bulk_create(
        FeedMovement(
            **named, **of, external_id=f"m{n}", kind="received", occurred_at=NOW,
            state="applied" if n % 9 else "parked", fence=None if n % 9 else fence,
        )
        for n in range(MANY)
    )  # fmt: skip


def _plan(statement: str, values: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"explain {statement}", values)
        return "\n".join(line for (line,) in cursor.fetchall())


def test_the_bell_does_not_read_what_a_fence_keeps(level: Level) -> None:
    plan = _plan(feed_sql.DUE, {"settled": NOW, "tried": NOW, "most": 1_000})
    assert "Seq Scan on stock_feedmovement" not in plan
    assert "feed_movement_pending" in plan and "feed_movement_parked" in plan
    assert "feed_movement_pending" in plan.split("CTE short")[1] or (
        "feed_movement_short" in plan
    )


def test_an_intake_reads_its_own_and_what_did_not_fit_there(level: Level) -> None:
    ids = list(FeedMovement.objects.values_list("pk", flat=True)[:3])
    plan = _plan(feed_sql.THESE, {"ids": ids})
    assert "Seq Scan on stock_feedmovement" not in plan
    assert "stock_feedmovement_pkey" in plan


def test_what_came_since_a_count_is_found_by_its_time(level: Level) -> None:
    columns = [[level.sku_id], [level.location_id], [NOW - timedelta(seconds=9)]]
    plan = _plan(feed_sql.SINCE, columns)
    found = [line for line in plan.splitlines() if "Index Cond" in line]
    assert any("(at > u.at)" in line and "location_id" in line for line in found)
