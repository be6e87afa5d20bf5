"""The sales that tire people and shelves, as fatigue wants to hear of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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
Row = tuple[int, int, float, float, tuple[str, str], Sequence[Any]]
"""Opening and close, depth, reach, code and name; what `_sent` reads."""


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
    found: dict[str, list[Row]] = {name: [] for name in wanted}
    for code, name, opens, closes, depth, scopes, reach, *sent, strain, _ in rows:
        said = (code, name)
        for text, share in zip(scopes, reach, strict=True):
            weight = strain if text.startswith(f"{Kind.AUDIENCE}:") else 1
            if text in found:
                found[text].append((opens, closes, depth, share * weight, said, sent))
    return {wanted[text]: _book(lines) for text, lines in found.items()}


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


def _book(rows: Sequence[Row]) -> Book:
    table = list(zip(*rows, strict=True)) or [()] * 6
    opens, closes = (np.array(column, dtype=np.int64) for column in table[:2])
    depth, reach = (np.array(column, dtype=np.float64) for column in table[2:4])
    return Book(
        Columns(opens, closes, depth, reach, table[4], lambda n: _sent(rows[n]))
    )


def _sent(row: Row) -> tuple[Message, ...]:
    """What people were or will be told of a sale, up to its end."""
    opens, over, *_, (told, planned) = row
    if not told:
        return ()
    read = map(Told.read, told)
    return messages(read, instant(opens), instant(planned), over_at=instant(over))


def _incidence(touch: Touch, rows: Sequence[Sequence[Any]]) -> Incidence:
    place = np.full(int(touch.skus.max(initial=0)) + 1, -1, dtype=np.int64)
    place[touch.skus] = np.arange(len(touch.skus))
    found = [(row, _shared(place, row[-1])) for row in rows if row[-1]]
    kept = [(row, skus) for row, skus in found if len(skus)]
    book = _book([(*row[2:5], 1.0, (row[0], row[1]), ((), 0)) for row, _ in kept])
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
