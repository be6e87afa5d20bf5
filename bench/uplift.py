"""How long an order history of 320,000 rows takes to come in: `make bench-uplift`."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import time
from pathlib import Path

import django

from bench import say, stage

ROWS = 320_000
SKUS = 3_000
HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,"
HEAD += "Country\n"


def main() -> None:
    """Measure in a child process, so that its memory is that of a worker alone.

    The file is the one named by the first argument; else one is made up.
    """
    with stage.database():
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else _made_up()
        context = multiprocessing.get_context("spawn")
        with context.Pool(1, initializer=django.setup) as workers:
            seconds, megabytes, rows = workers.apply(_import, [str(path)])
        say("uplift.import_s", seconds, "s", limit=_bare(path), n=rows)
        say("uplift.import_rss_mb", megabytes, "MB", n=rows)


def _import(path: str) -> tuple[float, float, int]:
    """Seconds from upload to done, the most memory this process held, and rows."""
    from django.contrib.auth.models import User
    from django.core.files.uploadedfile import UploadedFile
    from django.utils import timezone

    from console.uplift.operations import imports, studies
    from console.uplift.tasks import work

    # There is no broker here, and waiting for one is not what is measured.
    imports.ring, studies.ring = lambda _job_id: None, lambda: None
    began = time.perf_counter()
    with open(path, "rb") as file:  # noqa: PTH123
        job = imports.start(
            UploadedFile(file, Path(path).name, size=os.path.getsize(path)),  # noqa: PTH202
            zone="Europe/London",
            day_first=False,
            actor=User.objects.create_user("bench"),
            now=timezone.now(),
        )
    claimed = imports.claim(job.pk, now=timezone.now())
    if claimed is None:
        raise RuntimeError("another worker took the file")
    work(claimed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.perf_counter() - began, peak, claimed.seen


def _bare(path: Path) -> float:
    """Seconds to read and judge the same rows without keeping any."""
    from console.uplift.reading import history

    began = time.perf_counter()
    with history(str(path), zone="Europe/London", day_first=False) as file:
        for _ in file.rows():
            pass
    return time.perf_counter() - began


def _made_up() -> Path:
    """A file of the size and shape of a year of a wholesaler of gifts."""
    path = Path(os.environ["DATA_DIR"]) / "history.csv"
    with path.open("w") as out:
        out.write(HEAD)
        for n in range(ROWS):
            day, minute = n * 270 // ROWS, n % 540
            at = time.strftime("%Y-%m-%d", time.gmtime(1_291_161_600 + day * 86_400))
            at += f" {8 + minute // 60:02}:{minute % 60:02}:00"
            sku, price = n * 7_919 % SKUS, n % 97 / 10
            said = (
                f"{n // 20},S{sku},A THING,{n % 12 + 1},{at},{price},{n // 20 % 4000}"
            )
            out.write(said + ",United Kingdom\n")
    return path


if __name__ == "__main__":
    main()
