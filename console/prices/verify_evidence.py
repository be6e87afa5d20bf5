"""`python -m console.prices.verify_evidence FILE`: does the evidence of a sale hold?

Needs no database, no settings and no network: the file is computed again from itself.
"""

from __future__ import annotations

import sys
from pathlib import Path

from console.prices.rules.evidence import Report, check


def verify(path: str) -> tuple[list[str], bool]:
    """What to tell about a file, line by line, and whether every part holds."""
    try:
        report = check(Path(path).read_bytes())
    except OSError as error:
        return [f"{path} cannot be read: {error.strerror}."], False
    return _told(report), report.holds


def _told(report: Report) -> list[str]:
    if not report.holds:
        return [f"VOID {void.part}: {void.why}" for void in report.void]
    return [
        f"Holds: {report.parts} parts, every link and every number computed again.",
        f"Seal {report.seal}",
        "Compare it with the entry prices.seal_evidence of the audit trail.",
    ]


def main(arguments: list[str]) -> int:
    """0 if every part holds, 1 if one is void, 2 if no file was named."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m console.prices.verify_evidence FILE\n")
        return 2
    lines, holds = verify(arguments[0])
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
