"""What tests counted, told at the end of a run: by `make soak`, and by `make test`."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line for each test that recorded something, whichever worker ran it."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            figures = getattr(report, "user_properties", [])
            if report.when == "call" and figures:
                told = ", ".join(f"{name} {value}" for name, value in figures)
                terminalreporter.write_line(
                    f"{report.nodeid.rpartition('::')[2]}: {told}"
                )
