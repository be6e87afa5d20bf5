"""What somebody was told, on the disk before anything else is done about it."""

from __future__ import annotations

import os
from pathlib import Path


class Diary:
    """Lines of words; each is on the disk when `write` returns, whoever dies then."""

    def __init__(self, path: Path) -> None:
        """Go on with the file, or begin it."""
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def write(self, *words: str) -> None:
        """One line."""
        os.write(self._file, (" ".join(words) + "\n").encode())
        os.fsync(self._file)

    def close(self) -> None:
        """No more is written."""
        os.close(self._file)


def read(path: Path) -> list[list[str]]:
    """The words of each whole line; a file that was never begun has none."""
    if not path.exists():
        return []
    whole, _, _torn = path.read_text().rpartition("\n")
    return [line.split() for line in whole.splitlines()]
