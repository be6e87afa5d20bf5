"""Rows of a large sheet on their way into the staging table."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import connection

from console.campaigns.models import ImportJob
from console.campaigns.sheets import Row
from console.sheets.cells import kept

COPY = """
copy campaigns_stagedrow (job_id, number, skip, sku, regular_price, sale_price, units,
    buffer, problem, product, raw) from stdin
"""


def stage(job: ImportJob, rows: Iterable[Row]) -> None:
    """Add rows to the table, as they were read."""
    with connection.cursor() as cursor, cursor.copy(COPY) as out:
        for row in rows:
            out.write_row(_values(job.pk, row))


def _values(job_id: int, row: Row) -> tuple[object, ...]:
    number, cells, raw, problem, skip, product = row
    said = cells.get
    return (
        job_id,
        number,
        skip,
        said("sku", ""),
        said("regular_price", ""),
        said("sale_price", ""),
        said("units", ""),
        said("buffer", ""),
        json.dumps(problem) if problem else "",
        json.dumps(product) if product else "",
        kept(raw),
    )


def staged() -> None:
    """Every row is there: let the database know what it has to plan for."""
    with connection.cursor() as cursor:
        cursor.execute("analyze campaigns_stagedrow (job_id, number, sku)")
