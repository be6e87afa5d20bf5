"""Logs are JSON lines that never carry the values a failing function held."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from console.shell import logs


@pytest.fixture
def line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """The line a failure writes."""
    root = logging.getLogger()
    kept = root.handlers[:]
    logs.configure({"level": "INFO"})
    try:
        _fail()
    except ValueError:
        structlog.get_logger("tests").exception("it failed\nreally", order="R-1")
    written = capsys.readouterr().err.splitlines()[-1]
    root.handlers[:] = kept
    return dict(json.loads(written))


def _fail() -> None:
    secret = "canary-in-a-local"
    raise ValueError(len(secret))


def test_a_failure_is_one_line_of_json(line: dict[str, object]) -> None:
    assert line["event"] == "it failed\nreally"
    assert line["order"] == "R-1"


def test_a_failure_does_not_print_the_values_it_held(line: dict[str, object]) -> None:
    assert "_fail" in json.dumps(line)
    assert "canary-in-a-local" not in json.dumps(line)
