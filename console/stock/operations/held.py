"""What a person decides of movements that could not be booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection

from console.audit.operations import operation, record
from console.people.concerns import Kind, check_within
from console.stock.models import Feed, FeedMovement
from console.stock.operations import feed_sql
from console.stock.operations.booking import book_these
from console.stock.operations.ledger import briefly
from console.stock.rules.feeds import HELD, MovementState, NothingHeld

if TYPE_CHECKING:
    from django.contrib.auth.models import User


@dataclass(frozen=True)
class Retried:
    """Of movements tried again: in the books, or kept by a fence, or held as before."""

    settled: int
    parked: int
    left: int


@operation()
@briefly()
def retry_movements(
    name: str, ids: Collection[int], *, actor: User | None, now: datetime
) -> Retried:
    """Try again what did not fit, or named what was not there; what became of it.

    Raises:
        NothingHeld: none of them waits for a person.
        OutOfScope: the person is limited to other categories.
        StockBusy: somebody else moves the same stock.
    """
    rows = _held(name, ids, actor)
    with connection.cursor() as cursor:
        cursor.execute(feed_sql.FIND, [[row.pk for row in rows]])
    book_these([row.pk for row in rows], now=now)
    found = _retried(rows)
    _tell(name, "stock.retry_movements", rows, actor, now, **asdict(found))
    return found


def _retried(rows: Collection[FeedMovement]) -> Retried:
    keys = [row.pk for row in rows]
    states = FeedMovement.objects.filter(pk__in=keys).values_list("state", flat=True)
    now = Counter(states)
    settled = now[MovementState.APPLIED] + now[MovementState.COVERED]
    parked = now[MovementState.PARKED]
    return Retried(settled, parked, len(keys) - settled - parked)


@operation()
@briefly()
def discard_movements(
    name: str,
    ids: Collection[int],
    *,
    reason: str,
    actor: User | None,
    now: datetime,
) -> int:
    """Decide that these are never booked; they stay, with the reason.

    Raises:
        NothingHeld: none of them waits for a person, or nobody said why.
        OutOfScope: the person is limited to other categories.
        StockBusy: somebody else decides on them.
    """
    if not reason.strip():
        raise NothingHeld("Say why they are discarded.", field="reason", status=422)
    rows = _held(name, ids, actor)
    FeedMovement.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=MovementState.DISCARDED,
        reason=reason.strip()[:300],
        decided_by=actor,
        decided_at=now,
    )
    _tell(name, "stock.discard_movements", rows, actor, now, reason=reason.strip())
    return len(rows)


def _held(name: str, ids: Collection[int], actor: User | None) -> list[FeedMovement]:
    """Those that wait for a person, locked in the order in which they are kept."""
    rows = list(
        FeedMovement.objects.select_for_update()
        .filter(feed__name=name, pk__in=ids, state__in=sorted(HELD))
        .order_by("external_id")
    )
    if not rows:
        raise NothingHeld(
            "None of these waits for a decision any more. Reload the page."
        )
    check_within(actor, Kind.SKU, sorted({row.sku_code for row in rows}))
    return rows


def _tell(
    name: str,
    verb: str,
    rows: Collection[FeedMovement],
    actor: User | None,
    now: datetime,
    *,
    reason: str = "",
    **counts: int,
) -> None:
    """All by name, so that the trail says what was decided on."""
    after = {"count": len(rows), "movements": [str(row) for row in rows], **counts}
    feed = Feed.objects.get(name=name)
    record(actor, verb, feed, now=now, after=after, reason=reason)
