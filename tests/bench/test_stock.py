"""Each part of the bench of stock says its figures, and what it computes is right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.stock._lane import percentiles
from bench.stock._oscar import READY
from bench.stock._pgbench import latencies
from bench.stock.flat import block_rates
from config.env import ROOT
from tests.bench.play import at_home

FIGURES = {
    "flat": {"stock.flatness", "stock.flat_last_rps", "stock.flat_checkpoints"},
    "gate": {
        "stock.gate_hot_rps",
        "stock.gate_wide_rps",
        "stock.gate_hot_512_rps",
        "stock.gate_wide_512_rps",
        "stock.gate_limited_rps",
        "stock.gate_p99_ms",
        "stock.ratio_to_empty",
    },
    "import_rows": {"stock.import_rows_per_s"},
    "layouts": {
        f"stock.layout_{figure} {name}"
        for figure in ("rps", "p99_ms")
        for name in ("hot row", "32 buckets", "SKIP LOCKED", "group commit")
    },
    "limits": {"stock.update_32_rps", "stock.batch_rps", "stock.empty_rps"},
    "memory": {"stock.gate_rss_mb", "stock.kb_per_1000_waiting"},
    "peer": {"stock.oscar_allocate_rps", "stock.gate_hot_rps over guarded"},
    "policies": {"stock.policy_apply_per_s", "stock.policy_save_s"},
    "soldout": {"stock.soldout_rps", "stock.soldout_transactions"},
}


def test_every_part_of_the_bench_is_known_here() -> None:
    files = (ROOT / "bench" / "stock").glob("[!_]*.py")
    assert {file.stem for file in files} == set(FIGURES)


# Each makes a database of its own, and some of them two servers.
@pytest.mark.soak
@pytest.mark.timeout(400)
@pytest.mark.parametrize("part", FIGURES)
def test_a_part_says_its_figures(part: str) -> None:
    if part == "peer" and not READY.exists():
        pytest.skip("django-oscar is installed by `make .venv-peers/ready`")
    done = at_home("-m", f"bench.stock.{part}", "--quick")
    assert done.returncode == 0, done.stderr
    said = {one["bench"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert FIGURES[part] <= set(said)
    rates = {name: one["value"] for name, one in said.items() if "_rps" in name}
    assert all(rate > 0 for rate in rates.values()), rates


def test_a_latency_is_read_from_the_log_of_pgbench(tmp_path: Path) -> None:
    log = tmp_path / "log.1"
    log.write_text("0 1 1250 0 1764300000 10\n1 1 900 0 1764300000 25\n")
    assert list(latencies(log)) == [0.00125, 0.0009]


def test_percentiles_are_in_milliseconds() -> None:
    p50, p99 = percentiles([n / 1000 for n in range(100, 0, -1)])
    assert (round(p50), round(p99)) == (51, 100)


def test_the_percentiles_of_a_single_answer_are_that_answer() -> None:
    assert percentiles([0.25]) == (250, 250)


def test_the_rate_of_a_block_ends_with_its_last_answer() -> None:
    first = [n / 10 for n in range(11)]
    second = [1 + n / 20 for n in range(1, 11)]
    rates = [round(rate, 6) for rate in block_rates(first[1:] + second, block=10)]
    assert rates == [round(10 / 0.9, 6), 20]


def test_a_part_that_fails_is_named_and_stops_no_other(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "__init__.py").touch()
    (room / "a.py").write_text("raise SystemExit(3)")
    (room / "b.py").write_text("import sys; print(sys.argv[1:])")
    (room / "_c.py").write_text("print('no figure')")
    play = "import room; from bench import parts; parts.run(room)"
    done = subprocess.run(
        [sys.executable, "-c", play, "--quick"],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "['--quick']"
    assert (done.returncode, done.stderr.strip()) == (1, "Failed: room.a")
