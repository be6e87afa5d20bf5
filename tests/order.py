"""Long files first, when workers share the files: at the end none works alone.

xdist's own order is by the number of tests in a file, and those that start servers and
browsers are few and long.
"""

from __future__ import annotations

from collections import Counter

import pytest

# The longest, by their seconds; the rest goes by the number of its tests.
LONG = (
    "tests/faults/test_runbook.py",
    "tests/browser/test_story.py",
    "tests/browser/test_every_page.py",
    "tests/browser/",
    "tests/shell/test_up.py",
    "tests/stock/faults/",
    "tests/config/test_access.py",
    "tests/sandbox/",
    "tests/bench/",
    "tests/campaigns/test_conflicts.py",
    "tests/campaigns/test_placing.py",
    "tests/campaigns/test_amendment",
    "tests/campaigns/test_bulk",
    "tests/campaigns/test_bundles.py",
    "tests/orders/",
    "tests/uplift/",
    "tests/config/test_settle.py",
    "tests/live/test_stream.py",
    "tests/stock/test_gate.py",
    "tests/prices/test_steps.py",
    "tests/prices/test_conflicts.py",
    "tests/capacity/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Sort whole files; within a file the order stays."""
    if not hasattr(config, "workerinput"):
        return
    tests = Counter(_file(item) for item in items)

    def place(item: pytest.Item) -> tuple[int, int, str]:
        file = _file(item)
        rank = next((n for n, long in enumerate(LONG) if file.startswith(long)), 99)
        return rank, -tests[file], file

    items.sort(key=place)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
