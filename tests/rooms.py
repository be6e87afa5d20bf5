"""Writes docs/rooms.md: one line a file, taken from the file itself (`make rooms`)."""

from __future__ import annotations

import ast
import subprocess
from itertools import groupby
from pathlib import Path

from config.env import ROOT

HEAD = """# Rooms

Where things are: one line a file, each the first line of its docstring. Written by
`make rooms`; change the docstring, not this page. The map and its arrows are in the
README; `make check` proves that imports only point down.
"""


def sources() -> list[Path]:
    """Every module of ours, in the order of its path."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "*.py"]
    names = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    )
    wanted = [Path(n) for n in names.stdout.split() if n.split("/")[0] in PACKAGES]
    return sorted(p for p in wanted if "migrations" not in p.parts)


PACKAGES = ("config", "console", "sandbox", "bench")


def purpose(path: Path) -> str:
    """The first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse((ROOT / path).read_text())) or ""
    return " ".join(text.split("\n\n")[0].split())


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for room, files in groupby(sources(), key=_room):
        parts.append(f"\n## {room}\n")
        parts += [f"- `{path}`: {purpose(path)}" for path in files if purpose(path)]
    return "\n".join(parts) + "\n"


def _room(path: Path) -> str:
    return "/".join(path.parts[:2]) if path.parts[0] == "console" else path.parts[0]


if __name__ == "__main__":
    (ROOT / "docs/rooms.md").write_text(page())
