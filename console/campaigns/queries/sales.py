"""The sales that tire people and shelves, as fatigue wants to hear of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from console.campaigns.queries.footprints import KEYS, Touch, key
from console.campaigns.rules import COUNTED, Told, messages
from console.fatigue.rules import (
    Book,
    Columns,
    Incidence,
    Kind,
    Message,
    Sale,
    Scope,
    instant,
)
from console.stock.models import Sku

SALES = """
select c.code, c.name, (extract(epoch from c.opens_at) * 1000000)::bigint,
    (extract(epoch from case when c.ended_at > c.opens_at
        then least(c.closes_at, c.ended_at) else c.closes_at end) * 1000000)::bigint,
    f.depth, f.scopes, f.reach, f.told,
    (extract(epoch from c.closes_at) * 1000000)::bigint, f.strain,
    case when c.closes_at > %(recent)s and f.scopes && %(shelves)s::varchar[]
        then f.skus end
from campaigns_footprint f join campaigns_campaign c on c.id = f.campaign_id
where f.scopes && %(scopes)s::varchar[]
    and (c.state = any(%(counted)s) or c.opened_at is not null)
    and c.opens_at is not null and c.closes_at > %(since)s and c.code <> %(besides)s
order by c.opens_at, 4, c.code
"""
"""Approved, running or past. Aborted ones count if they opened: people met them."""
EVER = datetime(1971, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Counted:
    """Counted sales: of each scope, and with the SKUs they share with a plan."""

    books: Mapping[Scope, Book]
    skus: Incidence


def books(
    scopes: Iterable[Scope], *, besides: str = "", since: datetime | None = None
) -> dict[Scope, Book]:
    """Every counted sale of each scope, in one query.

    besides: the code of a campaign to pass over: it is being moved. since: only sales
    that close later.
    """
    wanted = {key(scope): scope for scope in scopes}
    return _books(wanted, _rows(list(wanted), besides, since or EVER))


def counted(
    touch: Touch,
    scopes: Iterable[Scope],
    *,
    besides: str,
    since: datetime,
    recent: datetime,
) -> Counted:
    """The same, and which SKUs of a plan they share, in one query.

    recent: only of sales that close later the SKUs are looked at.
    """
    wanted = {key(scope): scope for scope in scopes}
    shelves = [key(scope) for scope in touch.reach if scope.kind is Kind.CATEGORY]
    asked = [*wanted, *(shelf for shelf in shelves if shelf not in wanted)]
    rows = _rows(asked, besides, min(since, recent), shelves, recent)
    return Counted(_books(wanted, rows), _incidence(touch, rows))


def incidence(touch: Touch, *, besides: str = "") -> Incidence:
    """Which SKUs of a plan are in which other counted sales.

    Only sales of the same shelves are looked at: a SKU stands on one.
    """
    return counted(touch, [], besides=besides, since=EVER, recent=EVER).skus


def _books(
    wanted: Mapping[str, Scope], rows: Sequence[Sequence[Any]]
) -> dict[Scope, Book]:
    """The sales of each scope, cut out of the columns of all of them."""
    table, strain = _table(rows), np.array([row[9] for row in rows], dtype=np.float64)
    sale, scope, share = _pairs(rows, {text: n for n, text in enumerate(wanted)})
    bounds = np.searchsorted(scope, np.arange(len(wanted) + 1))
    found = {}
    for n, one in enumerate(wanted.values()):
        mine = sale[bounds[n] : bounds[n + 1]]
        reach = share[bounds[n] : bounds[n + 1]]
        weighed = reach * strain[mine] if one.kind is Kind.AUDIENCE else reach
        found[one] = table.book(mine, weighed)
    return found


def _pairs(
    rows: Sequence[Sequence[Any]], wanted: Mapping[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Which sale touches which wanted scope, and how much; by scope, then sale."""
    sizes = [len(row[5]) for row in rows]
    sale = np.repeat(np.arange(len(rows)), sizes)
    number = wanted.get
    numbers = [number(text, -1) for row in rows for text in row[5]]
    scope = np.array(numbers, dtype=np.int64)
    share = np.fromiter(
        chain.from_iterable(row[6] for row in rows), np.float64, sum(sizes)
    )
    order = np.argsort(scope, kind="stable")
    order = order[np.searchsorted(scope[order], 0) :]
    return sale[order], scope[order], share[order]


def _rows(
    scopes: Sequence[str],
    besides: str,
    since: datetime,
    shelves: Sequence[str] = (),
    recent: datetime = EVER,
) -> list[Any]:
    said: dict[str, Any] = {
        "scopes": scopes,
        "counted": sorted(COUNTED),
        "besides": besides,
        "since": since,
        "shelves": list(shelves),
        "recent": recent,
    }
    with connection.cursor() as cursor:
        cursor.execute(SALES, said)
        return list(cursor.fetchall())


@dataclass(frozen=True)
class _Table:
    """All sales as columns; books are cut out of them."""

    rows: Sequence[Sequence[Any]]
    opens: NDArray[np.int64]
    closes: NDArray[np.int64]
    depth: NDArray[np.float64]
    names: Any

    def book(self, places: NDArray[np.int64], reach: NDArray[np.float64]) -> Book:
        """The sales at these places. reach: how much of a scope each touches."""
        return Book(
            Columns(
                self.opens[places],
                self.closes[places],
                self.depth[places],
                reach,
                self.names[places],
                lambda n: _sent(self.rows[places[n]]),
            )
        )


def _table(rows: Sequence[Sequence[Any]]) -> _Table:
    names = np.empty(len(rows), dtype=object)
    names[:] = [(row[0], row[1]) for row in rows]
    return _Table(
        rows,
        np.array([row[2] for row in rows], dtype=np.int64),
        np.array([row[3] for row in rows], dtype=np.int64),
        np.array([row[4] for row in rows], dtype=np.float64),
        names,
    )


def _sent(row: Sequence[Any]) -> tuple[Message, ...]:
    """What people were or will be told of a sale, up to its end."""
    opens, over, told, planned = row[2], row[3], row[7], row[8]
    if not told:
        return ()
    read = map(Told.read, told)
    return messages(read, instant(opens), instant(planned), over_at=instant(over))


def _incidence(touch: Touch, rows: Sequence[Sequence[Any]]) -> Incidence:
    place = np.full(int(touch.skus.max(initial=0)) + 1, -1, dtype=np.int64)
    place[touch.skus] = np.arange(len(touch.skus))
    found = [(row, _shared(place, row[-1])) for row in rows if row[-1]]
    kept = [(row, skus) for row, skus in found if len(skus)]
    table = _table([(*row[:7], (), row[8]) for row, _ in kept])
    book = table.book(np.arange(len(kept)), np.ones(len(kept)))
    empty = np.zeros(0, dtype=np.int64)
    sku = np.concatenate([empty, *(skus for _, skus in kept)])
    sale = np.repeat(np.arange(len(kept)), [len(skus) for _, skus in kept])
    order = np.argsort(sku, kind="stable")
    codes = _codes(touch.skus)
    return Incidence(book, sku[order], sale[order], len(touch.skus), codes)


def _shared(place: NDArray[np.int64], packed: bytes) -> NDArray[np.int64]:
    """Which of the plan's SKUs a footprint holds, as places."""
    skus = np.frombuffer(packed, dtype=KEYS)
    at = place[skus[skus < len(place)]]
    return at[at >= 0]


def _codes(skus: NDArray[np.int32]) -> Any:
    def codes(places: Sequence[int]) -> list[str]:
        keys = [int(skus[at]) for at in places]
        found = dict(Sku.objects.filter(pk__in=keys).values_list("pk", "code"))
        return [found[pk] for pk in keys]

    return codes


def place_of(code: str, touch: Touch) -> int | None:
    """Where a SKU stands among those of a plan; None if it is not one of them."""
    pk = Sku.objects.filter(code=code).values_list("pk", flat=True).first()
    places = np.flatnonzero(touch.skus == pk).tolist() if pk is not None else []
    return places[0] if places else None


def sales_of(scope: Scope, *, since: datetime | None = None) -> list[Sale]:
    """Every counted sale of one scope, by opening."""
    return sales_by_scope([scope], since=since)[scope]


def sales_by_scope(
    scopes: Iterable[Scope], *, since: datetime | None = None
) -> Mapping[Scope, list[Sale]]:
    """The same for many scopes, in two queries and names on top."""
    found = books(scopes, since=since)
    return {scope: book.sales(range(len(book))) for scope, book in found.items()}


def faded(half_life_days: float, at: datetime) -> datetime:
    """Sales that closed before this weigh nothing any more at an instant.

    After 40 half-lives the heaviest sale weighs less than a billionth of a point.
    """
    try:
        return at - timedelta(days=40 * half_life_days)
    except OverflowError:
        return EVER
