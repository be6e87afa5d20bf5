"""Rows the statement could not decide, read cell by cell as a small sheet is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from console.campaigns.bulk.judging import OUTCOME
from console.campaigns.importing import new_sku, twice
from console.campaigns.models import Campaign, ImportJob, Line
from console.campaigns.resources import LineResource
from console.campaigns.shopify import unmade

BATCH = 2000
UNDECIDED = """
select s.number, s.sku, s.regular_price, s.sale_price, s.units, s.buffer, s.problem,
    s.product, s.raw, j.twice
from judged j join campaigns_stagedrow s on s.job_id = %s and s.number = j.number
where j.outcome is null and j.number > %s order by j.number limit %s
"""
STAGE = """
drop table if exists decided;
create temporary table decided (number integer, regular_price numeric,
    sale_price numeric, units integer, buffer integer) on commit drop
"""
COPY = "copy decided (number, regular_price, sale_price, units, buffer) from stdin"
DECIDE = """
update judged j set regular_price = d.regular_price, sale_price = d.sale_price,
    units = d.units, buffer = d.buffer, outcome = 'failed'
from decided d where d.number = j.number
"""
CLASSIFY = f"""
update judged set outcome = {OUTCOME}
where outcome = 'failed' and sale_price is not null
"""  # noqa: S608


@dataclass(frozen=True)
class Undecided:
    """One staged row; the texts of its cells, and what was found about it before."""

    number: int
    cells: Mapping[str, str]
    problem: str
    product: str
    raw: str
    twice: bool


@dataclass(frozen=True)
class Bad:
    """One row that is not imported. raw: its cells as given, as JSON."""

    number: int
    sku: str
    errors: Mapping[str, str]
    raw: str


def decide(job: ImportJob, campaign: Campaign, *, now: datetime) -> Iterator[list[Bad]]:
    """Give every undecided row its outcome; the bad ones, in order, a batch each.

    The outcomes stand once the last batch was taken.
    """
    _run("create index on judged (number) where outcome is null", STAGE)
    last = 0
    while rows := _undecided(job, last):
        last = rows[-1].number
        yield _decide(rows, campaign, now)
    if last:
        _run(DECIDE, CLASSIFY)


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _undecided(job: ImportJob, after: int) -> list[Undecided]:
    names = ("sku", "regular_price", "sale_price", "units", "buffer")
    with connection.cursor() as cursor:
        cursor.execute(UNDECIDED, [job.pk, after, BATCH])
        return [
            Undecided(number, dict(zip(names, said, strict=True)), *found)
            for number, *rest in cursor.fetchall()
            for said, found in [(rest[:5], rest[5:])]
        ]


def _decide(rows: Sequence[Undecided], campaign: Campaign, now: datetime) -> list[Bad]:
    resource = LineResource(campaign, [row.cells["sku"] for row in rows], now=now)
    bad, decided = [], []
    for row in rows:
        line, errors = _read(row, resource)
        if errors:
            bad.append(Bad(row.number, row.cells["sku"], errors, row.raw))
        decided.append((row.number, *(_values(line) if not errors else (None,) * 4)))
    _write(decided)
    return bad


def _read(row: Undecided, resource: LineResource) -> tuple[Line, Mapping[str, Any]]:
    """The line of a row, and what is wrong with it: what small sheets say first."""
    if row.problem:
        return Line(), json.loads(row.problem)
    code = row.cells["sku"]
    if row.twice:
        return Line(), twice(code)
    if row.product and code not in resource.skus:
        said = json.loads(row.product)
        if wrong := unmade(said):
            return Line(), wrong
        resource.skus[code] = new_sku(code, said, resource.campaign.currency)
    return resource.read(row.cells)


def _values(line: Line) -> tuple[Any, ...]:
    return line.regular_price, line.sale_price, line.units, line.buffer


def _write(decided: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(COPY) as out:
        for one in decided:
            out.write_row(one)
