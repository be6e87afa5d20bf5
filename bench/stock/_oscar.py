"""The peer of the gate: django-oscar on the same PostgreSQL, by four processes.

It lives in `.venv-peers` (`make .venv-peers/ready`); without it its figures are left
out, and the standard error says so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial

from psycopg.conninfo import conninfo_to_dict

from bench import stage
from bench.stock._pgbench import execute
from bench.stock._size import SECONDS

PYTHON = stage.ROOT / ".venv-peers" / "bin" / "python"
READY = stage.ROOT / ".venv-peers" / "ready"
PROCESSES = 4


def ready() -> bool:
    """Whether the peer is installed; says so where it is not."""
    if not READY.exists():
        sys.stderr.write("No .venv-peers: the figures of django-oscar are left out.\n")
    return READY.exists()


def works(*names: str) -> dict[str, Callable[[], Sequence[float]]]:
    """A work for each of these ways to allocate: its rate, and p50 and p99 in ms."""
    if not ready():
        return {}
    execute("CREATE DATABASE peer")
    _run("prepare")
    return {name: partial(_measured, name) for name in names}


def _measured(name: str) -> Sequence[float]:
    told = json.loads(_run(name, str(PROCESSES), str(SECONDS)).splitlines()[-1])
    return told["rps"], told["p50_ms"], told["p99_ms"]


def _run(*words: str) -> str:
    """What the peer prints."""
    where = conninfo_to_dict(os.environ["DATABASE_URL"])
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "bench.peers.settings",
        "PEER_HOST": str(where["host"]),
        "PEER_USER": str(where["user"]),
    }
    command = [str(PYTHON), "-m", "bench.peers.oscar", *words]
    done = subprocess.run(
        command, cwd=stage.ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout
