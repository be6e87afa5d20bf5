"""A history of a year comes in within a minute, in the memory of a small worker."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from config.env import ROOT


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_a_history_of_320_000_rows_takes_less_than_a_minute_and_500_mb() -> None:
    command = [sys.executable, "-m", "bench.uplift"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = {
        line["bench"]: line["value"]
        for line in map(json.loads, done.stdout.split("\n")[:-1])
    }
    assert found["uplift.import_s"] < 60
    assert found["uplift.import_rss_mb"] < 500
