"""How many rows of a sheet a worker imports a second: `planning.import_rows_per_s`."""

from __future__ import annotations

import time
from statistics import median

from bench import say, stage

ROWS = 50_000
LIMIT = 20_000
ROUNDS = 3
SMALL = 2_000


def main() -> None:
    """Import a sheet of new lines, from the kept upload to the last line written.

    Peers: the same rows copied and written with no look at them, and a sheet small
    enough to go through django-import-export row by row.
    """
    with stage.database():
        runs = [(_import(run), _bare(run)) for run in range(ROUNDS)]
        large, bare = (median(column) for column in zip(*runs, strict=True))
        say("planning.import_rows_per_s", large, "1/s", limit=LIMIT, peer=bare, n=ROWS)
        small = _import(ROUNDS, rows=SMALL)
        say("planning.import_rows_per_s small", small, "1/s", peer=large, n=SMALL)


def _import(run: int, *, rows: int = ROWS) -> float:
    """Rows a second of one sheet, through what the worker does: try, then apply."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from bench.planning._campaign import draft
    from console.campaigns.operations import imports
    from console.campaigns.sheets import Options

    # There is no broker here, and waiting for one is not what is measured.
    imports.ring = lambda _job_id: None
    campaign = draft(f"BULK-{run}", skus=rows)
    file = SimpleUploadedFile("lines.csv", _sheet(rows))
    began = time.perf_counter()
    now = timezone.now()
    who = campaign.author
    job = imports.start(campaign.code, file, options=Options(), actor=who, now=now)
    _work(job.pk)
    imports.confirm(job.pk, mode="all", actor=who)
    _work(job.pk)
    seconds = time.perf_counter() - began
    if campaign.lines.count() != rows:
        raise RuntimeError("the sheet was not imported")
    return rows / seconds


def _bare(run: int) -> float:
    """Rows a second from memory into lines, by one COPY and one INSERT."""
    from django.db import connection, transaction

    from bench.planning._campaign import draft

    campaign = draft(f"BARE-{run}", skus=0)
    sheet = _sheet(ROWS).split(b"\n", 1)[1]
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TABLE)
        with cursor.copy("copy bare from stdin csv") as out:
            out.write(sheet)
        cursor.execute(_WRITE, [campaign.pk])
    return ROWS / (time.perf_counter() - began)


_TABLE = """
create temporary table bare (sku text, sale_price numeric, units integer,
    buffer integer) on commit drop
"""
_WRITE = """
insert into campaigns_line (campaign_id, sku_id, regular_price, sale_price, units,
    buffer, price_confirmed, position, version)
select %s, k.id, k.regular_price, b.sale_price, b.units, b.buffer, false,
    row_number() over (), 1
from bare b join stock_sku k on k.code = b.sku
"""


def _sheet(rows: int) -> bytes:
    rows = (f"B{n:06},{70 + n % 20}.50,{10 + n % 90},{n % 5}" for n in range(rows))
    return "\n".join(["sku,sale_price,units,buffer", *rows]).encode()


def _work(job_id: int) -> None:
    from django.utils import timezone

    from console.campaigns.operations import import_work
    from console.campaigns.tasks import work

    job = import_work.claim(job_id, now=timezone.now())
    if job is None:
        raise RuntimeError("another worker took the sheet")
    work(job)


if __name__ == "__main__":
    main()
