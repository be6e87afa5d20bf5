"""Every guarantee of stock names tests that are there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from config.env import ROOT

NAMED = re.compile(r"`(?:(\w+\.py)::(\w+)|…(\w+))`")


def named() -> Iterator[tuple[str, str]]:
    """File and end of the name of each test the table of guarantees names."""
    text = (ROOT / "docs" / "stock.md").read_text()
    table = text.split("## Guarantees")[1].split("\n## ")[0]
    for line in table.splitlines():
        file = ""
        for found, whole, end in NAMED.findall(line):
            file = found or file
            yield file, whole or end


def test_every_guarantee_names_tests_that_are_there() -> None:
    files: defaultdict[str, str] = defaultdict(str)
    for path in ROOT.glob("tests/**/test_*.py"):
        files[path.name] += path.read_text()
    told = list(named())
    missing = [
        f"{file}::{name}"
        for file, name in told
        if not re.search(rf"def (\w*_)?{name}\(", files[file])
    ]
    assert len(told) > 50 and missing == []
