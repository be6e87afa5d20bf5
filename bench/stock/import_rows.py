"""How many rows of a sheet of levels are written a second: `import_rows_per_s`."""

from __future__ import annotations

import time
from statistics import median

from bench import say, stage

ROWS = 50_000
ROUNDS = 3


def main() -> None:
    """Count levels from a sheet, from the kept upload to the last entry of the ledger.

    Peer: the same rows copied and written with no look at them, no lock, no ledger.
    """
    with stage.database():
        _skus()
        runs = [(_import(run), _bare(run)) for run in range(ROUNDS)]
        ours, bare = (median(column) for column in zip(*runs, strict=True))
        say("stock.import_rows_per_s", ours, "1/s", peer=bare, n=ROWS)


def _skus() -> None:
    from console.stock.models import Location, Sku

    Location.objects.create(name="Main")
    codes = (f"B{n:06}" for n in range(ROWS))
    Sku.objects.bulk_create(
        (Sku(code=code, name=code, regular_price=1) for code in codes),
        batch_size=5_000,
    )


def _import(run: int) -> float:
    """Rows a second of one sheet, through what the worker does: try, then write."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    from console.stock import clock
    from console.stock.models import Level
    from console.stock.operations import imports

    # There is no broker here, and waiting for one is not what is measured.
    imports.ring = lambda _job_id: None
    file = SimpleUploadedFile("levels.csv", _sheet(run).encode())
    began = time.perf_counter()
    job = imports.start(file, actor=None, now=clock.now())
    _work(job.pk)
    imports.confirm(job.pk, mode="all", actor=None)
    _work(job.pk)
    seconds = time.perf_counter() - began
    if Level.objects.filter(version=2 + run).count() != ROWS:
        raise RuntimeError("the sheet was not written")
    return ROWS / seconds


def _bare(run: int) -> float:
    """Rows a second from memory into a table of levels, by one COPY and one INSERT."""
    from django.db import connection, transaction

    sheet = _sheet(run).split("\n", 1)[1].encode()
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TABLE)
        with cursor.copy("copy bare from stdin csv") as out:
            out.write(sheet)
        cursor.execute(_WRITE)
    return ROWS / (time.perf_counter() - began)


_TABLE = """
drop table if exists levels;
create table levels (like stock_level including indexes);
create temporary table bare (sku text, place text, on_hand integer, committed integer,
    buffer integer) on commit drop
"""
_WRITE = """
insert into levels (id, sku_id, location_id, on_hand, committed, allocated, buffer,
    policy_buffer, version, free)
select row_number() over (), k.id, p.id, b.on_hand, b.committed, 0, b.buffer,
    0, 1, 0
from bare b join stock_sku k on k.code = b.sku join stock_location p on p.name = b.place
"""


def _sheet(run: int) -> str:
    rows = (f"B{n:06},Main,{20 + run + n % 90},{n % 5},{n % 3}" for n in range(ROWS))
    return "\n".join(["sku,location,on_hand,committed,buffer", *rows])


def _work(job_id: int) -> None:
    from console.stock import clock
    from console.stock.operations import import_work
    from console.stock.tasks import work

    job = import_work.claim(job_id, now=clock.now())
    if job is None:
        raise RuntimeError("another worker took the sheet")
    work(job)


if __name__ == "__main__":
    main()
