"""What the pages of a sheet share: what is asked of it, and its bad rows as a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from django.http import HttpRequest, StreamingHttpResponse

from console.sheets.cells import SAID, own_headings
from console.sheets.job import SheetJob
from console.shell.files import download

Bad = tuple[int, str, Mapping[str, str]]
"""Number of a row, what is wrong with it, and its cells as given."""


def mode_of(request: HttpRequest) -> str:
    """What a person wants to be done about bad rows; nothing is written by default."""
    mode = request.POST.get("mode", "")
    return mode if mode in SheetJob.Mode.values else SheetJob.Mode.ALL


def bad_rows(
    name: str, job: SheetJob, rows: Iterable[Bad], *, ours: Sequence[str]
) -> StreamingHttpResponse:
    """Only the bad rows, as they were, with what is wrong, to be corrected.

    ours: the columns if the file is gone; else they are those of the sheet.
    """
    headings = _headings(job, ours)
    cells = (
        [number, wrong, *(raw.get(heading, "") for heading in headings)]
        for number, wrong, raw in rows
    )
    return download(name, "csv", [*SAID, *headings], cells)


def _headings(job: SheetJob, ours: Sequence[str]) -> list[str]:
    try:
        return own_headings(Path(job.file.path))
    except OSError:
        return list(ours)
