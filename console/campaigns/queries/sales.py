"""The sales that tire people and shelves, as fatigue wants to hear of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from console.campaigns.models import Campaign
from console.campaigns.queries.footprints import KEYS, Touch, key
from console.campaigns.rules import COUNTED
from console.fatigue.rules import Book, Columns, Incidence, Kind, Sale, Scope
from console.stock.models import Sku

SALES = """
select c.id, (extract(epoch from c.opens_at) * 1000000)::bigint,
    (extract(epoch from case when c.ended_at > c.opens_at
        then least(c.closes_at, c.ended_at) else c.closes_at end) * 1000000)::bigint,
    f.depth, f.scopes, f.reach, case when %(skus)s then f.skus end
from campaigns_footprint f join campaigns_campaign c on c.id = f.campaign_id
where f.scopes && %(scopes)s::varchar[]
    and (c.state = any(%(counted)s) or c.opened_at is not null)
    and c.opens_at is not null and c.closes_at > %(since)s and c.code <> %(besides)s
order by c.opens_at, 3, c.code
"""
"""Approved, running or past. Aborted ones count if they opened: people met them."""
EVER = datetime(1971, 1, 1, tzinfo=UTC)


def books(
    scopes: Iterable[Scope], *, besides: str = "", since: datetime | None = None
) -> dict[Scope, Book]:
    """Every counted sale of each scope, in one query.

    besides: the code of a campaign to pass over: it is being moved. since: only sales
    that close later.
    """
    wanted = {key(scope): scope for scope in scopes}
    rows: dict[Scope, list[tuple[int, int, int, float, float]]] = {
        scope: [] for scope in wanted.values()
    }
    for pk, opens, closes, depth, names, reach, _ in _rows(
        list(wanted), besides, since, skus=False
    ):
        for name, share in zip(names, reach, strict=True):
            if name in wanted:
                rows[wanted[name]].append((opens, closes, pk, depth, share))
    return {scope: _book(found) for scope, found in rows.items()}


def _rows(
    scopes: Sequence[str], besides: str, since: datetime | None, *, skus: bool
) -> list[Any]:
    said: dict[str, Any] = {
        "scopes": scopes,
        "counted": sorted(COUNTED),
        "besides": besides,
        "since": since or EVER,
        "skus": skus,
    }
    with connection.cursor() as cursor:
        cursor.execute(SALES, said)
        return list(cursor.fetchall())


def _book(rows: Sequence[tuple[int, int, int, float, float]]) -> Book:
    table = list(zip(*rows, strict=True)) or [()] * 5
    opens, closes, keys = (np.array(column, dtype=np.int64) for column in table[:3])
    depth, reach = (np.array(column, dtype=np.float64) for column in table[3:])
    return Book(Columns(opens, closes, depth, reach, keys, _names))


def _names(keys: Sequence[int]) -> list[tuple[str, str]]:
    rows = Campaign.objects.filter(pk__in=set(keys)).values_list("pk", "code", "name")
    found = {pk: (code, name) for pk, code, name in rows}
    return [found[key] for key in keys]


def incidence(
    touch: Touch, *, besides: str = "", since: datetime | None = None
) -> Incidence:
    """Which SKUs of a plan are in which other counted sales.

    Only sales of the same shelves are looked at: a SKU stands on one.
    """
    shelves = [key(scope) for scope in touch.reach if scope.kind is Kind.CATEGORY]
    rows = _rows(shelves, besides, since, skus=True)
    place = np.full(int(touch.skus.max(initial=0)) + 1, -1, dtype=np.int64)
    place[touch.skus] = np.arange(len(touch.skus))
    found = [(row, _shared(place, row[6])) for row in rows]
    kept = [(row, skus) for row, skus in found if len(skus)]
    book = _book([(*row[1:3], row[0], row[3], 1.0) for row, _ in kept])
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
