"""Rows of a history on their way into the tables: by COPY, then added up in SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Max, Min
from django.utils.crypto import salted_hmac

from console.uplift.models import HistoryFile, LeftOutRow
from console.uplift.reading import Row
from console.uplift.rules.rows import Reason, names

SALT = "console.uplift.customer"
LONGEST_CELL = 200
DAY = timedelta(days=1)

STAGE = """
create temporary table if not exists uplift_stage
    (like uplift_historyline including defaults) on commit delete rows
"""
COPY_STAGE = """
copy uplift_stage (key, file_id, sku, at, units, price, invoice, customer, country)
from stdin
"""
PUT = """
with put as (
    insert into uplift_historyline
        (key, file_id, sku, at, units, price, invoice, customer, country)
    select key, file_id, sku, at, units, price, invoice, customer, country
    from uplift_stage order by key
    on conflict (key) do nothing returning units
)
select count(*) filter (where units > 0), count(*) filter (where units < 0) from put
"""
COPY_LEFT_OUT = """
copy uplift_leftoutrow (file_id, number, reason, cells) from stdin
"""
LOCAL = """
    select l.sku, l.units, l.price, l.at at time zone f.zone as wall
    from uplift_historyline l join uplift_historyfile f on f.id = l.file_id
    where l.at >= %(since)s and l.at < %(until)s
"""
FIGURES = """
    count(*) filter (where units > 0),
    coalesce(sum(units) filter (where units > 0), 0),
    coalesce(-sum(units) filter (where units < 0), 0),
    coalesce(sum(units * price) filter (where units > 0), 0)
"""
USUAL = """
    select sku, percentile_disc(0.5) within group (order by units) as most
    from uplift_historyline where units > 0 group by sku
"""
BY_DAY = f"""
with local as ({LOCAL}), usual as ({USUAL})
insert into uplift_dailydemand
    (sku, at, orders, units, returned, revenue, price, lowest)
select sku, wall::date, {FIGURES},
    percentile_disc(0.5) within group (order by price)
        filter (where units between 1 and most),
    min(price) filter (where units between 1 and most)
from local left join usual using (sku)
where wall::date between %(first)s and %(last)s group by sku, wall::date
"""  # noqa: S608
BY_HOUR = f"""
with local as ({LOCAL})
insert into uplift_hourlydemand (sku, at, orders, units, returned, revenue)
select sku, date_trunc('hour', wall), {FIGURES}
from local where wall::date between %(first)s and %(last)s
group by sku, date_trunc('hour', wall)
"""  # noqa: S608


def copy(job: HistoryFile, good: Iterable[Row]) -> tuple[int, int]:
    """Keep what was bought; how many sales and returns were new."""
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy(COPY_STAGE) as out:
            for row in good:
                out.write_row(_values(job, row))
        cursor.execute(PUT)
        sales, returns = cursor.fetchone()
        cursor.execute("truncate uplift_stage")
    return sales, returns


def _values(job: HistoryFile, row: Row) -> tuple[Any, ...]:
    said = row.said
    assert not isinstance(said, Reason)
    customer = _customer(said.customer) if said.customer else None
    of = (said.sku, said.at, said.units, said.price, said.invoice)
    return (row.key, job.pk, *of, customer, said.country)


@lru_cache(maxsize=100_000)
def _customer(who: str) -> int:
    """A number for a customer that only the key of this deployment leads to."""
    digest = salted_hmac(SALT, who, algorithm="sha256").digest()
    return int.from_bytes(digest[:8], signed=True)


def copy_left_out(job: HistoryFile, bad: Sequence[Row]) -> None:
    """Keep rows that are left out, with what they say but for the customer."""
    if not bad:
        return
    hidden = job.headings and [n == "customerid" for n in names(job.headings)]
    with connection.cursor() as cursor, cursor.copy(COPY_LEFT_OUT) as out:
        for row in bad:
            out.write_row((job.pk, row.number, row.said, _cells(row.cells, hidden)))


def _cells(cells: Sequence[str], hidden: Sequence[bool]) -> str:
    kept = [
        "" if place < len(hidden) and hidden[place] else text[:LONGEST_CELL]
        for place, text in enumerate(cells[: len(hidden)])
    ]
    return json.dumps(kept)


COLUMN_OF = {
    Reason.UNITS: "quantity",
    Reason.DATE: "invoicedate",
    Reason.PRICE: "unitprice",
}


def cell(headings: Sequence[str], row: LeftOutRow | None, reason: Reason) -> str:
    """What the cell that is wrong says, ready to be added to a sentence."""
    ours = names(headings)
    if row is None or COLUMN_OF.get(reason) not in ours:
        return ""
    place = ours.index(COLUMN_OF[reason])
    said = row.cells[place] if place < len(row.cells) else ""
    return f" (it says “{said[:40]}”)"


def span(job: HistoryFile) -> tuple[datetime | None, datetime | None]:
    """The first and the last instant of what a file brought."""
    told = job.lines.aggregate(first=Min("at"), last=Max("at"))
    return told["first"], told["last"]


def add_up(first: datetime, last: datetime) -> None:
    """Fill demand by day and hour anew for every day between two instants.

    Days are whole on any clock: those around the ends are filled too.
    """
    days = {"first": first.date() - DAY, "last": last.date() + DAY}
    span = {"since": first - 4 * DAY, "until": last + 4 * DAY} | days
    with connection.cursor() as cursor:
        for table in ("uplift_dailydemand", "uplift_hourlydemand"):
            cursor.execute(
                f"delete from {table} where at::date between %(first)s and %(last)s",  # noqa: S608
                days,
            )
        cursor.execute(BY_DAY, span)
        cursor.execute(BY_HOUR, span)
