"""How many rows of a sheet a worker imports a second: `planning.import_rows_per_s`."""

from __future__ import annotations

import time
from statistics import median

from bench import say, stage

ROWS = 50_000
LIMIT = 20_000
ROUNDS = 3


def main() -> None:
    """Import a sheet of new lines, from the kept upload to the last line written."""
    with stage.database():
        runs = [_import(run) for run in range(ROUNDS)]
        say("planning.import_rows_per_s", median(runs), "1/s", limit=LIMIT, n=ROWS)


def _import(run: int) -> float:
    """Rows a second of one sheet, through what the worker does: try, then apply."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from bench.planning._campaign import draft
    from console.campaigns.operations import imports
    from console.campaigns.sheets import Options

    # There is no broker here, and waiting for one is not what is measured.
    imports.ring = lambda _job_id: None
    campaign = draft(f"BULK-{run}", skus=ROWS)
    file = SimpleUploadedFile("lines.csv", _sheet())
    began = time.perf_counter()
    now = timezone.now()
    who = campaign.author
    job = imports.start(campaign.code, file, options=Options(), actor=who, now=now)
    _work(job.pk)
    imports.confirm(job.pk, mode="all", actor=who)
    _work(job.pk)
    seconds = time.perf_counter() - began
    if campaign.lines.count() != ROWS:
        raise RuntimeError("the sheet was not imported")
    return ROWS / seconds


def _sheet() -> bytes:
    rows = (f"B{n:06},{70 + n % 20}.50,{10 + n % 90},{n % 5}" for n in range(ROWS))
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
