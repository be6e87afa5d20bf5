"""Imported histories as their pages show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from console.uplift.models import HistoryFile, LeftOutRow
from console.uplift.rules.rows import Reason

EXAMPLES = 3
SHOWN = 50


@dataclass(frozen=True)
class LeftOut:
    """Rows left out for one reason, with a few of them."""

    label: str
    count: int
    examples: Sequence[LeftOutRow]


@dataclass(frozen=True)
class Progress:
    """A file, and what became of its rows."""

    file: HistoryFile
    left_out: Sequence[LeftOut]

    @property
    def at_work(self) -> bool:
        """True while it is being read."""
        return self.file.state == HistoryFile.State.READING

    @property
    def percent(self) -> float:
        """How much of the file was read."""
        return 100 * self.file.position / self.file.size if self.file.size else 0.0


def files() -> list[HistoryFile]:
    """The histories, the newest first."""
    newest = HistoryFile.objects.select_related("by").order_by("-created_at", "-pk")
    return list(newest[:SHOWN])


def progress(file: HistoryFile) -> Progress:
    """How far a file is, and why rows were left out, the commonest reason first."""
    ranked = sorted(file.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return Progress(file, [_left_out(file, Reason(r), n) for r, n in ranked])


def _left_out(file: HistoryFile, reason: Reason, count: int) -> LeftOut:
    rows = file.left_out.filter(reason=reason).order_by("number")[:EXAMPLES]
    return LeftOut(reason.label, count, list(rows))


def left_out(file: HistoryFile) -> Iterator[list[str]]:
    """Every row that was left out, with its number and why, below the headings."""
    yield ["row", "reason", *file.headings]
    rows = file.left_out.order_by("number").values_list("number", "reason", "cells")
    for number, reason, cells in rows.iterator(chunk_size=2000):
        yield [str(number), Reason(reason).label, *cells]
