"""Counted sales as columns of numbers, read in one row.

PostgreSQL packs each column into bytes as it sends numbers, and lists into JSON; ten
years of sales come without a query or a model a sale.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from console.campaigns.rules import COUNTED
from console.fatigue.rules import EVERYTHING

Whole = NDArray[np.int64]
Numbers = NDArray[np.float64]
SOME = """
(select distinct f.campaign_id
    from unnest(%(scopes)s::varchar[]) wanted
    join campaigns_footprint f on f.scopes @> array[wanted])
"""
"""Scope by scope through the index: what any of them touches is asked of every row."""
ALL = "(select campaign_id from campaigns_footprint)"
OVER = """case when c.ended_at > c.opens_at then least(c.closes_at, c.ended_at)
    else c.closes_at end"""
COUNTS = """(c.state = any(%(counted)s) or c.opened_at is not null)
    and c.opens_at is not null"""
"""Approved, running or past. Aborted ones count if they opened: people met them."""
SALES = """
with sale as materialized (
    select c.code, c.name, c.opens_at, c.closes_at,
        {over} as over_at,
        f.depth, f.strain, f.scopes, f.reach, f.told,
        case when c.closes_at > %(recent)s and f.scopes && %(shelves)s::varchar[]
            then f.skus else ''::bytea end as skus
    from {touching} touching
        join campaigns_footprint f using (campaign_id)
        join campaigns_campaign c on c.id = f.campaign_id
    where {counts} and c.closes_at > %(since)s and c.code <> %(besides)s
    order by c.opens_at, 5, c.code
)
select array_agg(code), array_agg(name),
    string_agg(timestamptz_send(opens_at), ''),
    string_agg(timestamptz_send(over_at), ''),
    string_agg(timestamptz_send(closes_at), ''),
    string_agg(float8send(depth), ''), string_agg(float8send(strain), ''),
    string_agg(array_to_json(scopes)::text, ','),
    string_agg(array_to_json(reach)::text, ','),
    string_agg(array_to_json(told)::text, ','),
    string_agg(int4send(length(skus) / 4), ''), string_agg(skus, '')
from sale
"""
EVER = datetime(1971, 1, 1, tzinfo=UTC)
MILLENNIUM = 946_684_800_000_000
"""PostgreSQL counts microseconds from 2000."""


@dataclass(frozen=True)
class History:
    """Sales by opening, close and code; every column has a place for each.

    opens, over, closes: microseconds since 1970; `over` is the close, or when it was
    ended before. depth: 0 to 1. strain: the weight its audience gave it. told: its
    announcements, spelled.
    scopes, shares: what each touches and how much, 0 to 1; `touching` names the sale.
    skus: keys of those looked at; `selling` names the sale.
    """

    names: Any
    opens: Whole
    over: Whole
    closes: Whole
    depth: Numbers
    strain: Numbers
    told: Sequence[Sequence[str]]
    scopes: Sequence[str]
    shares: Numbers
    touching: Whole
    skus: Whole
    selling: Whole

    def __len__(self) -> int:
        """How many sales."""
        return len(self.opens)


def history(
    scopes: Sequence[str],
    *,
    besides: str,
    since: datetime = EVER,
    shelves: Sequence[str] = (),
    recent: datetime = EVER,
) -> History:
    """The counted sales of these scopes, as footprints spell them.

    besides: the code of a campaign to pass over. since: only sales that close later.
    shelves, recent: the SKUs of sales on these that close later are read along.
    """
    said: dict[str, Any] = {
        "scopes": list(scopes),
        "counted": sorted(COUNTED),
        "besides": besides,
        "since": since,
        "shelves": list(shelves),
        "recent": recent,
    }
    touching = ALL if str(EVERYTHING) in scopes else SOME
    with connection.cursor() as cursor:
        cursor.execute(SALES.format(touching=touching, over=OVER, counts=COUNTS), said)
        return _history(*cursor.fetchone())


def _history(
    codes: Sequence[str] | None,
    names: Sequence[str] | None,
    opens: bytes | None,
    over: bytes | None,
    closes: bytes | None,
    depth: bytes | None,
    strain: bytes | None,
    scopes: str | None,
    shares: str | None,
    told: str | None,
    sold: bytes | None,
    skus: bytes | None,
) -> History:
    touched = _lists(scopes)
    return History(
        _named(codes or (), names or ()),
        instants(opens),
        instants(over),
        instants(closes),
        _numbers(depth),
        _numbers(strain),
        _lists(told),
        list(chain.from_iterable(touched)),
        np.array(list(chain.from_iterable(_lists(shares))), dtype=np.float64),
        _owners(list(map(len, touched))),
        _keys(skus),
        _owners(_keys(sold)),
    )


def _named(codes: Sequence[str], names: Sequence[str]) -> Any:
    pairs = np.empty(len(codes), dtype=object)
    pairs[:] = list(zip(codes, names, strict=True))
    return pairs


def instants(packed: bytes | None) -> Whole:
    """From PostgreSQL's timestamps to microseconds since 1970."""
    return np.frombuffer(packed or b"", dtype=">i8").astype(np.int64) + MILLENNIUM


def _numbers(packed: bytes | None) -> Numbers:
    return np.frombuffer(packed or b"", dtype=">f8").astype(np.float64)


def _keys(packed: bytes | None) -> Whole:
    return np.frombuffer(packed or b"", dtype=">i4").astype(np.int64)


def _owners(sizes: Sequence[int] | Whole) -> Whole:
    """Whose each entry is, where each sale has so many."""
    return np.repeat(np.arange(len(sizes)), sizes)


def _lists(packed: str | None) -> list[list[Any]]:
    """The entries of each sale."""
    found: list[list[Any]] = json.loads(f"[{packed or ''}]")
    return found
