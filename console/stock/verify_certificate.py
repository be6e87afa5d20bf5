"""`python -m console.stock.verify_certificate FILE`: do certificates of a sale hold?

Needs no database, no settings and no network: each is computed again from its entries.
"""

from __future__ import annotations

import sys
from pathlib import Path

from console.stock.rules.recount import Recounted, recount


def verify(path: str) -> tuple[list[str], bool]:
    """What to tell about a file, line by line, and whether every certificate holds."""
    try:
        with Path(path).open(encoding="utf-8") as file:
            found = list(recount(file))
    except OSError as error:
        return [f"{path} cannot be read: {error.strerror}."], False
    except (ValueError, KeyError, TypeError, IndexError) as error:
        return [f"{path} is no file of certificates: {error}."], False
    if not found:
        return [f"{path} has no certificate."], False
    return [told(one) for one in found], not any(one.wrong for one in found)


def told(one: Recounted) -> str:
    """One certificate in a line."""
    name = f"{one.campaign} {one.sku}"
    if one.wrong:
        return f"VOID {name}: {'; '.join(one.wrong)}"
    return (
        f"Holds: {name}, {one.entries:,} entries, {one.oversold:,} oversold, {one.hash}"
    )


def main(arguments: list[str]) -> int:
    """0 if every certificate holds, 1 if one is void, 2 if no file was named."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python -m console.stock.verify_certificate FILE\n")
        return 2
    lines, holds = verify(arguments[0])
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
