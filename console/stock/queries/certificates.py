"""Certificates by SKU: computed from the ledger, listed, told with their entries."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.db import connection, transaction
from django.db.models import Min, Q, QuerySet, Sum

from console.stock.models import (
    Allocation,
    Location,
    Movement,
    Shortfall,
    SkuCertificate,
)
from console.stock.rules.certificates import (
    BLOCK,
    ENDS,
    Flow,
    Tally,
    Told,
    Total,
    content,
)

ROWS = 50
FETCHED = 2_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MARGIN = timedelta(days=1)
"""Clocks of others may be wrong by less: no entry of a sale is older than its lock."""
LINE = (
    "json_build_array(m.id, (extract(epoch FROM m.at) * 1000000)::bigint, m.source,"
    " m.target, m.units, m.location_id, m.reservation, m.reason)::text"
)
_SUMS = """
SELECT m.allocation_id, m.source, m.target, coalesce(m.location_id, 0),
       CASE WHEN m.reason = ANY (%(ends)s) THEN m.reason ELSE '' END,
       coalesce(m.at = a.returned_at AND m.reservation IS NULL, false),
       count(*), sum(m.units)
FROM stock_movement m JOIN stock_allocation a ON a.id = m.allocation_id
JOIN unnest(%(ids)s::bigint[], %(last)s::bigint[]) w (id, last)
  ON w.id = m.allocation_id AND m.id <= w.last
WHERE m.allocation_id = ANY (%(ids)s) AND m.at >= %(since)s
GROUP BY 1, 2, 3, 4, 5, 6
"""
_LAST = """
SELECT m.allocation_id, max(m.id)
FROM stock_movement m JOIN stock_allocation a ON a.id = m.allocation_id
WHERE m.allocation_id = ANY (%s) AND m.reservation IS NULL AND m.at = a.returned_at
  AND m.at >= %s
GROUP BY 1
"""
"""The last entry of giving back: what a sale writes of a SKU afterwards comes later."""
NO_LAST = 2**63 - 1
_BLOCKS = """
WITH told AS (
    SELECT m.allocation_id, m.id, @line AS line,
           (row_number() OVER w - 1) / %(block)s AS block,
           CASE WHEN m.source = 'pool' AND m.target IN ('reserved', 'sold') THEN
               sum(CASE WHEN m.target = 'pool' THEN m.units
                   WHEN m.source = 'pool' THEN -m.units ELSE 0 END) OVER w
           END AS pool
    FROM stock_movement m
    JOIN unnest(%(ids)s::bigint[], %(last)s::bigint[]) u (id, last)
      ON u.id = m.allocation_id AND m.id <= u.last
    WHERE m.allocation_id = ANY (%(ids)s) AND m.at >= %(since)s
    WINDOW w AS (PARTITION BY m.allocation_id ORDER BY m.id
                 ROWS UNBOUNDED PRECEDING)
)
SELECT allocation_id, count(*), min(id), max(id), coalesce(min(pool), 0),
       sha256(convert_to(string_agg(line, E'\n' ORDER BY id), 'UTF8'))
FROM told GROUP BY allocation_id, block ORDER BY allocation_id, block
""".replace("@line", LINE)
_ENTRIES = """
SELECT m.allocation_id, @line FROM stock_movement m
JOIN unnest(%s::bigint[], %s::bigint[]) w (id, last)
  ON w.id = m.allocation_id AND m.id <= w.last
WHERE m.at >= %s ORDER BY m.allocation_id, m.id
""".replace("@line", LINE)


@dataclass(frozen=True)
class Sealed:
    """All certificates of a sale in numbers; oversold and short: units of all."""

    skus: int
    oversold: int
    short: int
    unbalanced: int


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


def computed(allocations: Sequence[Allocation]) -> dict[int, dict[str, Any]]:
    """What certificates of these returned allocations say, by allocation.

    The allocations come with their SKUs. Entries of after they went back do not count,
    so whoever computes it at any time gets the same.
    """
    ids = [one.pk for one in allocations]
    tallies = _tallies(ids) if ids else {}
    places = dict(Location.objects.values_list("pk", "name"))
    short = Shortfall.objects.filter(allocation__in=ids).values_list("allocation")
    missing = dict(short.annotate(Sum("units")))
    return {
        one.pk: content(_told(one, places, missing.get(one.pk, 0)), tallies[one.pk])
        for one in allocations
    }


def _told(one: Allocation, places: Mapping[int, str], short: int) -> Told:
    assert one.returned_at is not None
    return Told(one.campaign, one.sku.code, micros(one.returned_at), places, short)


def _tallies(ids: list[int]) -> dict[int, Tally]:
    found: defaultdict[int, Tally] = defaultdict(Tally)
    since = _since(ids)
    asked: dict[str, Any] = {
        "ids": ids,
        "last": _last(ids, since),
        "since": since,
        "ends": list(ENDS),
        "block": BLOCK,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, asked)
        for pk, source, target, place, end, back, entries, units in cursor.fetchall():
            key = Flow(source, target, place, end, back)
            found[pk].flows[key] += Total(entries, int(units))
        cursor.execute(_BLOCKS, asked)
        for pk, entries, first, last, lowest, block in cursor.fetchall():
            one = found[pk]
            one.link(bytes(block), entries, first, last)
            one.lowest = min(one.lowest, int(lowest))
    return found


def _last(ids: Sequence[int], since: datetime) -> list[int]:
    """The last entry of each that counts."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [list(ids), since])
        found = dict(cursor.fetchall())
    return [found.get(pk, NO_LAST) for pk in ids]


def _since(ids: Sequence[int]) -> datetime:
    """When the first entry of these allocations may be; their first ones lock."""
    locks = Movement.objects.filter(allocation__in=ids, reservation=None)
    first = locks.aggregate(at=Min("at"))["at"]
    return first - MARGIN if first else EPOCH


def certificates(campaign: str, *, text: str = "") -> QuerySet[SkuCertificate]:
    """Those of a sale, by SKU. text: part of a code, a name or a variant."""
    found = SkuCertificate.objects.filter(campaign=campaign).select_related("sku")
    if text:
        words = Q(sku__code__icontains=text) | Q(sku__name__icontains=text)
        found = found.filter(words | Q(sku__variant__icontains=text))
    return found.order_by("sku__code")


def certificate_page(campaign: str, *, text: str, page: str) -> Any:
    """A page of them."""
    return Paginator(certificates(campaign, text=text), ROWS).get_page(page)


def sealed(campaign: str) -> Sealed:
    """What the certificates of a sale say together."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum((content->>'oversold')::int), 0),"
            " coalesce(sum((content->>'short')::int), 0),"
            " count(*) FILTER (WHERE NOT (content->>'balanced')::bool)"
            " FROM stock_skucertificate WHERE campaign = %s",
            [campaign],
        )
        return Sealed(*map(int, cursor.fetchone()))


def evidence(campaign: str) -> Iterator[str]:
    """Each certificate of a sale followed by its entries, one line each, streamed.

    For `python -m console.stock.verify_certificate`.
    """
    ours = {one.sku_id: one for one in certificates(campaign)}
    locks = Allocation.objects.filter(campaign=campaign, sku__in=ours)
    by_pk = {one.pk: ours[one.sku_id] for one in locks}
    if not by_pk:
        return
    last = {pk: one.content["last"] for pk, one in by_pk.items()}
    before = 0
    for pk, line in _lines(list(by_pk), last):
        if pk != before:
            yield spelled(by_pk[pk])
            before = pk
        yield line + "\n"


def _lines(ids: list[int], last: Mapping[int, int]) -> Iterator[tuple[int, str]]:
    """Allocation and entry, up to the last that its certificate knows."""
    asked: list[Any] = [ids, [last[pk] for pk in ids], _since(ids)]
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_ENTRIES, asked)
        while rows := cursor.fetchmany(FETCHED):
            yield from rows


def spelled(one: SkuCertificate) -> str:
    """A certificate in one line of JSON."""
    said = {"content": one.content, "hash": one.hash}
    return json.dumps(said, sort_keys=True, ensure_ascii=False) + "\n"
