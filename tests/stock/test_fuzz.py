"""Whatever a machine makes up from the gate's own description, it is answered by it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from console.stock import operations as stock
from console.stock import queries
from console.stock.rules import Want
from tests import make
from tests.make import NOW
from tests.stock.conftest import Door
from tests.stock.fuzzhooks import UNDERSTOOD

ROOT = Path(__file__).parents[2]
HOOKS = {"SCHEMATHESIS_HOOKS": "tests.stock.fuzzhooks", "PYTHONPATH": str(ROOT)}
SEEN = "seen.txt"
REAL = """
[auth.openapi.token]
bearer = "{token}"

[dictionaries.campaigns]
values = ["FS-1"]
[dictionaries.skus]
values = ["{sku}"]
[dictionaries.sold_out]
values = ["{gone}"]

[parameters]
"query.campaign" = {{ dictionary = "campaigns", probability = 0.8 }}
"query.sku" = {{ dictionary = "skus", probability = 0.8 }}
"body.campaign" = {{ dictionary = "campaigns", probability = 0.8 }}
"body.lines[*].sku" = {{ dictionary = "skus", probability = 0.8 }}
"body.sku" = {{ dictionary = "sold_out", probability = 0.8 }}

[checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 403, 404, 409, 422, 429, "5xx"]
"""
"""What is made up is mostly of a sale and a SKU that there are. Where it is not, a body
as described is refused with 422: which codes may say so, the hooks check."""


def fuzz(door: Door, folder: Path, examples: int, **skus: str) -> dict[str, Any]:
    """Run schemathesis against a running gate, the same cases every time."""
    config, report = folder / "schemathesis.toml", folder / "fuzz.json"
    config.write_text(REAL.format(token=door.token, **skus))
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
            *("run", f"{door.url}/api/gate/v1/openapi.json"),
            *("--checks", "all", "--max-examples", str(examples)),
            *("--generation-deterministic", "--no-color"),
            *("--report", "json", "--report-json-path", str(report)),
        ],
        cwd=folder,
        env=os.environ | HOOKS | {"FUZZ_SEEN": str(folder / SEEN)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def _holds_up(door: Door, folder: Path, examples: int) -> None:
    one, gone = make.level(units=100_000).sku, make.level(units=1).sku
    wants = [Want(one.pk, 100_000), Want(gone.pk, 1, 1)]
    stock.lock("FS-1", wants=wants, actor=None, now=NOW)
    make.gate()
    found = fuzz(door, folder, examples, sku=one.code, gone=gone.code)
    assert not any(found["warnings"].values()), found["warnings"]
    assert set((folder / SEEN).read_text().split()) == set(UNDERSTOOD)
    for operation, phases in found["valid_rates"].items():
        assert phases["fuzzing"]["accepted"] > 0, operation
    assert queries.violations() == []
    assert queries.oversold("FS-1") == 0
    counts = queries.counters("FS-1", now=timezone.now())
    assert [n.sku_code for n in counts if n.reserved] == [one.code]


@pytest.mark.timeout(600)
def test_nothing_made_up_from_the_description_breaks_the_gate(
    door: Door, tmp_path: Path
) -> None:
    _holds_up(door, tmp_path, 40)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_nothing_made_up_for_long_breaks_the_gate(door: Door, tmp_path: Path) -> None:
    _holds_up(door, tmp_path, 2_000)
