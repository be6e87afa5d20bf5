"""pgbench of the embedded PostgreSQL: one statement, over and over, by many clients."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import psycopg

from bench.stock._lane import percentiles
from bench.stock._size import SECONDS
from console.shell.stack.postgres import BIN


def execute(*statements: str) -> None:
    """Run these as they are, each committed by itself."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as db:
        for statement in statements:
            db.execute(statement)


def pgbench(script: str, *, clients: int) -> Callable[[], Sequence[float]]:
    """A work that runs a script: transactions a second, p50 and p99 in ms.

    Each client has a connection of its own and waits for each answer; all share one
    thread. Statements are prepared, and on the disk when they are answered.
    """

    def run() -> Sequence[float]:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "script.sql").write_text(script)
            rate = _bench(folder, clients)
            took = [one for log in Path(folder).glob("log.*") for one in latencies(log)]
        return rate, *percentiles(took)

    return run


def _bench(folder: str, clients: int) -> float:
    command = [str(BIN / "pgbench"), "--no-vacuum", "--protocol=prepared", "--log"]
    command += [f"--client={clients}", "--jobs=1", f"--time={SECONDS}"]
    command += [f"--file={folder}/script.sql", f"--log-prefix={folder}/log"]
    command += [os.environ["DATABASE_URL"]]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return float(done.stdout.rsplit("tps = ", 1)[1].split()[0])


def latencies(log: Path) -> Iterable[float]:
    """The seconds each transaction took, by the third column of pgbench's log (µs)."""
    with log.open() as lines:
        for line in lines:
            yield int(line.split()[2]) / 1e6
